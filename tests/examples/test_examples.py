"""The examples, run as a person runs them."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import os
import re
import signal
import sys
import wave
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType

import pytest
from pysubs2 import SSAFile
from support import PNG, THINKING

from heygen_async import AmbiguousRequestError, AsyncHeyGen
from heygen_async.testing import Fault, HeyGenEmulator, Plan

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[2] / "examples"
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


async def start(
    *arguments: object, script: str = "prompt_to_video.py", cwd: Path | None = None, **environment: str
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", str(EXAMPLES / script), *map(str, arguments), cwd=cwd, stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=os.environ | environment,
    )  # fmt: skip


@pytest.fixture
async def slow() -> object:
    """A local HeyGen by the real clock."""
    async with HeyGenEmulator(render_seconds=3600) as emulator:
        yield emulator


async def arrived(api: HeyGenEmulator, operation: str, process: asyncio.subprocess.Process) -> None:
    """Until the program has asked for this; it must not end before."""
    while not api.requests_for(operation):
        assert process.returncode is None, (await process.communicate())[1].decode()
        await asyncio.sleep(0.01)


def environment(api: HeyGenEmulator) -> dict[str, str]:
    return {"HEYGEN_API_KEY": api.key, "HEYGEN_BASE_URL": api.url}


async def test_without_a_key_it_makes_a_video_locally(document: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    process = await start(document, "-o", out)
    out_text, errors = (text.decode() for text in await process.communicate())
    assert process.returncode == 0, errors
    assert out_text.strip() == str(out)
    assert out.read_bytes()[4:8] == b"ftyp"
    assert errors.count("No HEYGEN_API_KEY") == 1
    assert "3 scenes, 3 files" in errors
    assert "drawing.svg (HeyGen takes no .svg)" in errors
    assert "none.png (not there)" in errors
    assert "\x1b" not in errors


async def test_ctrl_c_prints_how_to_resume(document: Path, tmp_path: Path, slow: HeyGenEmulator) -> None:
    slow.plan(THINKING)
    process = await start(document, "-o", tmp_path / "out.mp4", **environment(slow))
    await arrived(slow, "VideoAgentGet", process)
    process.send_signal(signal.SIGINT)
    errors = (await process.communicate())[1].decode()
    session_id = next(iter(slow.state.jobs_of_kind("session"))).id
    assert process.returncode == 130, errors
    assert f"--session {session_id}" in errors
    assert "Traceback" not in errors
    assert slow.requests_for("VideoAgentStop") == []
    assert not (tmp_path / "out.mp4").exists()

    for job in slow.state.jobs.values():
        job.end(slow.clock.time(), "generating" if job.kind == "session" else "completed")
    process = await start(document, "-o", tmp_path / "out.mp4", "--session", session_id, **environment(slow))
    assert await process.wait() == 0, (await process.communicate())[1].decode()
    assert (tmp_path / "out.mp4").exists()
    assert len(slow.requests_for("VideoAgentCreate")) == 1


async def test_ctrl_c_stops_the_session_with_stop_on_cancel(document: Path, slow: HeyGenEmulator) -> None:
    slow.plan(THINKING)
    process = await start(document, "--stop-on-cancel", **environment(slow))
    await arrived(slow, "VideoAgentGet", process)
    process.send_signal(signal.SIGINT)
    errors = (await process.communicate())[1].decode()
    assert process.returncode == 130, errors
    assert len(slow.requests_for("VideoAgentStop")) == 1


async def test_ctrl_c_during_create_names_the_list(document: Path, slow: HeyGenEmulator) -> None:
    slow.inject(Fault("silent", operation="VideoAgentCreate"))
    process = await start(document, **environment(slow))
    await arrived(slow, "VideoAgentCreate", process)
    process.send_signal(signal.SIGINT)
    errors = (await process.communicate())[1].decode()
    assert process.returncode == 130, errors
    assert "video_agents.list()" in errors


async def test_failures_print_one_line(document: Path, slow: HeyGenEmulator, tmp_path: Path) -> None:
    slow.plan(Plan(kind="session", fail_message="No such avatar.", seconds=0))
    process = await start(document, **environment(slow))
    errors = (await process.communicate())[1].decode()
    assert process.returncode == 1
    assert "error: The video agent session" in errors
    assert "No such avatar" in errors
    process = await start(tmp_path / "none.md", **environment(slow))
    assert b"is no file" in (await process.communicate())[1]
    assert process.returncode == 2


async def test_timeout_prints_how_to_resume(document: Path, slow: HeyGenEmulator) -> None:
    process = await start(document, "--timeout", "0.2", **environment(slow))
    errors = (await process.communicate())[1].decode()
    assert process.returncode == 1
    assert "Resume with" in errors


def example(name: str = "prompt_to_video") -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(EXAMPLES))
    spec.loader.exec_module(module)
    return module


def test_a_prompt_keeps_every_scene_within_the_limit(document: Path) -> None:
    module = example()
    prompt = module.build_prompt(module.read_document(document))
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


OUTPUT_FILES = {
    "avatar_video.py": ["avatar.mp4"],
    "cinematic_video.py": ["clip.mp4"],
    "design_and_clone_voice.py": [],
    "hyperframes_render.py": ["render.mp4"],
    "image_to_video.py": ["photo.mp4"],
    "lipsync.py": ["dubbed.mp4"],
    "photo_avatar.py": [],
    "speak.py": ["speech.wav"],
    "speech_to_srt.py": ["speech.wav", "speech.srt"],
    "studio_scenes.py": ["studio.mp4"],
    "template_video.py": ["template.mp4"],
    "translate_with_proofreading.py": ["translated.srt", "translated.mp4"],
}


async def run(script: str, cwd: Path, *arguments: object, said: str = "", **environment: str) -> str:
    """What it prints; it must end well."""
    process = await start(*arguments, script=script, cwd=cwd, **environment)
    out, errors = await process.communicate(said.encode())
    assert process.returncode == 0, errors.decode()
    return out.decode()


def test_every_example_is_run() -> None:
    here = {path.name for path in EXAMPLES.glob("*.py")}
    others = (
        "local.py prompt_to_video.py chat_session.py gallery.py web_app.py webhook_server.py migrate.py "
        "rows_on_dbos.py rows_on_streaq.py "  # in test_distributed_examples
        "rows_on_temporal.py"  # in distributed/temporal/test_commands
    )
    agents = "agent_langgraph.py agent_openai.py agent_pydantic_ai.py"  # in test_agent_examples
    assert here == {*OUTPUT_FILES, *others.split(), *agents.split()}


@pytest.mark.parametrize("framework", ["fastapi", "starlette", "aiohttp"])
async def test_web_app_receives_the_event_of_its_video(framework: str, tmp_path: Path) -> None:
    out = await run("webhook_server.py", tmp_path, "--framework", framework)
    assert re.fullmatch(r"video_\w+ is done: evt_\w+, verified: True\n", out)


@pytest.mark.parametrize(("framework", "refused"), [("fastapi", 422), ("litestar", 400), ("aiohttp", 422)])
async def test_web_app_creates_a_video_and_refuses_a_misspelt_field(
    framework: str, refused: int, tmp_path: Path
) -> None:
    out = await run("web_app.py", tmp_path, "--framework", framework)
    assert re.search(rf"20[01] video_\w+\n200 pending\n{refused} True\n$", out)


@pytest.mark.parametrize("script", OUTPUT_FILES)
async def test_example_writes_its_files(script: str, tmp_path: Path) -> None:
    out = await run(script, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(OUTPUT_FILES[script])
    for name in OUTPUT_FILES[script]:
        assert name in out or name == "translated.srt"
        content = (tmp_path / name).read_bytes()
        assert content[4:8] == b"ftyp" if name.endswith(".mp4") else content[:4] == b"RIFF" or b" --> " in content


@pytest.fixture
def here(client: AsyncHeyGen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """An example whose HeyGen is the test's own, in a folder of its own."""

    @asynccontextmanager
    async def open_heygen() -> AsyncIterator[AsyncHeyGen]:
        yield client

    def load(name: str) -> ModuleType:
        module = example(name)
        monkeypatch.setattr(module, "open_heygen", open_heygen)
        monkeypatch.chdir(tmp_path)
        return module

    return load


async def test_new_looks_belong_to_the_same_avatar(here: Callable[[str], ModuleType], api: HeyGenEmulator) -> None:
    module = here("photo_avatar")
    await module.main(module.sample("thumbnail.jpg"), "Ada", ["at sea", "on land"])
    photo, *looks = (request.json for request in api.requests_for("AvatarCreate"))
    assert (photo["type"], *(look["prompt"] for look in looks)) == ("photo", "at sea", "on land")
    assert len({look["avatar_group_id"] for look in looks}) == 1


async def test_a_template_is_filled_in(here: Callable[[str], ModuleType], api: HeyGenEmulator) -> None:
    await here("template_video").main(None, {"first_name": "Ada"}, "out.mp4")
    variables = api.requests_for("TemplateGenerate")[0].json["variables"]
    assert variables["first_name"] == {"type": "text", "name": "first_name", "properties": {"content": "Ada"}}
    assert variables["picture"]["properties"]["url"]


async def test_a_folder_is_rendered(here: Callable[[str], ModuleType], api: HeyGenEmulator, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("<html>mine</html>")
    await here("hyperframes_render").main(tmp_path / "mine", {"title": "Hey"}, "out.mp4")
    sent = api.requests_for("HyperframesRenderCreate")[0].json
    assert sent["variables"] == {"title": "Hey"}
    content = api.state.assets[sent["project"]["asset_id"]]["content"]
    assert zipfile.ZipFile(io.BytesIO(content)).read("index.html") == b"<html>mine</html>"


async def test_speech_is_one_wav_and_its_subtitles(here: Callable[[str], ModuleType]) -> None:
    await here("speak").main("Good morning to all of you. It is a fine day.", None, "hello", timestamps=True)
    with wave.open("hello.wav") as whole:
        assert whole.getnframes() / whole.getframerate() == pytest.approx(11 * 0.4)
    assert [line.end / 1000 for line in SSAFile.load("hello.srt")] == [2.4, 4.4]


async def test_speech_that_breaks_off_leaves_what_was_spoken(
    here: Callable[[str], ModuleType], api: HeyGenEmulator
) -> None:
    api.inject(Fault("truncate", operation="ModelSpeechStream", position=2.5))
    with pytest.raises(AmbiguousRequestError):
        await here("speak").main("Good morning to all of you. It is a fine day.", None, "hello", timestamps=True)
    with wave.open("hello.wav") as whole:
        assert whole.getnframes() / whole.getframerate() == pytest.approx(5 * 0.4)
    assert SSAFile.load("hello.srt").events[0].text == "Good morning to all of"


async def test_a_proofread_is_corrected(here: Callable[[str], ModuleType], api: HeyGenEmulator, tmp_path: Path) -> None:
    module = here("translate_with_proofreading")
    await module.main(module.sample("video.mp4"), "Spanish", "talk", {}, edit=False)
    word = (tmp_path / "talk.srt").read_text().split()[-1]
    await module.main(module.sample("video.mp4"), "Spanish", "talk", {word: "CORRECTED"}, edit=False)
    asset = api.state.assets[api.requests_for("VideoTranslateProofreadsSrtUpdate")[-1].json["srt"]["asset_id"]]
    assert b"CORRECTED" in asset["content"]


@pytest.mark.parametrize(("subject", "preview"), [("avatars", "data:image/svg+xml;base64,"), ("voices", "data:audio/")])
async def test_a_gallery_is_one_page_and_is_opened(subject: str, preview: str, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\necho $1 > {tmp_path}/opened\n")
    browser.chmod(0o755)
    await run("gallery.py", tmp_path, subject, "--limit", 7, BROWSER=str(browser))
    page = (tmp_path / "gallery.html").read_text()
    assert (page.count("<figure "), page.count(preview)) == (7, 7)
    assert page.count('class="copy" data-id="') == 7
    assert "<option>female</option>" in page
    assert (tmp_path / "opened").read_text().strip() == (tmp_path / "gallery.html").as_uri()


async def test_a_chat_at_a_terminal(
    here: Callable[[str], ModuleType], api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    module = here("chat_session")
    (tmp_path / "chart.png").write_bytes(PNG)
    monkeypatch.setattr("builtins.input", lambda _: "As in @chart.png")
    api.plan(Plan(kind="session", question="Which colours?"))
    await module.main("A tour", None, "chat.mp4")
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith(("you", "HeyGen"))] == [
        "you: A tour", "HeyGen: Which colours?", "you: As in @chart.png",
    ]  # fmt: skip
    sent = api.requests_for("VideoAgentSend")[0].json
    assert sent["message"] == "As in @chart.png"
    assert [file["type"] for file in sent["files"]] == ["asset_id"]
    assert (tmp_path / "chat.mp4").exists()


async def test_chat_resumes_in_a_later_run(tmp_path: Path) -> None:
    out = await run("chat_session.py", tmp_path, "A tour")
    assert re.search("^HeyGen: .*^> The session stays at HeyGen: --session session_", out, re.MULTILINE | re.DOTALL)


async def test_a_program_moves_over(
    here: Callable[[str], ModuleType], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.warns(DeprecationWarning, match="HeyGen ended v1 and v2"):
        await here("migrate").main("Hello there.", "m")
    assert Path("m-v2.mp4").read_bytes() == Path("m-v3.mp4").read_bytes()
    assert "await heygen.videos.create(AvatarVideo(script='Hello there.'" in capsys.readouterr().out
