"""Prompts for the Video Agent: their text, and the rules of the guide that they break."""

from __future__ import annotations

import pickle
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from heygen_async import AsyncHeyGen, InvalidInputError
from heygen_async.prompts import MAX_CHARACTERS, Prompt, PromptError, Scene
from heygen_async.testing import HeyGenEmulator

SPEAKER = Scene(
    kind="a-roll",
    seconds=8,
    voiceover="January was a record month.",
    lower_third="January",
    picture="Center-frame, leaning in",
)
GRAPHIC = Scene(
    kind="b-roll", seconds=12, voiceover="Sign-ups grew by a third.", transition="Grid wipe",
    layers=("Dark grid, pulsing", '"1.85M" slams in from the left', "Three cards cascade", "A ticker slides below"),
)  # fmt: skip
BOTH = Scene(kind="overlay", seconds=10, voiceover="Here is why.", layers=("Headline", "Two bars", "A counter"))
GOOD = Prompt(
    format="A 60-second report",
    tone="Confident",
    avatar=" ".join(["word"] * 70),
    style="Swiss: black, white, electric blue",
    on_screen=("1.85M SIGNUPS", "+28%"),
    scenes=(SPEAKER, GRAPHIC, BOTH, GRAPHIC, SPEAKER),
    music="A driving beat",
    narration="Fast on the numbers",
)


def test_text_has_the_form_of_the_guide() -> None:
    assert GOOD.problems() == []
    text = GOOD.text()
    parts = text.split("\n\n")
    assert [part.partition(":")[0] for part in parts[:4]] == ["FORMAT", "TONE", "AVATAR", "STYLE"]
    assert parts[4] == 'CRITICAL ON-SCREEN TEXT (display literally):\n- "1.85M SIGNUPS"\n- "+28%"'
    assert parts[5].splitlines() == [
        "SCENE 1 — A-ROLL (8s)", "[Center-frame, leaning in]", 'VOICEOVER: "January was a record month."',
        'Lower-third: "January"',
    ]  # fmt: skip
    assert parts[6].splitlines()[0] == "SCENE 2 — FULL SCREEN B-ROLL (12s)"
    assert parts[6].splitlines()[-1] == "Grid wipe."
    assert 'LAYER 2: "1.85M" slams in from the left' in parts[6]
    assert parts[7].startswith("SCENE 3 — A-ROLL + OVERLAY (10s)")
    assert parts[-2:] == ["MUSIC: A driving beat", "NARRATION STYLE: Fast on the numbers"]
    assert GOOD.seconds == 50
    bare = Prompt(format="A report", scenes=(SPEAKER, GRAPHIC, SPEAKER, GRAPHIC)).text()
    assert not any(word in bare for word in ("TONE", "AVATAR", "STYLE", "CRITICAL", "MUSIC", "NARRATION"))


async def test_create_sends_the_text(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    await client.video_agents.create(prompt=GOOD.text())
    assert api.requests[0].json == {"prompt": GOOD.text()}


@pytest.mark.parametrize(
    ("change", "where", "why"),
    [
        ({"format": " "}, "format", "empty"),
        ({"avatar": "A man"}, "avatar", "2 words"),
        ({"avatar": " ".join(["word"] * 101)}, "avatar", "101 words"),
        ({"scenes": ()}, "scenes", "there is none"),
        ({"scenes": (SPEAKER, SPEAKER, SPEAKER, GRAPHIC, BOTH, GRAPHIC)}, "scenes[2].kind", "third a-roll in a row"),
        ({"scenes": (GRAPHIC, SPEAKER, BOTH)}, "scenes", "1 of kind b-roll"),
        ({"tone": "x" * MAX_CHARACTERS}, "text", "10,000"),
    ],
)
def test_problems_name_the_broken_rule(change: dict[str, Any], where: str, why: str) -> None:
    wrong = msgspec.structs.replace(GOOD, **change)
    assert [problem.where for problem in wrong.problems()] == [where]
    assert why in wrong.problems()[0].why
    with pytest.raises(InvalidInputError, match="by the guide") as raised:
        wrong.text()
    assert raised.value.field == f"prompt.{where}"


def test_error_lists_every_problem() -> None:
    long = msgspec.structs.replace(GRAPHIC, voiceover="word " * 200, layers=())
    wrong = msgspec.structs.replace(GOOD, format="", avatar="A man", scenes=(long, long, long))
    with pytest.raises(PromptError) as raised:
        wrong.text()
    lines = str(raised.value).splitlines()
    assert lines[1:-1] == [str(problem) for problem in wrong.problems()]
    assert len(lines) == 11
    assert lines[0] == "The prompt has 9 problems by the guide:"
    assert "check=False" in lines[-1]
    assert raised.value.problems == wrong.problems()
    again = pickle.loads(pickle.dumps(raised.value))
    assert (str(again), again.problems) == (str(raised.value), wrong.problems())


def test_unchecked_text_fails_only_when_too_long() -> None:
    short = Prompt(format="A report", scenes=(SPEAKER,))
    assert short.problems()
    assert short.text(check=False).startswith("FORMAT: A report\n\nSCENE 1")
    with pytest.raises(PromptError, match="10,000") as raised:
        msgspec.structs.replace(short, tone="x" * MAX_CHARACTERS).text(check=False)
    assert [problem.where for problem in raised.value.problems] == ["text"]
    assert "check=False" not in str(raised.value)


def test_inner_quotes_become_typographic() -> None:
    scene = msgspec.structs.replace(SPEAKER, voiceover='She said "go" ("now").', lower_third='"Q1"')
    text = Prompt(format='A "report"', scenes=(scene,), on_screen=('The "big" one', '24"')).text(check=False)
    assert 'FORMAT: A "report"' in text
    assert 'VOICEOVER: "She said “go” (“now”)."' in text
    assert 'Lower-third: "“Q1”"' in text
    assert '- "The “big” one"\n- "24”"' in text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"seconds": 5}, "seconds"),
        ({"seconds": 0, "voiceover": ""}, "seconds"),
        ({"voiceover": ""}, "voiceover"),
        ({"voiceover": "word " * 40}, "voiceover"),
        ({"layers": ("one", "two", "three")}, "layers"),
        ({"kind": "c-roll"}, "kind"),
    ],
)
def test_problems_name_the_scene_and_its_field(change: dict[str, Any], field: str) -> None:
    scene = msgspec.structs.replace(GRAPHIC, **change)
    wrong = msgspec.structs.replace(GOOD, scenes=(GRAPHIC, SPEAKER, GRAPHIC, SPEAKER, scene))
    assert f"scenes[4].{field}" in {problem.where for problem in wrong.problems()}
    assert str(wrong.problems()[0]).startswith("scenes[4].")


@given(st.lists(st.sampled_from([SPEAKER, GRAPHIC, BOTH]), min_size=1, max_size=12))
def test_order_and_number_of_kinds_follow_the_guide(scenes: list[Scene]) -> None:
    kinds = [scene.kind for scene in scenes]
    thrice = any(len({*kinds[i : i + 3]}) == 1 for i in range(len(kinds) - 2))
    found = {
        problem.where.rpartition(".")[2] for problem in msgspec.structs.replace(GOOD, scenes=tuple(scenes)).problems()
    }
    assert ("kind" in found) == thrice
    assert ("scenes" in found) == (kinds.count("b-roll") < 2)
