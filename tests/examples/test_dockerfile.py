"""The Dockerfile of the local HeyGen, read as text: its files exist, and its command starts the server."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

from heygen_async.testing.__main__ import main

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "examples" / "Dockerfile").read_text(encoding="utf-8")
INSTRUCTIONS = [line.split(maxsplit=1) for line in TEXT.splitlines() if line and not line.startswith("#")]


def arguments_of(instruction: str) -> list[str]:
    return [arguments for name, arguments in INSTRUCTIONS if name == instruction]


def test_it_has_only_instructions_of_docker() -> None:
    assert INSTRUCTIONS[0][0] == "FROM"
    assert re.fullmatch(r"python:3\.\d+-slim", INSTRUCTIONS[0][1])
    assert {name for name, _ in INSTRUCTIONS} == {"FROM", "COPY", "RUN", "USER", "EXPOSE", "ENTRYPOINT", "CMD"}


def test_it_copies_what_the_build_needs() -> None:
    copied = [path for arguments in arguments_of("COPY") for path in shlex.split(arguments)[:-1]]
    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert {"pyproject.toml", "README.md", "LICENSE", "heygen_async"} == set(copied)


def test_its_command_starts_the_server_on_the_exposed_ports() -> None:
    (entry_point,), (command,), (ports,) = map(arguments_of, ("ENTRYPOINT", "CMD", "EXPOSE"))
    program, *arguments = json.loads(entry_point) + json.loads(command)
    assert (program, arguments[:2]) == ("python", ["-m", "heygen_async.testing"])
    options = main.make_context("testing", arguments[2:]).params
    assert [str(options["port"]), str(options["storage_port"])] == ports.split()
    assert (options["host"], options["public_host"]) == ("0.0.0.0", "localhost")
