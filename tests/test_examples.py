"""The examples, run as a person runs them."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import sys
from pathlib import Path
from types import ModuleType

import pytest
from conftest import PNG

from heygen_async.testing import Fault, HeyGenEmulator, Plan

EXAMPLES = Path(__file__).parent.parent / "examples"
DOCUMENT = (
    """# A tour of the app

![the logo](logo.png) and <img src="shot.jpeg"> and [the paper](paper.pdf), not ![a drawing](drawing.svg)

## First steps

Open it. Look [around](https://example.com/around.png), there is ![none](none.png).

## The end

"""
    + "It is a long story. " * 900
)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    for name, content in (
        ("logo.png", PNG),
        ("shot.jpeg", b"\xff\xd8\xff" + bytes(60)),
        ("paper.pdf", b"%PDF-1.7" + bytes(60)),
    ):
        (tmp_path / name).write_bytes(content)
    path = tmp_path / "tour.md"
    path.write_text(DOCUMENT, encoding="utf-8")
    return path


async def start(*arguments: object, **environment: str) -> asyncio.subprocess.Process:
    script = EXAMPLES / "prompt_to_video.py"
    return await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", str(script), *map(str, arguments),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=os.environ | environment,
    )  # fmt: skip


@pytest.fixture
async def slow() -> object:
    """A local HeyGen by the real clock."""
    async with HeyGenEmulator(render_seconds=3600) as emulator:
        yield emulator


async def arrived(api: HeyGenEmulator, operation: str, process: asyncio.subprocess.Process) -> None:
    """Until the program has asked for this; it must not end before."""
    while not api.asked(operation):
        assert process.returncode is None, (await process.communicate())[1].decode()
        await asyncio.sleep(0.01)


def environment(api: HeyGenEmulator) -> dict[str, str]:
    return {"HEYGEN_API_KEY": api.key, "HEYGEN_API_URL": api.url}


async def test_without_a_key_it_makes_a_video_locally(document: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    process = await start(document, "-o", out)
    said, told = (text.decode() for text in await process.communicate())
    assert process.returncode == 0, told
    assert said.strip() == str(out)
    assert out.read_bytes()[4:8] == b"ftyp"
    assert told.count("No HEYGEN_API_KEY") == 1
    assert "3 scenes, 3 files" in told
    assert "drawing.svg (HeyGen takes no .svg)" in told
    assert "none.png (not there)" in told
    assert "\x1b" not in told


async def test_ctrl_c_tells_how_to_go_on(document: Path, tmp_path: Path, slow: HeyGenEmulator) -> None:
    process = await start(document, "-o", tmp_path / "out.mp4", **environment(slow))
    await arrived(slow, "VideoAgentGet", process)
    process.send_signal(signal.SIGINT)
    told = (await process.communicate())[1].decode()
    session_id = next(iter(slow.world.of_kind("session"))).id
    assert process.returncode == 130, told
    assert f"--session {session_id}" in told
    assert "Traceback" not in told
    assert slow.asked("VideoAgentStop") == []
    assert not (tmp_path / "out.mp4").exists()

    for job in slow.world.jobs.values():
        job.end(slow.clock.time(), "generating" if job.kind == "session" else "completed")
    process = await start(document, "-o", tmp_path / "out.mp4", "--session", session_id, **environment(slow))
    assert await process.wait() == 0, (await process.communicate())[1].decode()
    assert (tmp_path / "out.mp4").exists()
    assert len(slow.asked("VideoAgentCreate")) == 1


async def test_ctrl_c_stops_the_session_when_told_to(document: Path, slow: HeyGenEmulator) -> None:
    process = await start(document, "--stop-on-cancel", **environment(slow))
    await arrived(slow, "VideoAgentGet", process)
    process.send_signal(signal.SIGINT)
    told = (await process.communicate())[1].decode()
    assert process.returncode == 130, told
    assert len(slow.asked("VideoAgentStop")) == 1


async def test_ctrl_c_while_it_asks(document: Path, slow: HeyGenEmulator) -> None:
    slow.fault(Fault("silent", operation="VideoAgentCreate"))
    process = await start(document, **environment(slow))
    await arrived(slow, "VideoAgentCreate", process)
    process.send_signal(signal.SIGINT)
    told = (await process.communicate())[1].decode()
    assert process.returncode == 130, told
    assert "video_agents.list()" in told


async def test_what_goes_wrong_is_told_in_words(document: Path, slow: HeyGenEmulator, tmp_path: Path) -> None:
    slow.plan(Plan(kind="session", fail_message="No such avatar.", seconds=0))
    process = await start(document, **environment(slow))
    told = (await process.communicate())[1].decode()
    assert process.returncode == 1
    assert "error: The video agent session" in told
    assert "No such avatar" in told
    process = await start(tmp_path / "none.md", **environment(slow))
    assert b"is no file" in (await process.communicate())[1]
    assert process.returncode == 2


async def test_an_hour_is_too_long(document: Path, slow: HeyGenEmulator) -> None:
    process = await start(document, "--timeout", "0.2", **environment(slow))
    told = (await process.communicate())[1].decode()
    assert process.returncode == 1
    assert "Pick it up again with" in told


def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prompt_to_video", EXAMPLES / "prompt_to_video.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_a_prompt_keeps_every_scene_within_the_limit(document: Path) -> None:
    module = example()
    prompt = module.prompt_of(module.read_document(document))
    assert len(prompt) <= 10_000
    assert [line for line in prompt.splitlines() if line.startswith("Scene")] == [
        "Scene 1: A tour of the app",
        "Scene 2: First steps",
        "Scene 3: The end",
    ]
    assert prompt.endswith("story.")


def test_plain_text_is_one_scene(tmp_path: Path) -> None:
    module = example()
    path = tmp_path / "note.txt"
    path.write_text("One\nparagraph.\n\nAnother.")
    assert module.read_document(path).scenes[0].text == ["One paragraph.", "Another."]
