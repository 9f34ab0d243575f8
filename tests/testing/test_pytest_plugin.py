"""The clock among other processes, and the fixtures, as a project's own tests meet them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

import heygen_async.testing
from heygen_async import AsyncHeyGen
from heygen_async.testing import Clock, Fault, HeyGenEmulator, Plan, external_activity

pytest_plugins = ["pytester"]
SLOW = 0.1  # seconds, twenty times what a jump grants


class Elsewhere(BaseHTTPRequestHandler):
    """A service that this loop knows nothing of, and that takes its time."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        time.sleep(SLOW)
        # In one write, so that the machine cannot put a pause between the head and the body.
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def sleep_a_minute() -> float:
    """Sleep for a minute of the loop's clock; return the real seconds that it took."""
    start = time.monotonic()
    await asyncio.sleep(60)
    return time.monotonic() - start


@asynccontextmanager
async def child(program: str, **options: Any) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-S", "-c", program, **options)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


# -- the clock, among other processes


async def test_an_answer_from_elsewhere_is_waited_for_and_an_idle_connection_is_not(
    api: HeyGenEmulator, service: str
) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=50)) as session:
        for _ in range(3):  # the second goes over the first one's connection
            async with session.get(service) as answer:
                assert await answer.read() == b"ok"
            assert await sleep_a_minute() < 60


async def test_a_connection_of_before_the_clock_is_known(service: str) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=50)) as session:
        for _ in range(2):
            with Clock().autojump():
                assert await sleep_a_minute() < 60
                async with session.get(service) as answer:
                    assert answer.status == 200
                assert await sleep_a_minute() < 60


async def test_a_child_process_is_waited_for(api: HeyGenEmulator) -> None:
    working = "import time; print('started', flush=True); time.sleep(0.2); print('done')"
    async with child(working, stdout=subprocess.PIPE) as process:
        said, _ = await asyncio.wait_for(process.communicate(), 600)
        assert said.split() == [b"started", b"done"]
    async with child(working, stdout=subprocess.DEVNULL) as process:
        assert await asyncio.wait_for(process.wait(), 600) == 0
    assert await sleep_a_minute() < 60


async def test_a_child_that_serves_does_not_hold_the_clock_for_ever(
    api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(external_activity, "_PATIENCE", 0.2)
    monkeypatch.setattr(external_activity, "_HINT_DELAY", 0.1)
    async with child("input()", stdin=subprocess.PIPE) as process:
        assert 0.1 < await sleep_a_minute() < 60
        assert process.returncode is None
        assert f"in progress: the child process {process.pid}." in caplog.text
        assert "autojump=False" in caplog.text


async def test_what_is_never_answered_does_not_hold_the_clock_for_ever(
    api: HeyGenEmulator, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(external_activity, "_PATIENCE", 0.2)
    host, _, port = service.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    assert 0.1 < await sleep_a_minute() < 60
    writer.write(b"GET ")
    assert 0.1 < await sleep_a_minute() < 60
    assert await sleep_a_minute() < 60
    writer.close()
    await writer.wait_closed()


async def test_what_the_loop_is_to_itself_holds_nothing(api: HeyGenEmulator, tmp_path: Path) -> None:
    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)
        writer.close()

    places = [
        (await asyncio.start_server(silent, "127.0.0.1", 0), asyncio.open_connection),
        (await asyncio.start_unix_server(silent, tmp_path / "s"), asyncio.open_unix_connection),
    ]
    for server, connect in places:
        place = server.sockets[0].getsockname()
        reader, writer = await connect(*([place] if isinstance(place, str) else place))
        writer.write(b"a question")
        began = time.monotonic()
        assert await reader.read() == b""
        assert time.monotonic() - began < 60
        writer.close()
        server.close()
        await server.wait_closed()


async def test_another_kind_of_loop_gets_a_clear_error() -> None:
    uvloop = pytest.importorskip("uvloop")

    async def jumping() -> None:
        async with HeyGenEmulator(autojump=True):
            pass

    def other() -> None:
        with (
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
            pytest.raises(RuntimeError, match=r"selector loop, not uvloop.Loop. Run the test on.*autojump=False"),
        ):
            runner.run(jumping())

    await asyncio.to_thread(other)


async def test_a_loop_lives_by_one_clock(api: HeyGenEmulator) -> None:
    with pytest.raises(RuntimeError, match=r"clock=first.clock"):
        await HeyGenEmulator(autojump=True).start()
    async with HeyGenEmulator(clock=api.clock) as second:
        before = second.clock.time()
        assert await sleep_a_minute() < 60
        assert second.clock.time() - before >= 60


# -- a local HeyGen in a thread of its own


def asked(api: HeyGenEmulator, path: str, body: Any = None) -> Any:
    """What it answers a client that blocks."""
    all_headers = {"X-Api-Key": api.key, "Content-Type": "application/json"}
    data = None if body is None else msgspec.json.encode(body)
    with urllib.request.urlopen(urllib.request.Request(api.url + path, data, all_headers), timeout=600) as answer:
        return msgspec.json.decode(answer.read())["data"]


def test_it_serves_a_test_that_is_no_coroutine(heygen_emulator_thread: HeyGenEmulator) -> None:
    api = heygen_emulator_thread
    video = {"type": "avatar", "avatar_id": "avatar_1", "script": "Hello there."}
    created = asked(api, "/v3/videos", video)["video_id"]
    assert asked(api, f"/v3/videos/{created}")["status"] == "completed"
    assert [charge.id for charge in api.ledger] == [created]
    assert [request.path for request in api.requests_for("VideoCreate")] == ["/v3/videos"]
    api.plan(Plan(seconds=300, fail_message="Too long."))
    created = asked(api, "/v3/videos", video)["video_id"]
    assert asked(api, f"/v3/videos/{created}")["status"] != "failed"
    api.clock.advance(300)
    assert asked(api, f"/v3/videos/{created}")["failure_message"] == "Too long."
    first, second = (asked(api, "/v3/videos", video)["video_id"] for _ in range(2))
    api.finish(first)
    api.fail(second, message="No.")
    assert asked(api, f"/v3/videos/{first}")["status"] == "completed"
    assert asked(api, f"/v3/videos/{second}")["failure_message"] == "No."
    api.inject(Fault("status", status=503))
    with pytest.raises(urllib.error.HTTPError, match="503"):
        asked(api, "/v3/users/me")
    with pytest.raises(KeyError):
        api.finish("none")


def test_a_program_with_a_loop_of_its_own_uses_it(heygen_emulator_thread: HeyGenEmulator) -> None:
    async def program() -> str:
        async with AsyncHeyGen(heygen_emulator_thread.key, base_url=heygen_emulator_thread.url) as heygen:
            session = await heygen.video_agents.create(prompt="A tour")
            return (await heygen.video_agents.get(session.session_id)).status

    assert asyncio.run(program()) == "completed"


def test_it_tells_of_events_from_its_own_thread(service: str) -> None:
    with HeyGenEmulator() as api:
        asked(api, "/v3/webhooks/endpoints", {"url": service})
        assert api.emit("video_agent.success", {"session_id": "session_1"}).startswith("evt_")
        assert len(api.state.events) == 1
    with pytest.raises(OSError, match="refused"):
        asked(api, "/v3/users/me")


def test_a_thread_of_its_own_cannot_make_another_loop_jump() -> None:
    with pytest.raises(RuntimeError, match="render_seconds=0"), HeyGenEmulator(autojump=True):
        pass


# -- the fixtures


def runs(pytester: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    """What a run says of a project with these tests. It loads the plugins that they use, and no others."""
    pytester.makepyfile(source)
    pytester._monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    plugins = ["-p", "pytest_asyncio.plugin", "-p", "anyio.pytest_plugin", "-p", "heygen_async.testing.pytest_plugin"]
    return pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "--strict-markers", "-W", "error", *plugins,
        "-o", "asyncio_default_fixture_loop_scope=function", *options, timeout=600,
    )  # fmt: skip


@pytest.mark.slow
def test_a_mark_gives_the_emulators_options(pytester: pytest.Pytester) -> None:
    run = runs(
        pytester,
        """
        import asyncio, time, pytest
        pytestmark = pytest.mark.heygen(balance=5, autojump=False)

        @pytest.mark.asyncio
        @pytest.mark.heygen(balance=7)
        async def test_it(heygen, heygen_emulator):
            began = time.monotonic()
            await asyncio.sleep(0.05)
            assert time.monotonic() - began >= 0.04
            assert (await heygen.users.me()).wallet.remaining_balance == 7

        def test_thread(heygen_emulator_thread):
            assert heygen_emulator_thread.state.balance == 5

        @pytest.mark.heygen(7)
        def test_wrong(heygen_emulator_thread):
            pass
        """,
    )
    run.assert_outcomes(passed=2, errors=1)
    run.stdout.fnmatch_lines(["*takes options by name, such as autojump=False*"])


@pytest.mark.slow
def test_a_synchronous_test_learns_which_fixture_it_needs(pytester: pytest.Pytester) -> None:
    run = runs(
        pytester,
        """
        import urllib.request

        def test_it(heygen_emulator):
            urllib.request.urlopen(heygen_emulator.url, timeout=0.1)
        """,
    )
    run.assert_outcomes(failed=1)
    run.stdout.fnmatch_lines(["*Use heygen_emulator_thread in such a test.*"])


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "outcome"), [("strict", {"passed": 1}), ("auto", {"errors": 1})])
def test_anyios_tests_run_unless_pytest_asyncio_claims_them_too(
    mode: str, outcome: dict[str, int], pytester: pytest.Pytester
) -> None:
    run = runs(
        pytester,
        """
        import pytest

        @pytest.mark.anyio
        @pytest.mark.parametrize("anyio_backend", ["asyncio"])
        async def test_it(heygen, heygen_emulator):
            await heygen.wait_for_video(await heygen.video_agents.create(prompt="A tour"))
            assert heygen_emulator.ledger
        """,
        "-o",
        f"asyncio_mode={mode}",
    )
    run.assert_outcomes(**outcome)
    if mode == "auto":
        run.stdout.fnmatch_lines(["*Leave out @pytest.mark.anyio*"])


def test_a_star_gives_what_the_package_is_for() -> None:
    found: dict[str, Any] = {}
    exec("from heygen_async.testing import *", found)
    del found["__builtins__"]
    assert sorted(found) == sorted(heygen_async.testing.__all__)


@pytest.mark.slow
def test_a_fault_that_no_request_met_is_reported(pytester: pytest.Pytester) -> None:
    result = runs(
        pytester,
        """
        import pytest
        from heygen_async.testing import Fault

        @pytest.mark.asyncio
        async def test_warned(heygen_emulator):
            heygen_emulator.inject(Fault("status", operation="VideoCreate"))

        @pytest.mark.heygen(strict_faults=True)
        def test_failed(heygen_emulator_thread):
            heygen_emulator_thread.inject(Fault("status", operation="VideoGet"))
        """,
        "-W", "default",
    )  # fmt: skip
    result.assert_outcomes(passed=2, errors=1, warnings=1)
    result.stdout.fnmatch_lines(["*UnusedFaultWarning: Fault('status', hits=0) was injected, but no request met it*"])


@pytest.mark.slow
def test_a_hint_is_in_the_summary_of_a_test_that_failed(pytester: pytest.Pytester) -> None:
    result = runs(
        pytester,
        """
        import pytest
        from heygen_async import NotFoundError
        from heygen_async.types.videos import AvatarVideo

        VIDEO = AvatarVideo(avatar_id="my_look", script="Hello.")

        @pytest.mark.asyncio
        async def test_failed(heygen):
            await heygen.videos.create(VIDEO)

        @pytest.mark.asyncio
        async def test_refused(heygen):
            with pytest.raises(NotFoundError):
                await heygen.videos.create(VIDEO)
        """,
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*hints of the HeyGen emulator*",
            "*::test_failed: POST /v3/videos: The emulator has no avatar 'my_look'. Make it known: HeyGenEmulator(*",
        ]
    )
    result.stdout.no_fnmatch_line("*test_refused: POST*")


@pytest.mark.slow
def test_settings_make_ids_known(pytester: pytest.Pytester) -> None:
    pytester.makefile(".jsonl", voices='{"voice_id": "v_account", "name": "Ada"}')
    pytester.makeini(
        """
        [pytest]
        heygen_known_avatars = my_look another
        heygen_known_languages = "Chinese (Wu)"
        heygen_account = voices.jsonl
        """
    )
    source = """
        import pytest
        from heygen_async import NotFoundError
        from heygen_async.types.videos import AvatarVideo

        async def create(heygen, avatar_id, voice_id):
            await heygen.videos.create(AvatarVideo(avatar_id=avatar_id, voice_id=voice_id, script="Hello."))

        @pytest.mark.asyncio
        @pytest.mark.heygen(known_voices=["v_mark"], known_avatars=["third"])
        async def test_known(heygen):
            await create(heygen, "my_look", "v_account")
            await create(heygen, "third", "v_mark")
            await heygen.video_translations.create(video="https://e.com/a.mp4", output_languages=["Chinese (Wu)"])
            with pytest.raises(NotFoundError):
                await create(heygen, "another", "voice_0001")

        @pytest.mark.asyncio
        async def test_any(heygen):
            await create(heygen, "any", "any")
        """
    runs(pytester, source).assert_outcomes(passed=1, failed=1)
    runs(pytester, source, "-o", "heygen_lenient=true").assert_outcomes(passed=1, failed=1)


def test_a_setting_chooses_the_plan(pytester: pytest.Pytester) -> None:
    source = """
        import pytest

        CLIP = "https://example.com/a.mp4"

        @pytest.mark.asyncio
        async def test_of_the_setting(heygen):
            await heygen.video_translations.proofreads.create(video=CLIP, output_languages=["German"], title="Talk")

        @pytest.mark.asyncio
        @pytest.mark.heygen(plan="enterprise")
        async def test_of_the_marker(heygen):
            await heygen.video_translations.proofreads.create(video=CLIP, output_languages=["German"], title="Talk")
    """
    runs(pytester, source).assert_outcomes(passed=2)
    result = runs(pytester, source, "-o", "heygen_plan=pay_as_you_go")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*hints of the HeyGen emulator*", "*heygen_plan in pytest's settings*"])
