"""Prompts for the Video Agent, built scene by scene in the form of HeyGen's guide and checked against its rules.

```python
from heygen_async.prompts import Prompt, Scene


def report(signups: str) -> str:
    graphic = (
        "Dark grid, pulsing",
        f'"{signups}" slams in from the left',
        "Three cards cascade",
        "A ticker slides below",
    )
    prompt = Prompt(
        format="A 40-second report, fast and data-dense",
        on_screen=[signups],
        scenes=[
            Scene(kind="a-roll", seconds=8, voiceover="January was a record month."),
            Scene(kind="b-roll", seconds=12, voiceover="Sign-ups grew by a third.", layers=graphic),
            Scene(kind="a-roll", seconds=8, voiceover="And the year has just begun."),
            Scene(kind="b-roll", seconds=12, voiceover="Here is what comes next.", layers=graphic),
        ],
    )
    return prompt.text()
```

`Prompt.problems()` lists the rules that a prompt breaks. `Prompt.text()` returns the text for `video_agents.create`
if there are none, or with `check=False` in spite of them. The text contains only the fields that are set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Literal, TypeAlias

import msgspec

from .errors import PromptError
from .pricing import speaking_time
from .types.base import Problem

#: A speaker before the camera; a motion graphic alone; both side by side.
SceneKind: TypeAlias = Literal["a-roll", "b-roll", "overlay"]

#: The maximum length of a prompt.
MAX_CHARACTERS = 10_000
_HEADINGS = {"a-roll": "A-ROLL", "b-roll": "FULL SCREEN B-ROLL", "overlay": "A-ROLL + OVERLAY"}
_MAX_IN_A_ROW = 2  # scenes of one kind
_MIN_B_ROLLS = 2
_MIN_B_ROLL_SECONDS = 5.0  # a b-roll of this length or less is rendered black
_TEXT = "text"  # `where` of a problem of the whole text
_MIN_LAYERS = {"b-roll": 4, "overlay": 3}
_MIN_AVATAR_WORDS, _MAX_AVATAR_WORDS = 60, 100
_OPENING_QUOTE = re.compile(r'(^|[\s(\[{—–-])"')
_TOLERANCE = 1.1  # a voice-over may be a tenth longer than its scene


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """One scene of a prompt.

    Args:
        kind: A speaker (`a-roll`), a motion graphic (`b-roll`), or both (`overlay`).
        seconds: The length of the scene.
        voiceover: The spoken words.
        picture: The direction of the picture.
        layers: The layers of a motion graphic from the background up, each with its motion: slams in, counts up, …
        lower_third: The caption below a speaker.
        transition: The transition to the next scene.
    """

    kind: SceneKind
    seconds: float
    voiceover: str
    picture: str | None = None
    layers: Sequence[str] = ()
    lower_third: str | None = None
    transition: str | None = None

    def lines(self, number: int) -> list[str]:
        """Return the lines of the scene in the guide's form.

        Args:
            number: The number of the scene in the video, from 1.
        """
        lines = [f"SCENE {number} — {_HEADINGS.get(self.kind, self.kind)} ({self.seconds:g}s)"]
        if self.picture:
            lines.append(f"[{self.picture}]")
        if self.voiceover:
            lines.append(f"VOICEOVER: {_quote(self.voiceover)}")
        lines += [f"LAYER {place}: {layer}" for place, layer in enumerate(self.layers, 1)]
        if self.lower_third:
            lines.append(f"Lower-third: {_quote(self.lower_third)}")
        if self.transition:
            lines.append(f"{self.transition.rstrip('.')}.")
        return lines


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """A whole prompt. Only `format` and `scenes` are required.

    Args:
        format: The kind of the video, its length and its pace.
        scenes: The scenes in their order.
        tone: The register of the language.
        avatar: The presenter and the place, in 60 to 100 words.
        style: The visual style with its colors, letters and motion.
        on_screen: The words that the video must show exactly.
        music: The music.
        narration: The style of the narration.
    """

    format: str
    scenes: Sequence[Scene]
    tone: str | None = None
    avatar: str | None = None
    style: str | None = None
    on_screen: Sequence[str] = ()
    music: str | None = None
    narration: str | None = None

    @property
    def seconds(self) -> float:
        """The length of all scenes together."""
        return sum(scene.seconds for scene in self.scenes)

    def problems(self) -> list[Problem]:
        """Return the rules of the guide that the prompt breaks, in the order of its fields."""
        return list(self._problems())

    def _problems(self) -> Iterator[Problem]:
        if not self.format.strip():
            yield Problem("format", "it is empty; state the kind of video, its length and its pace")
        words = len((self.avatar or "").split())
        if self.avatar is not None and not _MIN_AVATAR_WORDS <= words <= _MAX_AVATAR_WORDS:
            yield Problem("avatar", f"it has {words} words; use {_MIN_AVATAR_WORDS} to {_MAX_AVATAR_WORDS}")
        yield from _scenes_problems(self.scenes)
        length = len(self._build())
        if length > MAX_CHARACTERS:
            yield Problem(_TEXT, f"it has {length:,} characters; the agent takes at most {MAX_CHARACTERS:,}")

    def text(self, *, check: bool = True) -> str:
        """Return the text for `video_agents.create`.

        Double quotes inside a voice-over, a lower third or on-screen words become typographic quotes (“ ”), since plain
        quotes enclose these texts.

        Args:
            check: Whether to raise for the problems that `problems()` lists.

        Raises:
            PromptError: The prompt has problems; the message lists each on a line. Without `check`, only a text of more
                than 10,000 characters is one.
        """
        problems = [problem for problem in self.problems() if check or problem.where == _TEXT]
        if any(problem.where == _TEXT for problem in problems):
            raise PromptError(problems, "Shorten the prompt.")
        if problems:
            raise PromptError(problems, "Correct these problems, or use text(check=False) to take the prompt as it is.")
        return self._build()

    def _build(self) -> str:
        parts = _labelled({"FORMAT": self.format, "TONE": self.tone, "AVATAR": self.avatar, "STYLE": self.style})
        if self.on_screen:
            quotes = [f"- {_quote(words)}" for words in self.on_screen]
            parts.append("\n".join(["CRITICAL ON-SCREEN TEXT (display literally):", *quotes]))
        parts += ["\n".join(scene.lines(number)) for number, scene in enumerate(self.scenes, 1)]
        parts += _labelled({"MUSIC": self.music, "NARRATION STYLE": self.narration})
        return "\n\n".join(parts)


def _labelled(values: Mapping[str, str | None]) -> list[str]:
    return [f"{label}: {value}" for label, value in values.items() if value]


def _quote(words: str) -> str:
    return '"{}"'.format(_OPENING_QUOTE.sub(r"\1“", words).replace('"', "”"))


def _scenes_problems(scenes: Sequence[Scene]) -> Iterator[Problem]:
    """Yield the problems of each scene, then the problems of their order and number."""
    if not scenes:
        yield Problem("scenes", "there is none")
    for index, scene in enumerate(scenes):
        yield from _scene_problems(scene, f"scenes[{index}]")
    for kind, group in groupby(enumerate(scenes), key=lambda numbered: numbered[1].kind):
        row = [index for index, _ in group]
        if len(row) > _MAX_IN_A_ROW:
            yield Problem(f"scenes[{row[_MAX_IN_A_ROW]}].kind", f"the third {kind} in a row; change between kinds")
    b_rolls = sum(scene.kind == "b-roll" for scene in scenes)
    if scenes and b_rolls < _MIN_B_ROLLS:
        yield Problem("scenes", f"{b_rolls} of kind b-roll; a video needs at least {_MIN_B_ROLLS}")


def _scene_problems(scene: Scene, where: str) -> Iterator[Problem]:
    if scene.kind not in _HEADINGS:
        yield Problem(f"{where}.kind", f"{scene.kind!r} is unknown; use one of {', '.join(_HEADINGS)}")
    if not scene.seconds > 0:
        yield Problem(f"{where}.seconds", "it must be greater than 0")
    elif scene.kind == "b-roll" and scene.seconds <= _MIN_B_ROLL_SECONDS:
        reason = f"{scene.seconds:g} s; a b-roll of 5 s or less is rendered black, use 10 to 15 s"
        yield Problem(f"{where}.seconds", reason)
    if not scene.voiceover.strip():
        yield Problem(f"{where}.voiceover", "it is empty; every scene needs one")
    speech_seconds = speaking_time(scene.voiceover)
    if speech_seconds > scene.seconds * _TOLERANCE:
        reason = f"speaking it takes about {speech_seconds:.0f} s, but the scene has {scene.seconds:g} s"
        yield Problem(f"{where}.voiceover", reason)
    min_layers = _MIN_LAYERS.get(scene.kind, 0)
    if len(scene.layers) < min_layers:
        yield Problem(f"{where}.layers", f"{len(scene.layers)}; a {scene.kind} needs at least {min_layers}")
