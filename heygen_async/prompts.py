"""Prompts for the Video Agent, put together scene by scene after HeyGen's own guide, and checked by its rules.

A `Prompt` is what the agent reads best: what kind of video, who is seen, which words must stand on the screen, and each
scene with its voice-over, its seconds and the layers of its picture. `problems()` tells what the guide warns of, and
where; `text()` is the prompt, as `video_agents.create` takes it, when there are none, or with `check=False` all the
same. Nothing is invented: what is not given is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Literal, TypeAlias

import msgspec

from .errors import HeyGenError, InvalidInputError
from .pricing import speaking_time

#: Somebody speaks to the camera; a moving graphic alone; both side by side.
SceneKind: TypeAlias = Literal["a-roll", "b-roll", "overlay"]

MAX_CHARACTERS = 10_000
_NAMES = {"a-roll": "A-ROLL", "b-roll": "FULL SCREEN B-ROLL", "overlay": "A-ROLL + OVERLAY"}
_IN_A_ROW = 2  # scenes of one kind
_B_ROLLS = 2
_SHORTEST_B_ROLL = 5.0  # seconds; such short ones come out black
_TEXT = "text"  # where a problem of the whole stands
_LAYERS = {"b-roll": 4, "overlay": 3}
_AVATAR_WORDS = (60, 100)
_OPENING = re.compile(r'(^|[\s(\[{—–-])"')
_SLACK = 1.1  # a voice-over may be a tenth longer than its scene


class Problem(msgspec.Struct, frozen=True):
    """What the guide warns of: `where` (such as `scenes[2].voiceover`), and `why`."""

    where: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.why}"


class PromptError(InvalidInputError):
    """A prompt that is not what the guide asks for, or too long for the agent; `problems` are all of them."""

    def __init__(self, problems: Sequence[Problem], advice: str) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        HeyGenError.__init__(self, "\n".join([f"The prompt has {count} by the guide:", *map(str, problems), advice]))
        self.field: str = f"prompt.{problems[0].where}"
        self.value: object = problems
        self.expected: str = "a prompt by the guide"
        self.problems: Sequence[Problem] = problems


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """One scene.

    `voiceover` is what is heard, `seconds` how long it is. `picture` directs what is seen, `layers` stack a moving
    graphic from the background up (each with what it does: slams in, counts up, …), `lower_third` is a caption below a
    speaker, `transition` leads to the next scene.
    """

    kind: SceneKind
    seconds: float
    voiceover: str
    picture: str | None = None
    layers: Sequence[str] = ()
    lower_third: str | None = None
    transition: str | None = None

    def lines(self, number: int) -> list[str]:
        """The scene in the guide's form."""
        lines = [f"SCENE {number} — {_NAMES.get(self.kind, self.kind)} ({self.seconds:g}s)"]
        if self.picture:
            lines.append(f"[{self.picture}]")
        if self.voiceover:
            lines.append(f"VOICEOVER: {_quoted(self.voiceover)}")
        lines += [f"LAYER {place}: {layer}" for place, layer in enumerate(self.layers, 1)]
        if self.lower_third:
            lines.append(f"Lower-third: {_quoted(self.lower_third)}")
        if self.transition:
            lines.append(f"{self.transition.rstrip('.')}.")
        return lines


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """A whole prompt; only `format` and `scenes` are needed.

    `format` says what kind of video, how long and how lively; `tone` its register; `avatar` who is seen, and where, in
    60 to 100 words; `style` a look with its colours, letters and motion; `on_screen` the words that must be shown
    exactly; `music` and `narration` what it sounds like.
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
        """How long the scenes are together."""
        return sum(scene.seconds for scene in self.scenes)

    def problems(self) -> list[Problem]:
        """What the guide warns of, in the order in which it stands in the prompt; none when all is well."""
        return list(self._problems())

    def _problems(self) -> Iterator[Problem]:
        if not self.format.strip():
            yield Problem("format", "it is empty; say what kind of video, how long, and how lively")
        words = len((self.avatar or "").split())
        least, most = _AVATAR_WORDS
        if self.avatar is not None and not least <= words <= most:
            yield Problem("avatar", f"{words} words; {least} to {most} describe somebody well")
        if not self.scenes:
            yield Problem("scenes", "there is none")
        for index, scene in enumerate(self.scenes):
            yield from _of_scene(scene, f"scenes[{index}]")
        for kind, group in groupby(enumerate(self.scenes), key=lambda numbered: numbered[1].kind):
            row = [index for index, _ in group]
            if len(row) > _IN_A_ROW:
                yield Problem(f"scenes[{row[_IN_A_ROW]}].kind", f"the third {kind} in a row; change between kinds")
        alone = sum(scene.kind == "b-roll" for scene in self.scenes)
        if self.scenes and alone < _B_ROLLS:
            yield Problem("scenes", f"{alone} of kind b-roll; at least {_B_ROLLS} carry a video")
        length = len(self._written())
        if length > MAX_CHARACTERS:
            yield Problem(_TEXT, f"{length:,} characters; the agent takes {MAX_CHARACTERS:,}")

    def text(self, *, check: bool = True) -> str:
        """The prompt, as `video_agents.create` takes it.

        Double quotes inside a voice-over, a lower third or on-screen words become typographic ones (“ ”), since plain
        ones stand around the whole.

        Args:
            check: Without it the text is given whatever `problems()` says.

        Raises:
            PromptError: An `InvalidInputError` whose message tells all problems, one a line; without `check` the only
                one is a text of more than 10,000 characters.
        """
        problems = [one for one in self.problems() if check or one.where == _TEXT]
        if any(one.where == _TEXT for one in problems):
            raise PromptError(problems, "Correct this; the agent takes no longer one. Nothing was sent.")
        if problems:
            advice = "Correct them, or take the prompt as it is: text(check=False). Nothing was sent."
            raise PromptError(problems, advice)
        return self._written()

    def _written(self) -> str:
        parts = _labelled({"FORMAT": self.format, "TONE": self.tone, "AVATAR": self.avatar, "STYLE": self.style})
        if self.on_screen:
            quoted = [f"- {_quoted(words)}" for words in self.on_screen]
            parts.append("\n".join(["CRITICAL ON-SCREEN TEXT (display literally):", *quoted]))
        parts += ["\n".join(scene.lines(number)) for number, scene in enumerate(self.scenes, 1)]
        parts += _labelled({"MUSIC": self.music, "NARRATION STYLE": self.narration})
        return "\n\n".join(parts)


def _labelled(values: Mapping[str, str | None]) -> list[str]:
    return [f"{label}: {value}" for label, value in values.items() if value]


def _quoted(words: str) -> str:
    return '"{}"'.format(_OPENING.sub(r"\1“", words).replace('"', "”"))


def _of_scene(scene: Scene, where: str) -> Iterator[Problem]:
    if scene.kind not in _NAMES:
        yield Problem(f"{where}.kind", f"{scene.kind!r}; there are {', '.join(_NAMES)}")
    if not scene.seconds > 0:
        yield Problem(f"{where}.seconds", "a scene takes some time")
    elif scene.kind == "b-roll" and scene.seconds <= _SHORTEST_B_ROLL:
        short = f"{scene.seconds:g} s; a b-roll of 5 s or less comes out black, take 10 to 15"
        yield Problem(f"{where}.seconds", short)
    if not scene.voiceover.strip():
        yield Problem(f"{where}.voiceover", "it is empty; every scene needs one")
    spoken = speaking_time(scene.voiceover)
    if spoken > scene.seconds * _SLACK:
        long = f"it takes about {spoken:.0f} s to say, the scene has {scene.seconds:g} s"
        yield Problem(f"{where}.voiceover", long)
    least = _LAYERS.get(scene.kind, 0)
    if len(scene.layers) < least:
        yield Problem(f"{where}.layers", f"{len(scene.layers)}; a {scene.kind} needs at least {least}")
