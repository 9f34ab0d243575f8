"""The composition of Temporal, workers and the local HeyGen, read as text: its names, commands and files exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from heygen_async.cli.worker import worker
from heygen_async.testing.__main__ import main
from heygen_async.testing.emulator import KEY

FILE = Path(__file__).parents[2] / "examples" / "compose.yaml"
TEXT = FILE.read_text(encoding="utf-8")
SERVICES: dict[str, Any] = yaml.safe_load(TEXT)["services"]
VARIABLES: dict[str, str] = SERVICES["worker"]["environment"]


def test_it_has_temporal_two_workers_and_the_emulator() -> None:
    assert set(SERVICES) == {"temporal", "redis", "emulator", "worker"}
    assert SERVICES["worker"]["deploy"]["replicas"] == 2
    assert set(SERVICES["worker"]["depends_on"]) == set(SERVICES) - {"worker"}


def test_the_workers_reach_the_other_services() -> None:
    command, *arguments = SERVICES["worker"]["command"]
    options = worker.make_context(command, arguments).params
    port = options["address"].partition("temporal:")[2]
    assert f"{port}:{port}" in SERVICES["temporal"]["ports"]
    assert urlsplit(options["redis"]).hostname in SERVICES
    address = urlsplit(VARIABLES["HEYGEN_BASE_URL"])
    assert address.hostname in SERVICES
    assert f"{address.port}:{address.port}" in SERVICES[address.hostname or ""]["ports"]
    volume, _, folder = SERVICES["worker"]["volumes"][0].partition(":")
    assert volume in yaml.safe_load(TEXT)["volumes"]
    assert options["output_dir"] == Path(folder)
    arguments = SERVICES["emulator"]["command"]
    plan = main.make_context("testing", arguments).params
    assert (plan["public_host"], plan["concurrency_limit"]) == (address.hostname, options["concurrency"])


def test_the_images_are_built_from_files_that_exist() -> None:
    for service in SERVICES.values():
        if "build" in service:
            context = FILE.parent / service["build"]["context"]
            dockerfile = service["build"].get("dockerfile")
            text = (context / dockerfile).read_text() if dockerfile else service["build"]["dockerfile_inline"]
            copied = [name for line in re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE) for name in line.split()]
            assert copied
            assert all((context / name).exists() for name in copied)
        else:
            assert re.fullmatch(r"[\w./-]+:[\w.-]+", service["image"])


def test_the_key_is_that_of_the_emulator() -> None:
    assert VARIABLES["HEYGEN_API_KEY"] == KEY
