"""Design a voice from a description, and clone a voice from a recording.

python examples/design_and_clone_voice.py recording.wav --describe "a calm, warm narrator"
"""

from __future__ import annotations

import argparse
from pathlib import Path

from local import open_heygen, run, sample, show


async def main(recording: Path, description: str) -> None:
    async with open_heygen() as heygen:
        designed = await heygen.voices.design(prompt=description, gender="female")
        for voice in designed.voices:
            print(f"designed {voice.voice_id}: {voice.name} {voice.preview_audio_url or ''}")
        clone = await heygen.voices.clone_and_wait(
            audio=recording, voice_name="My own", remove_background_noise=True, on_update=show
        )
        print(f"cloned {clone.voice_id}: {clone.name}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording", nargs="?", type=Path, default=sample("speech.wav"))
    parser.add_argument("--describe", default="a calm, warm narrator")
    arguments = parser.parse_args()
    run(main(arguments.recording, arguments.describe))
