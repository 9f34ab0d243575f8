"""The guide for coding agents: the command prints it, and its code blocks run."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docs_support import blocks_of

import heygen_async
from heygen_async import AsyncHeyGen, errors
from heygen_async.testing import HeyGenEmulator

GUIDE = Path(heygen_async.__file__).parent / "cli" / "agents_guide.md"
TEXT = GUIDE.read_text(encoding="utf-8")
BLOCKS = {block.line: block for block in blocks_of(GUIDE) if block.language == "python"}


def program() -> SimpleNamespace:
    """Every block in a namespace of its own; together the names that they define."""
    defined: dict[str, Any] = {}
    for block in BLOCKS.values():
        names: dict[str, Any] = {}
        exec(block.compile(), names)
        defined |= {name: names[name] for name in re.findall(r"^(?:async )?def (\w+)", block.source, re.MULTILINE)}
    return SimpleNamespace(**defined)


def test_the_command_prints_the_guide() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "heygen_async", "agents-md"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == TEXT


def test_the_guide_has_the_form_of_a_skill_and_is_short() -> None:
    front, _ = TEXT.removeprefix("---\n").split("\n---\n", 1)
    fields = dict(line.split(": ", 1) for line in front.splitlines())
    assert fields["name"] == "heygen-async"
    assert 0 < len(fields["description"]) <= 1024
    assert len(TEXT.splitlines()) < 200


def test_the_guide_names_exceptions_that_exist() -> None:
    named = set(re.findall(r"`(\w+Error)`", TEXT))
    assert len(named) > 8
    assert named <= set(errors.__all__)


async def test_every_block_of_the_guide_runs(
    client: AsyncHeyGen,
    api: HeyGenEmulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", api.key)
    monkeypatch.setenv("HEYGEN_BASE_URL", api.url)
    monkeypatch.chdir(tmp_path)
    guide = program()
    await guide.quickstart()
    assert (tmp_path / "tour.mp4").stat().st_size > 1000
    video_id = await guide.greet(client, "Hello.")
    assert await guide.finish(client, video_id, tmp_path) == f"saved {tmp_path / video_id}.mp4"
    assert len(await guide.voice_names(client)) > 10
    assert await guide.welcome(client, ["Ada", "Alan"]) == []
    assert len(list((tmp_path / "videos").iterdir())) == 2
    app = guide.app_of("whsec_mine")
    async with app.router.lifespan_context(app):
        assert [route.path for route in app.routes] == ["/webhooks/heygen"]
    assert len(vars(guide)) == len(BLOCKS)  # All but `check_tour`, which has a clock of its own, are called above.


def test_the_test_of_the_guide_runs() -> None:
    asyncio.run(program().check_tour())
