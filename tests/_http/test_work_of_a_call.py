"""What the SDK does for one call, counted: functions that run and modules that are looked up."""

import builtins
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from support import counted_steps

import heygen_async
from heygen_async import AsyncHeyGen
from heygen_async.types.videos import AvatarVideo

PACKAGE = str(Path(heygen_async.__file__).parent)
EMULATOR = str(Path(PACKAGE, "testing"))
REQUEST = AvatarVideo(avatar_id="avatar_1", script="Hello. This is a tour.", voice_id="voice_0241", title="A tour")


@pytest.fixture(autouse=True)
def no_debug_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("WARNING", "heygen_async")


async def functions_of(call: Callable[[], Awaitable[object]]) -> set[str]:
    """Return the functions of the SDK that run for the second of two calls."""
    await call()
    with counted_steps(PACKAGE, without=EMULATOR) as steps:
        await call()
    return set(steps)


async def imports_of(call: Callable[[], Awaitable[object]], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the modules that functions of the SDK import during the second of two calls."""
    await call()
    found: list[str] = []
    import_module = builtins.__import__

    def note(name: str, globals: dict[str, object] | None = None, *arguments: object) -> object:
        file = str((globals or {}).get("__file__"))
        if file.startswith(PACKAGE) and not file.startswith(EMULATOR):
            found.append(name)
        return import_module(name, globals, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "__import__", note)
        await call()
    return found


async def test_a_get_runs_few_functions(client: AsyncHeyGen) -> None:
    video = await client.videos.create(REQUEST)
    found = await functions_of(lambda: client.videos.get(video.video_id))
    assert "decoding.py ResponseDecoder.__call__" in found
    assert "exchange.py Exchange.read" not in found  # the body arrived with the head
    assert len(found) <= 30, sorted(found)


async def test_a_create_without_files_runs_few_functions(client: AsyncHeyGen) -> None:
    found = await functions_of(lambda: client.videos.create(REQUEST))
    assert "request_files.py upload_files_in_body" not in found
    assert len(found) <= 56, sorted(found)


async def test_a_call_imports_nothing(client: AsyncHeyGen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a module that is loaded costs microseconds when a function imports it."""
    assert await imports_of(lambda: client.videos.create(REQUEST), monkeypatch) == []
    assert await imports_of(client.users.me, monkeypatch) == []
