"""Translate a video, and correct the subtitles before it is rendered.

    python examples/translate_with_proofreading.py talk.mp4 --language Spanish --replace "HeyGen=HeyGen™" -o talk-es

The program writes the subtitles to talk-es.srt. With --edit it waits for Enter, so that you can correct them by hand.
With --replace it corrects them itself.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import anyio
from local import open_heygen, run, sample, show
from pysubs2 import SSAFile


async def main(video: Path, language: str, output: str, replacements: dict[str, str], *, edit: bool) -> None:
    subtitles = Path(f"{output}.srt")
    async with open_heygen() as heygen:
        [proofread] = await heygen.video_translations.proofreads.create_and_wait(
            video=video, output_languages=[language], title=video.stem, on_update=show
        )
        srt = await heygen.video_translations.proofreads.get_srt(proofread.id)
        await heygen.download(srt, subtitles, overwrite=True)

        correct(subtitles, replacements)
        if edit:
            print(f"Correct {subtitles}, save it, and press Enter.")
            await anyio.to_thread.run_sync(input, abandon_on_cancel=True)
        await heygen.video_translations.proofreads.update_srt(proofread.id, srt=subtitles)

        done = await heygen.video_translations.proofreads.generate_and_wait(proofread.id, on_update=show)
        print(await heygen.download(done, f"{output}.mp4", overwrite=True))


def correct(subtitles: Path, replacements: dict[str, str]) -> None:
    """Replace these words in every line."""
    lines = SSAFile.load(str(subtitles))
    for line in lines:
        for wrong, right in replacements.items():
            line.plaintext = line.plaintext.replace(wrong, right)
    lines.save(str(subtitles))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("video", nargs="?", type=Path, default=sample("video.mp4"))
    parser.add_argument("--language", default="Spanish")
    parser.add_argument("--replace", action="append", default=[], metavar="WRONG=RIGHT")
    parser.add_argument("--edit", action="store_true", help="wait for corrections by hand")
    parser.add_argument("-o", "--output", default="translated", help="the name of the files, without the suffix")
    arguments = parser.parse_args()
    pairs = dict(pair.split("=", 1) for pair in arguments.replace)
    run(main(arguments.video, arguments.language, arguments.output, pairs, edit=arguments.edit))
