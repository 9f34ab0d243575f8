"""The README and the guides in docstrings: their programs run, and their figures agree with the code."""

from __future__ import annotations

import asyncio
import atexit
import hmac
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import pytest
from docs_support import ROOT, CodeBlock, blocks_of, docstring_blocks, guide
from opentelemetry.sdk.trace import TracerProvider
from support import PNG

import heygen_async
import heygen_async.progress
from heygen_async import (
    AmbiguousRequestError,
    AsyncHeyGen,
    FileTokenStore,
    NotFoundError,
    OAuthClient,
    OAuthError,
    OAuthTokens,
    client,
)
from heygen_async._files.parallel_transfers import DEFAULT_CONCURRENCY
from heygen_async._http import retry_policy, shared_state
from heygen_async._http.configuration import GET_TOTAL, OTHER_TOTAL, Timeout
from heygen_async._jobs.kinds import POLL as VIDEO_POLL, QUICK_POLL
from heygen_async._jobs.poll_entry import EVENTS_POLL
from heygen_async._jobs.registry import ASSET
from heygen_async.batch import run
from heygen_async.testing import Fault, HeyGenEmulator, Plan
from heygen_async.types.videos import AvatarVideo

README = (ROOT / "README.md").read_text(encoding="utf-8")
PACKAGE = Path(heygen_async.__file__).parent
BLOCKS = [*blocks_of(ROOT / "README.md"), *docstring_blocks(PACKAGE)]


def code_of(part: str) -> CodeBlock:
    """Return the block that contains this text."""
    (found,) = [block for block in BLOCKS if part in block.source]
    return found


def block(part: str) -> SimpleNamespace:
    """Run the block that contains this text, and return the names that it defines."""
    names: dict[str, Any] = {"__name__": "readme"}
    exec(code_of(part).compile(), names)
    return SimpleNamespace(**names)


async def deliver(app: Any, secret: bytes, video_id: str) -> int:
    """Send a signed event to the app, and return the status of the response."""
    body = b'{"event_type": "avatar_video.success", "event_data": {"video_id": "%s"}}' % video_id.encode()
    signature = hmac.digest(secret, body, "sha256").hex().encode()
    headers = [(b"heygen-signature", signature), (b"heygen-timestamp", str(int(time.time())).encode())]
    scope = {"type": "http", "method": "POST", "path": "/webhooks/heygen", "headers": headers, "query_string": b""}
    responses: list[Any] = []
    receive = AsyncMock(return_value={"type": "http.request", "body": body})
    await app(scope, receive, AsyncMock(side_effect=responses.append))
    return int(responses[0]["status"])


async def test_first_program_downloads_the_video(
    api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", api.key)
    monkeypatch.setenv("HEYGEN_BASE_URL", api.url)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        asyncio, "run", lambda program: program.close()
    )  # a loop runs already; its main is awaited here
    await block("asyncio.run(main())").main()
    assert (tmp_path / "tour.mp4").stat().st_size > 1000


def test_the_local_quickstart_downloads_the_video(tmp_path: Path) -> None:
    program = code_of("asyncio.run(local_main())").source
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
    assert (tmp_path / "tour.mp4").stat().st_size > 1000


async def test_recipe_of_a_webhook_saves_the_video(
    api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", api.key)
    monkeypatch.setenv("HEYGEN_BASE_URL", api.url)
    monkeypatch.chdir(tmp_path)
    async with AsyncHeyGen() as heygen:
        video_id = (await heygen.videos.create(AvatarVideo(avatar_id="avatar_1", script="Hello."))).video_id
        await heygen.wait_for_video(video_id)
    recipe = block("acknowledge=")
    async with recipe.receiver:
        assert await deliver(recipe.app, b"whsec_mine", video_id) == 200
    assert (tmp_path / f"{video_id}.mp4").stat().st_size > 1000


async def test_recipe_of_a_thousand_waits_reports_every_end(
    client: AsyncHeyGen, api: HeyGenEmulator, capsys: pytest.CaptureFixture[str]
) -> None:
    script = AvatarVideo(avatar_id="avatar_1", script="Hello.")
    ids = [(await client.videos.create(script)).video_id for _ in range(2)]
    api.plan(Plan(fail_message="The script is too short."))
    ids.append((await client.videos.create(script)).video_id)
    await block("async def report_all").report_all(client, ids)
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines} == set(ids)
    assert ["too short" in line for line in lines].count(True) == 1


async def test_recipe_of_a_batch_creates_a_video_for_each_row(
    client: AsyncHeyGen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("people.csv").write_text("id,name\n1,Ada\n2,Alan\n", encoding="utf-8")
    await block("async def welcome_all").welcome_all(client, "people.csv")
    assert sorted(capsys.readouterr().out.splitlines()) == ["1 done", "2 done"]
    assert len(list(Path("videos").iterdir())) == 2


async def test_recipe_of_a_test_passes(heygen: AsyncHeyGen, heygen_emulator: HeyGenEmulator) -> None:
    await block("async def test_without_credit").test_without_credit(heygen, heygen_emulator)


async def test_program_of_the_package_guide_downloads(
    api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", api.key)
    monkeypatch.setenv("HEYGEN_BASE_URL", api.url)
    monkeypatch.chdir(tmp_path)
    await block("async def main(prompt").main("A tour")
    assert (tmp_path / "tour.mp4").stat().st_size > 1000


def test_the_price_of_scripts_is_known_before() -> None:
    assert block("def total_price").total_price(["word " * 150] * 2) == "about 8.00 USD (likely)"


async def test_programs_of_the_guide_run(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await block("async def greet").greet(client)).startswith("video_")
    assert len(await block("async def english").english(client)) > 10
    created = await client.videos.create(AvatarVideo(avatar_id="avatar_1", script="Good morning!"))
    saved = await block("async def patient").patient(client, created.video_id, tmp_path)
    assert Path(saved).stat().st_size > 1000
    assert await block("async def run_workflow").run_workflow(client, "The sea", tmp_path / "workflow.mp4") == []
    assert (tmp_path / "workflow.mp4").stat().st_size > 1000
    with pytest.raises(NotFoundError):  # documented by no document yet
        await block("async def call_a_new_endpoint").call_a_new_endpoint(client, {}, "key_1")
    once = block("async def once").once
    assert (await once(client)).startswith("session_")
    api.inject(Fault("lost_response", operation="VideoAgentCreate"))
    assert await once(client) == api.ledger[-1].id
    api.inject(Fault("reset_before", operation="VideoAgentCreate"))
    with pytest.raises(AmbiguousRequestError):
        await once(client)
    slides = tmp_path / "slides.png"
    slides.write_bytes(PNG)
    assert (await block("async def with_slides").with_slides(client, slides)).name == "slides.mp4"
    assert slides.with_suffix(".jpg").exists()
    page = (await client.videos.list()).data[0]
    assert await block("async def size_of").size_of(client, str(page.video_url)) > 1000
    clips = [slides, tmp_path / "none.png", PNG]
    assert len(await block("async def footage").footage(client, clips)) == 2
    assert "bytes" in capsys.readouterr().out
    several = [await client.videos.create(AvatarVideo(avatar_id="avatar_1", script="Good morning!")) for _ in range(3)]
    order = await block("async def in_the_order").in_the_order_of_their_ends(client, several)
    assert sorted(order) == sorted(one.video_id for one in several)
    monkeypatch.setenv("HEYGEN_API_KEY", api.key)
    monkeypatch.setenv("HEYGEN_BASE_URL", api.url)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "videos").mkdir()
    app = block("def app_of").app_of("whsec_mine")
    assert "/webhooks/heygen" in {route.path for route in app.routes}
    async with app.router.lifespan_context(app) as state:
        assert state["heygen"]._transport.shared_state.event_listeners == {}
        assert await deliver(app, b"whsec_mine", page.id) == 200
    assert (tmp_path / "videos" / f"{page.id}.mp4").stat().st_size > 1000
    await block("async def with_bars").with_bars(client, (await client.video_agents.create(prompt="A tour")).session_id)
    assert (tmp_path / "tour.mp4").exists()
    with pytest.warns(DeprecationWarning, match="heygen.videos.create"):
        assert (await block("async def as_ever").as_ever(client)).startswith("http")
    assert "await heygen.videos.create(AvatarVideo(" in capsys.readouterr().out
    assert '- "1.85M"' in block("def report(").report("1.85M")
    people = [{"id": str(i), "name": f"Ada {i}"} for i in range(3)]
    assert await block("async def welcome(").welcome(client, people) == []
    assert len(list((tmp_path / "videos").iterdir())) == 4  # with the one of the webhook
    async with block("def observed").observed() as watched:
        await watched.users.me()
    assert "GET http://127.0.0.1" in capsys.readouterr().out
    token_file, oauth = tmp_path / "tokens.json", block("async def as_myself")
    await FileTokenStore(token_file).save(OAuthTokens.from_response(api.oauth.issue(), client_id="local_client"))
    monkeypatch.setenv("HEYGEN_BASE_URL", api.url)
    async with await oauth.as_myself("local_client", token_file) as mine:
        assert (await mine.users.me()).email
    request = OAuthClient("local_client", "http://127.0.0.1:9/callback").authorize()
    with pytest.raises(OAuthError):
        await oauth.came_back(OAuthClient("local_client", request.redirect_uri), request, "code=c&state=forged")
    agents = block("async def called")
    assert [tool["name"] for tool in agents.offered(client)] == agents.NAMES
    monkeypatch.setattr(
        "builtins.input", lambda question: "y" if question == "create_video_agent with {'prompt': 'A tour'}? " else "n"
    )
    assert "session_" in await agents.called(client, "create_video_agent", '{"prompt": "A tour"}')
    assert (await block("async def converse").converse(client, "The first.")).status == "completed"
    assert "Which of your avatars" in capsys.readouterr().out

    async def tokens() -> AsyncIterator[str]:
        for token in ("it ", "be", "gins."):
            yield token

    assert await block("async def speak").speak(client, tokens()) == "Well, it begins."


def test_table_lists_every_example() -> None:
    table = re.findall(
        r"^\| .+ \| `(\w+\.py) .*` \|$", (ROOT / "examples" / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    examples = {path.name for path in (ROOT / "examples").glob("*.py")}
    assert {*table, "local.py"} == examples


def test_the_guide_names_every_resource() -> None:
    for name in AsyncHeyGen.__annotations__:
        assert name.startswith("_") or f"`{name}`" in guide(PACKAGE / "resources" / "__init__.py")


async def test_coroutine_test_of_the_readme_passes(heygen: AsyncHeyGen, heygen_emulator: HeyGenEmulator) -> None:
    await block("async def test_my_program").test_my_program(heygen, heygen_emulator)


def test_plain_test_of_the_readme_passes(
    heygen_emulator_thread: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    block("def test_my_app").test_my_app(heygen_emulator_thread, monkeypatch)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_control_endpoints_of_the_guide_respond(heygen_emulator_thread: HeyGenEmulator) -> None:
    commands = code_of("/_emulator/clock/freeze").source
    strict = 'set -e; curl() { command curl --silent --show-error --fail-with-body "$@"; echo; }'
    run = subprocess.run(
        ["bash", "-c", f"{strict}\n{commands}"], capture_output=True, text=True,
        env=os.environ | {"HEYGEN_BASE_URL": heygen_emulator_thread.url},
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    documents = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(documents) == len(commands.splitlines())
    assert documents[-1]["openapi"] == "3.1.0"


def test_defaults_agree_with_the_code() -> None:
    table = dict(
        re.findall(
            r"^\| (.+?) \| (.+?) \|$",
            guide(PACKAGE / "_http" / "__init__.py").partition("Timeouts and limits")[2],
            re.MULTILINE,
        )
    )
    figures = {name: [float(n) for n in re.findall(r"\d+(?:\.\d+)?", text)] for name, text in table.items()}
    assert figures["a whole GET, retries and pauses included"] == [GET_TOTAL]
    assert figures["any other whole request"] == [OTHER_TOTAL]
    assert figures["opening a connection"] == [Timeout().connect]
    assert figures["a silent socket"] == [Timeout().read]
    assert figures["retries"] == [client.MAX_RETRIES, *map(client.RETRY.ceiling, range(3)), client.RETRY.maximum]
    assert figures["maximum `Retry-After` that a call waits for"] == [retry_policy.MAX_DELAY]
    assert figures["consecutive resumptions of a download without a new byte"] == [client.MAX_RESUMES]
    assert figures["requests in flight"] == [client.MAX_CONNECTIONS]
    assert figures["parallel files of `upload_many` and `download_many`"] == [DEFAULT_CONCURRENCY]
    assert inspect.signature(AsyncHeyGen.download_many).parameters["concurrency"].default == DEFAULT_CONCURRENCY
    assert figures["a wait"] == [client.WAIT_TIMEOUT]
    assert figures["a wait of a batch"] == [inspect.signature(run).parameters["timeout"].default]
    for name, poll in (
        ("a job", VIDEO_POLL),
        ("a session, avatar, voice or render", QUICK_POLL),
        ("an asset", ASSET.poll),
        ("a job with webhook events", EVENTS_POLL),
    ):
        assert figures[f"polls of {name}"] == [poll.initial, poll.factor, poll.maximum]


async def test_hooks_print_each_attempt(
    api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", api.key)
    monkeypatch.setenv("HEYGEN_BASE_URL", api.url)
    async with block("def observed").observed() as heygen:
        await heygen.users.me()
    before, after = capsys.readouterr().out.splitlines()
    assert before == f"GET {api.url}/v3/users/me attempt 1 API"
    assert after.startswith("200 req_")


def test_a_provider_of_traces_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    providers: list[TracerProvider] = []
    monkeypatch.setattr("opentelemetry.trace.set_tracer_provider", providers.append)
    block("def print_traces").print_traces()
    assert isinstance(providers[0], TracerProvider)
    providers[0].shutdown()


def test_a_portal_serves_a_client_to_several_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    registered: list[Any] = []
    monkeypatch.setattr(atexit, "register", registered.append)
    with HeyGenEmulator() as api:
        monkeypatch.setenv("HEYGEN_API_KEY", api.key)
        monkeypatch.setenv("HEYGEN_BASE_URL", api.url)
        program = block("start_blocking_portal")
        try:
            with ThreadPoolExecutor(4) as threads:
                sessions = list(threads.map(program.create_tour, ["a chair", "a table", "a lamp"]))
        finally:
            registered[0]()
        assert {charge.id for charge in api.ledger} == set(sessions)
        assert len(sessions) == 3


def test_the_error_for_two_event_loops_names_a_section_of_the_readme() -> None:
    section = re.search("section '(.+?)'", shared_state._TWO_LOOPS)
    assert section is not None
    assert f"\n## {section[1]}\n" in README
