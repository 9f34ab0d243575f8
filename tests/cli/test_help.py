"""Help and shell completion."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from importlib import import_module

import pytest
from cli_support import Shell

from heygen_async.operations import catalog as catalogue


def test_help_lists_every_resource_and_command(shell: Shell) -> None:
    text = shell("--help").out
    for operation in catalogue.operations().values():
        assert f"\n  {operation.command[0]} " in text
    program = import_module("heygen_async.cli.program").Program("heygen-async")
    for name in program.list_commands(None):
        assert f"\n  {name} " in text
        assert program.get_command(None, name) is not None
    assert shell("--version").out.startswith("heygen-async ")


def test_without_arguments_ten_commands_are_listed(shell: Shell) -> None:
    commands = re.findall(r"^  heygen-async (.+?)  ", shell("").out, re.MULTILINE)
    assert len(commands) == 10
    for command in commands:
        words = re.match(r"[a-z -]+?(?= -|$| [A-Z])", command)
        assert words
        assert shell(f"{words[0]} --help").code == 0, command


def test_help_marks_billable_commands(shell: Shell) -> None:
    for operation in catalogue.operations().values():
        text = " ".join(shell(shlex.join([*operation.command, "--help"])).out.split())
        assert (text.count("charged for") == 1) == operation.billable, text


def test_help_names_the_form_of_values_not_their_parsers(shell: Shell) -> None:
    for arguments in ("video create", "watch", "api"):
        assert "PARSE_" not in shell(f"{arguments} --help").out


def test_help_imports_no_heavy_module() -> None:
    script = (
        "import sys; sys.argv = ['heygen-async', '--help']\n"
        "from heygen_async.__main__ import main; main()\n"
        "heavy = {'msgspec', 'click', 'rich', 'aiohttp', 'anyio', 'asyncio', 'argparse'} & sys.modules.keys()\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)


def test_help_of_a_command_imports_no_other_resource() -> None:
    script = (
        "import sys; sys.argv = ['heygen-async', 'voice', 'list', '--help']\n"
        "from heygen_async.__main__ import main; assert main() == 0\n"
        "names = {name for name in sys.modules if name.startswith('heygen_async.')}\n"
        "resources = {name for name in names if name.startswith('heygen_async.resources.')}\n"
        "assert resources == {f'heygen_async.resources.{name}' for name in ('base', 'validation', 'voices')}\n"
        "assert len(names) < 62, len(names)\n"
        "heavy = {'aiohttp', 'anyio', 'asyncio', 'yarl', 'heygen_async.client'} & sys.modules.keys()\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)


def test_completion_imports_no_client() -> None:
    script = (
        "import atexit, sys; sys.argv = ['heygen-async']\n"
        "def check():\n"
        "    names = {name for name in sys.modules if name.startswith('heygen_async.resources.')}\n"
        "    resources = names - {f'heygen_async.resources.{name}' for name in ('base', 'validation')}\n"
        "    heavy = {'aiohttp', 'anyio', 'asyncio', 'yarl', 'heygen_async.client'} & sys.modules.keys()\n"
        "    print(sorted(resources), sorted(heavy), file=sys.stderr)\n"
        "atexit.register(check)\n"
        "from heygen_async.__main__ import main; main()\n"
    )
    completion = {"_HEYGEN_ASYNC_COMPLETE": "bash_complete", "COMP_WORDS": "heygen-async video cre", "COMP_CWORD": "2"}
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, **completion}, capture_output=True, text=True
    )
    assert done.stdout.startswith("plain,create")
    assert done.stderr == "['heygen_async.resources.videos'] []\n"


def test_completes_resources_commands_and_flags(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    for name, word in (("bash", "COMPREPLY"), ("zsh", "compdef"), ("fish", "complete")):
        assert word in shell(f"completion {name}").out
    monkeypatch.setenv("_HEYGEN_ASYNC_COMPLETE", "bash_complete")
    for words, expected in (
        ("heygen-async vid", {"video", "video-agent", "video-quality", "video-translate"}),
        ("heygen-async video down", {"download"}),
        ("heygen-async video create --avat", {"--avatar-id"}),
        ("heygen-async video create --resolution 7", {"720p"}),
        ("heygen-async watch batch b --resource l", {"lipsyncs"}),
        ("heygen-async batch --dr", {"--dry-run"}),
    ):
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
        with pytest.raises(SystemExit):
            shell("")
        out, _ = capfdbinary.readouterr()
        assert {line.partition(",")[2] for line in out.decode().split()} == expected
