"""What every test runs under: a detector of blocking calls, and an end at which nothing is left behind."""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import AsyncIterator, Generator, Iterator

import pytest
import pytest_asyncio
from blockbuster import BlockBuster, blockbuster_ctx
from support import Command

from heygen_async import AsyncHeyGen
from heygen_async.testing import HeyGenEmulator
from heygen_async.testing.emulator import KEY

#: What must never be shown: the local HeyGen's key, its tokens, codes, webhook secrets and signatures, whoever got them.
SECRETS = re.compile(rf"{KEY}|o[ar]t_local_\w{{20}}|code_local_\w{{20}}|whsec_\w{{20}}|Signature=\w|planted_\w")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: object) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Whatever the run puts out (prints, logs down to DEBUG, tracebacks, of children too) is searched for secrets."""
    report = yield
    for place, text in [*report.sections, ("the traceback", report.longreprtext), ("the name", report.nodeid)]:
        if found := SECRETS.search(text):
            report.outcome = "failed"
            report.longrepr = f"{report.nodeid}: a secret ({found[0][:12]}…) shows in {place}"
    return report


@pytest.fixture(autouse=True)
def no_blocking_calls() -> Iterator[BlockBuster]:
    """A blocking call of the SDK on the event loop fails the test; the emulator's own are no concern."""
    with blockbuster_ctx("heygen_async", excluded_modules=["heygen_async.testing"]) as detector:
        for function in detector.functions.values():  # coverage's own lock, which its tracer takes anywhere
            function.can_block_in("coverage/collector.py", "lock_data")
        yield detector


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEYGEN_API_KEY", "HEYGEN_API_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest_asyncio.fixture
async def api() -> AsyncIterator[HeyGenEmulator]:
    """A local HeyGen whose clock jumps."""
    async with HeyGenEmulator(autojump=True) as emulator:
        yield emulator


@pytest_asyncio.fixture
async def client(api: HeyGenEmulator) -> AsyncIterator[AsyncHeyGen]:
    async with AsyncHeyGen(api.key, base_url=api.url) as made:
        yield made


@pytest.fixture
def command(api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command line: its exit code, what it said to stdout and to stderr."""
    monkeypatch.setenv("HEYGEN_API_KEY", api.key)
    monkeypatch.setenv("HEYGEN_API_URL", api.url)

    from heygen_async.batch.__main__ import command as command_line, parser

    async def run_it(*arguments: object) -> tuple[int, list[str], str]:
        capsys.readouterr()

        def parsed() -> argparse.Namespace | int:
            try:
                return parser().parse_args([str(argument) for argument in arguments])
            except SystemExit as ended:  # argparse's own
                return int(ended.code or 0)

        given = await asyncio.to_thread(parsed)
        code = given if isinstance(given, int) else await command_line(given)
        said = capsys.readouterr()
        return code, said.out.splitlines(), said.err

    return run_it
