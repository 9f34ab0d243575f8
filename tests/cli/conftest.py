"""The fixture of the command line's tests: a shell beside a local HeyGen."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from blockbuster import BlockBuster
from cli_support import Result, Shell, Stdin

from heygen_async.__main__ import main
from heygen_async.testing import HeyGenEmulator


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
    tmp_path: Path,
    no_blocking_calls: BlockBuster,
) -> Iterator[Shell]:
    no_blocking_calls.deactivate()  # the local HeyGen runs in the command's own loop, below its frames
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEYGEN_TOKEN_FILE", str(tmp_path / "config" / "tokens.json"))

    def run(arguments: list[str], stdin: str | None) -> Result:
        monkeypatch.setattr(sys, "argv", ["heygen-async", *arguments])
        monkeypatch.setattr(sys, "stdin", Stdin(io.BytesIO((stdin or "").encode())))
        code = main()
        out, err = capfdbinary.readouterr()
        return Result(code, out.decode(), err.decode())

    with asyncio.Runner() as runner:
        api = runner.run(HeyGenEmulator(autojump=True, concurrency_limit=1000, balance=1e6).start())
        monkeypatch.setattr(asyncio, "run", runner.run)
        monkeypatch.setenv("HEYGEN_API_KEY", api.key)
        monkeypatch.setenv("HEYGEN_BASE_URL", api.url)
        yield Shell(api, runner, run)
        runner.run(api.stop())
