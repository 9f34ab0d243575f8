"""Write speech while it is generated: one WAV file, and with --timestamps an SRT file.

python examples/speak.py "A text to be spoken." --timestamps -o speech
"""

from __future__ import annotations

import argparse
import io
import wave
from contextlib import ExitStack

from local import open_heygen, run
from speech_to_srt import subtitles

from heygen_async.types.base import Word
from heygen_async.types.models import SpeechAlignment, SpeechAudio


async def main(text: str, voice: str | None, output: str, *, timestamps: bool) -> None:
    words: list[Word] = []
    async with open_heygen() as heygen:
        voice = voice or (await heygen.voices.list(limit=1)).data[0].voice_id
        with ExitStack() as files:
            whole: wave.Wave_write | None = None
            async for part in heygen.models.stream_speech(text=text, voice_id=voice, with_timestamps=timestamps):
                if isinstance(part, SpeechAudio):
                    with wave.open(io.BytesIO(part.audio)) as sound:
                        if whole is None:
                            whole = files.enter_context(wave.open(f"{output}.wav", "wb"))
                            whole.setparams(sound.getparams())
                        whole.writeframes(sound.readframes(sound.getnframes()))
                elif isinstance(part, SpeechAlignment):
                    words += [
                        Word(word=word.text or "", start=word.start_time, end=word.end_time)
                        for word in part.word_alignments
                    ]
                    subtitles(words).save(f"{output}.srt")
    print(f"{output}.wav", *[f"{output}.srt"] * bool(words), sep="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text", nargs="?", default="This is a text to be spoken. It has two sentences, to be shown.")
    parser.add_argument("--voice", help="the id of a voice (default: the first)")
    parser.add_argument("--timestamps", action="store_true", help="write subtitles too")
    parser.add_argument("-o", "--output", default="speech", help="the name of the files, without the suffix")
    arguments = parser.parse_args()
    run(main(arguments.text, arguments.voice, arguments.output, timestamps=arguments.timestamps))
