"""Fixtures and rules for every test: no blocking call on the event loop, no secret in any output, no speed limit.

Options and variables of a run:

* `--eager` runs every event loop under `asyncio.eager_task_factory` (Python 3.12 or newer).
* `--uvloop` runs the tests on uvloop. It skips those whose clock jumps, which needs asyncio's own loop.
* `HYPOTHESIS_PROFILE` selects a profile of property tests: `default` draws the same examples in every run, `soak`
  draws new ones.
* `HEYGEN_ASYNC_EXAMPLES` sets the number of examples of every property test.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any

import click
import pytest
import pytest_asyncio
from blockbuster import BlockBuster, blockbuster_ctx
from hypothesis import HealthCheck, settings
from support import EXAMPLES, Command

from heygen_async import AsyncHeyGen
from heygen_async.testing import HeyGenEmulator
from heygen_async.testing.emulator import KEY

#: Text that no output may contain: the emulator's API key, its tokens, codes, webhook secrets and signatures.
SECRETS = re.compile(rf"{KEY}|o[ar]t_local_\w{{20}}|code_local_\w{{20}}|whsec_\w{{20}}|Signature=\w|planted_\w")

#: The error of the emulator where its clock cannot jump.
NO_AUTOJUMP = "autojump needs asyncio's own selector loop"

# A health check that measures speed would fail a test on a busy machine, as a deadline would.
NO_SPEED_LIMIT = settings(
    deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    print_blob=True, **({"max_examples": int(EXAMPLES)} if EXAMPLES else {}),
)  # fmt: skip
settings.register_profile("default", NO_SPEED_LIMIT, derandomize=True)
settings.register_profile("soak", NO_SPEED_LIMIT, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--eager` and `--uvloop`."""
    parser.addoption("--eager", action="store_true", help="run under asyncio.eager_task_factory (Python 3.12+)")
    parser.addoption("--uvloop", action="store_true", help="run on uvloop, without the tests whose clock jumps")


def pytest_configure(config: pytest.Config) -> None:
    """Give every new event loop the eager task factory, if `--eager` is set; let uvloop create it with `--uvloop`."""
    if config.getoption("--uvloop"):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    if not config.getoption("--eager"):
        return
    if not hasattr(asyncio, "eager_task_factory"):
        raise pytest.UsageError("--eager needs asyncio.eager_task_factory, so Python 3.12 or newer")
    initialize = asyncio.BaseEventLoop.__init__

    # Tests start loops in many ways (pytest-asyncio, asyncio.run, anyio's portal); all of them end here.
    def initialize_eager(self: asyncio.BaseEventLoop) -> None:
        initialize(self)
        self.set_task_factory(asyncio.eager_task_factory)

    asyncio.BaseEventLoop.__init__ = initialize_eager  # type: ignore[method-assign]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: object) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test whose output contains a secret: prints, logs down to DEBUG, tracebacks, those of children too."""
    report = yield
    if item.config.getoption("--uvloop") and NO_AUTOJUMP in report.longreprtext:
        report.outcome, report.longrepr = "skipped", (str(item.path), 0, NO_AUTOJUMP)
    for place, text in [*report.sections, ("the traceback", report.longreprtext), ("the name", report.nodeid)]:
        if secret := SECRETS.search(text):
            report.outcome = "failed"
            report.longrepr = f"{report.nodeid}: {place} contains a secret ({secret[0][:12]}…)"
    return report


@pytest.fixture(autouse=True)
def no_blocking_calls() -> Iterator[BlockBuster]:
    """Fail a test in which the SDK blocks the event loop. The emulator may block it."""
    with blockbuster_ctx("heygen_async", excluded_modules=["heygen_async.testing"]) as detector:
        for function in detector.functions.values():  # the tracer of coverage takes its lock in any function
            function.can_block_in("coverage/collector.py", "lock_data")
        yield detector


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the variables that would configure a client, and hide a stored sign-in."""
    names = "API_KEY ACCESS_TOKEN BASE_URL API_BASE LOG OUTPUT ALLOW_PRIVATE_HOSTS INSECURE_HTTP"
    for name in (f"HEYGEN_{suffix}" for suffix in names.split()):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HEYGEN_TOKEN_FILE", os.path.join(os.devnull, "tokens.json"))  # not the one of the developer


@pytest_asyncio.fixture
async def api() -> AsyncIterator[HeyGenEmulator]:
    """An emulator whose clock jumps over every wait."""
    async with HeyGenEmulator(autojump=True) as emulator:
        yield emulator


@pytest_asyncio.fixture
async def client(api: HeyGenEmulator) -> AsyncIterator[AsyncHeyGen]:
    """A client of `api`."""
    async with AsyncHeyGen(api.key, base_url=api.url, strict=True) as heygen:
        yield heygen


@pytest.fixture
def command(api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command line: its exit code, what it said to stdout and to stderr."""
    monkeypatch.setenv("HEYGEN_API_KEY", api.key)
    monkeypatch.setenv("HEYGEN_BASE_URL", api.url)

    from heygen_async.cli.batch import batch, execute
    from heygen_async.cli.batch_reports import TextReport

    async def run_it(*arguments: object) -> tuple[int, list[str], str]:
        capsys.readouterr()

        def parse() -> dict[str, Any] | int:
            try:
                return batch.make_context("batch", ["--human", *map(str, arguments)]).params
            except click.UsageError as error:
                error.show()
                return error.exit_code
            except click.exceptions.Exit as ended:  # --help
                return ended.exit_code

        parsed = await asyncio.to_thread(parse)
        code = parsed if isinstance(parsed, int) else await execute(parsed, TextReport())
        output = capsys.readouterr()
        return code, output.out.splitlines(), output.err

    return run_it
