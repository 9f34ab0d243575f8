"""Output: tables for people, closed and full stdout, progress."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cli_support import Shell, environment, start_command

from heygen_async import AsyncHeyGen
from heygen_async.testing import HeyGenEmulator


def test_human_prints_tables(shell: Shell) -> None:
    table = shell("voice list --limit 3 --human").out.splitlines()
    assert table[0].split()[:3] == ["voice", "id", "name"]
    assert len(table) == 5
    assert table[-1].startswith("More with --token ")
    values = shell("user me get --human").out
    assert "username" in values
    assert "{" not in values.splitlines()[0]
    video = shell("video-agent create --prompt x --wait --human --quiet")
    assert video.err == ""
    assert "completed" in video.out
    assert " UTC" in video.out


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ({"data": ["one", "[bold]"]}, "one\n[bold]\n"),
        ({"data": {"created_at": 17 * 10**12}}, "created_at  17000000000000\n"),
        ({"data": {"at": "2024-13-45T00:00Z"}}, "at  2024-13-45T00:00Z\n"),
        ({"data": {"expires_at": 0, "title": ":smile:"}}, "expires_at  1970-01-01 00:00 UTC\ntitle       :smile:\n"),
        ({"data": [], "has_more": True}, "More with --token None\n"),
        ({"data": [{"title": "\x1b]0;mine\x07\x1b[2JA\u009b2J"}]}, "title\n]0;mine[2JA2J\n"),
        ({"data": {"title": ["\u009b2J"]}}, 'title  ["2J"]\n'),
    ],
)
def test_human_prints_any_response_safely(
    answer: dict[str, Any], shown: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def anything(*_: Any, **__: Any) -> dict[str, Any]:
        return answer

    monkeypatch.setattr(AsyncHeyGen, "request", anything)
    result = shell("api GET /v3/anything --human")
    assert [line.rstrip() for line in result.out.splitlines() if line.strip()] == shown.splitlines()


def test_draws_progress_only_at_a_terminal(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [one["code"] for one in shell("video-agent create --prompt x --wait --human").notices] == ["created"]
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda _: True)
    assert "video" in shell("video-agent create --prompt x --wait --human").err
    assert shell("video-agent create --prompt x --wait --human --quiet").err == ""


def test_human_without_rich_says_how_to_install_it() -> None:
    script = (
        "import sys; sys.modules['rich'] = None; sys.argv = ['heygen-async', 'video', 'list', '--human']\n"
        "from heygen_async.__main__ import main; sys.exit(main())"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert "pip install 'heygen-async[progress]'" in json.loads(result.stderr)["error"]["message"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "code", "text"),
    [
        ("--help | true", 0, ""),
        ("--help >&-", 0, ""),
        ("voice list >&-", 0, ""),
        ("voice list --human | true", 0, ""),
        ("voice list > full", 1, "Standard output cannot be written"),
        ("voice list --human > full", 1, "Standard output cannot be written"),
        ("completion bash > full", 1, "Standard output cannot be written"),
        ("video -h > full", 1, "Standard output cannot be written"),
        ("--help > full", 1, "Standard output cannot be written"),
        ("video get $'a\\xffb'", 2, "surrogate"),
        ("video -h", 0, ""),
    ],
)
async def test_shows_no_traceback_whatever_the_shell_does(command: str, code: int, text: str, tmp_path: Path) -> None:
    limit = "ulimit -f 0; " if "full" in command else ""  # as a disk that is full
    async with HeyGenEmulator() as api:
        process = await asyncio.create_subprocess_shell(
            f"cd {tmp_path}; set -o pipefail; {limit}{shlex.quote(sys.executable)} -m heygen_async {command}", executable="/bin/bash",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | environment(api),
        )  # fmt: skip
        _, err = await process.communicate()
        assert process.returncode == code, err
        assert (err == b"") == (text == "")
        if text:
            assert text in json.loads(err)["error"]["message"]


@pytest.mark.slow
@pytest.mark.parametrize("redirection", [">&-", "> full", "--human > full", "--wait --timeout 0.2 -q > full", "| true"])
async def test_reports_a_charged_job_on_stderr_if_stdout_cannot_be_written(redirection: str, tmp_path: Path) -> None:
    limit = "ulimit -f 0; " if "full" in redirection else ""
    async with HeyGenEmulator(render_seconds=3600) as api:
        process = await asyncio.create_subprocess_shell(
            f"cd {tmp_path}; set -o pipefail; {limit}{shlex.quote(sys.executable)} -m heygen_async video create --avatar-id avatar_1 --script x {redirection}",
            executable="/bin/bash", stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | environment(api),
        )  # fmt: skip
        _, err = await process.communicate()
        (video,) = api.state.jobs_of_kind("video")
    notice, *errors = map(json.loads, err.splitlines())
    assert video.id in notice["notice"]["response"]["data"].values()
    code = {"| true": None, "--wait --timeout 0.2 -q > full": "timeout"}.get(redirection, "output_error")
    assert [one["error"]["code"] for one in errors] == [code] * (code is not None)
    assert process.returncode == {None: 0, "timeout": 4, "output_error": 1}[code]


@pytest.mark.slow
async def test_a_closed_pipe_is_no_error() -> None:
    async with HeyGenEmulator() as api, start_command(api, "voice", "list", "--all", "--limit", "1") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(await process.stdout.readline())["voice_id"]
        process.stdout._transport.close()  # type: ignore[attr-defined]  as `head` does
        assert await process.stderr.read() == b""
        assert await process.wait() == 0
