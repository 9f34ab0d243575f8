"""The project itself: its top level, its public names, its version."""

from __future__ import annotations

import ast
import graphlib
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import heygen_async
from heygen_async import AsyncHeyGen

HERE = Path(__file__).parent.parent
PACKAGE = Path(heygen_async.__file__).parent


def test_every_public_name_is_served_and_told_to_checkers() -> None:
    source = (PACKAGE / "__init__.py").read_text()
    told = re.findall(r"(\w+) as \1\b", source)
    for module in re.findall(r"from \.(\S+) import \*", source):
        told += importlib.import_module(f"heygen_async.{module}").__all__
    assert sorted([*told, "__version__"]) == sorted(heygen_async.__all__)
    assert len(set(told)) == len(told)
    for name in heygen_async.__all__:
        assert getattr(heygen_async, name) is not None
    assert dir(heygen_async) == sorted(heygen_async.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        heygen_async.nothing


def test_the_version_is_in_the_changelog() -> None:
    assert f"## {heygen_async.__version__}" in (HERE / "CHANGELOG.md").read_text()


def test_no_module_imports_what_stands_above_it() -> None:
    floors = [
        ["errors", "backoff", "models", "prices"], ["response", "route", "options", "pacing", "threads", "transfers", "sources", "parts", "pagination", "envelope", "connection", "encoding", "sse", "oauth", "tokens", "bearer", "login"],
        ["core", "transport", "storage", "jobs", "uploads", "waiting", "downloads"], ["resources"], ["waits"], ["client"],
    ]  # fmt: skip
    floor_of = {name: number for number, names in enumerate(floors) for name in names}
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if name not in floor_of:
            continue
        source = re.sub(r"if TYPE_CHECKING:\n(?:(?:    .*)?\n)+", "", path.read_text())
        for imported in re.findall(r"^from \.+(\w+)", source, re.MULTILINE):
            if imported in floor_of:
                assert floor_of[imported] <= floor_of[name], f"{path.name} imports {imported}"


def test_importing_is_light() -> None:
    code = "import sys, heygen_async; print(len([m for m in sys.modules if m.partition('.')[0] in {'aiohttp', 'msgspec', 'anyio'}]))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "0"
    )


def test_a_resource_without_jobs_does_not_import_the_waits() -> None:
    code = "import sys, heygen_async.resources.users; print('heygen_async._jobs.waiting' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "False"


def imports_of(path: Path, *, typing_too: bool = False) -> set[str]:
    """The modules of ours that a file imports at its head, as dotted names below the package."""
    tree = ast.parse(path.read_text())
    here = path.relative_to(PACKAGE).with_suffix("").parts
    found = set()
    for node in tree.body:
        body = node.body if typing_too and isinstance(node, ast.If) else [node]
        for statement in body:
            if isinstance(statement, ast.ImportFrom) and statement.level:
                base = [*here[: len(here) - statement.level], *(statement.module or "").split(".")]
                base = [part for part in base if part]
                found |= {".".join([*base, alias.name]) for alias in statement.names} | {".".join(base)}
    return found


def test_no_circle_of_imports() -> None:
    modules = {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
        for path in PACKAGE.rglob("*.py")
        if path.name != "__init__.py"
    }
    sorter = graphlib.TopologicalSorter({name: imports_of(path) & modules.keys() for name, path in modules.items()})
    assert len(list(sorter.static_order())) == len(modules)  # raises CycleError


def test_a_resource_is_two_files() -> None:
    names = {name for name in AsyncHeyGen.__annotations__ if not name.startswith("_")}
    for folder, shared in (("types", {"base", "batches", "files"}), ("resources", {"base", "validation"})):
        assert {path.stem for path in (PACKAGE / folder).glob("[!_]*.py")} == names | shared


def test_a_file_is_read_at_one_sitting() -> None:
    for path in PACKAGE.rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 470, path
