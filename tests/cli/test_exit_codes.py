"""The one table of exit codes: in help texts, in the guide, and in the commands that are not part of `cli`."""

from __future__ import annotations

import re
import socket

import pytest
from cli_support import Shell
from click.testing import CliRunner

import heygen_async.cli
from heygen_async.cli import exit_codes
from heygen_async.cli.batch import batch
from heygen_async.mcp.command import mcp as serve
from heygen_async.testing.__main__ import main as emulator


def codes_of(text: str) -> dict[int, str]:
    """Return the codes in the sentence of a help text."""
    (sentence,) = re.findall(r"Exit codes: ([^.]*)\.", " ".join(text.split()))
    return {int(code): meaning for code, meaning in (part.split(" ", 1) for part in sentence.split(", "))}


def test_each_code_has_one_meaning() -> None:
    constants = [value for name, value in vars(exit_codes).items() if name.isupper() and isinstance(value, int)]
    assert sorted(constants) == sorted(exit_codes.MEANINGS)
    assert len(set(exit_codes.MEANINGS.values())) == len(constants)


def test_the_guide_lists_every_code() -> None:
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", heygen_async.cli.__doc__ or "", re.MULTILINE)
    assert {int(code): meaning.replace("`", "") for code, meaning in rows} == exit_codes.MEANINGS


def test_help_of_every_command_agrees_with_the_table(shell: Shell) -> None:
    assert codes_of(shell("--help").out) == exit_codes.MEANINGS
    for command in (batch, serve, emulator):
        for code, meaning in codes_of(CliRunner().invoke(command, ["--help"]).output).items():
            assert meaning.startswith(exit_codes.MEANINGS[code])


@pytest.mark.parametrize("arguments", [["--port", "x"], ["--nothing"], ["--port", "taken"]])
def test_wrong_use_of_the_emulator_is_code_2(arguments: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = str(listener.getsockname()[1])
        result = CliRunner().invoke(emulator, [taken if one == "taken" else one for one in arguments])
    assert result.exit_code == exit_codes.WRONG_USE
    assert result.output.splitlines()[-1].startswith("Error: ")
