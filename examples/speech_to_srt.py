"""Create speech with the times of its words, and write the sound and its subtitles.

python examples/speech_to_srt.py "A text to be spoken." -o speech
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from local import open_heygen, run
from pysubs2 import SSAEvent, SSAFile, make_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heygen_async.types.base import Word

MAX_LINE = 42  # characters of a subtitle line


def subtitles(words: Sequence[Word]) -> SSAFile:
    """Return lines of at most 42 characters with the times of their words; no line contains two sentences."""
    lines = SSAFile()
    for word in words:
        start, end = word.start or 0.0, word.end or 0.0
        last = lines[-1] if lines else None
        if last and not last.text.endswith((".", "!", "?")) and len(last.text) + 1 + len(word.word) <= MAX_LINE:
            last.text += f" {word.word}"
            last.end = make_time(s=end)
        else:
            lines.append(SSAEvent(make_time(s=start), make_time(s=end), word.word))
    return lines


async def main(text: str, output: str) -> None:
    async with open_heygen() as heygen:
        [voice, *_] = (await heygen.voices.list(engine="starfish", limit=1)).data
        speech = await heygen.voices.create_speech(text=text, voice_id=voice.voice_id)
        print(await heygen.download(speech, f"{output}.wav", overwrite=True))
    subtitles(speech.word_timestamps or []).save(f"{output}.srt")
    print(f"{output}.srt")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text", nargs="?", default="This is a text to be spoken. It has two sentences, to be shown.")
    parser.add_argument("-o", "--output", default="speech", help="the name of the files, without the suffix")
    arguments = parser.parse_args()
    run(main(arguments.text, arguments.output))
