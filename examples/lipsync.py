"""Give a video another sound, with matching lips.

python examples/lipsync.py talk.mp4 voice.wav -o dubbed.mp4
"""

from __future__ import annotations

import argparse
from pathlib import Path

from local import open_heygen, run, sample, show


async def main(video: Path, audio: Path, output: str) -> None:
    async with open_heygen() as heygen:
        # Both files are uploaded in parallel.
        lipsync = await heygen.lipsyncs.create_and_wait(video=video, audio=audio, mode="precision", on_update=show)
        print(await heygen.download(lipsync, output, overwrite=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("video", nargs="?", type=Path, default=sample("video.mp4"))
    parser.add_argument("audio", nargs="?", type=Path, default=sample("speech.wav"))
    parser.add_argument("-o", "--output", default="dubbed.mp4")
    arguments = parser.parse_args()
    run(main(arguments.video, arguments.audio, arguments.output))
