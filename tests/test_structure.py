"""The structure of the source: few modules in the root, short files and functions, packages that list their files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

import pytest

import heygen_async
from heygen_async import AsyncHeyGen

PACKAGE = Path(heygen_async.__file__).parent
MAX_ROOT_MODULES = 12
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
MAX_P95_FUNCTION_LINES = 20
#: Tasks that are awaited where they are created, and the emulator, which imports nothing of the SDK's inside.
TASK_STARTERS = {"tasks.py", "worker_threads.py", "deliveries.py", "avatar_realtime.py"}
Function = ast.FunctionDef | ast.AsyncFunctionDef

FILES = sorted(PACKAGE.rglob("*.py"))
PACKAGES = sorted(path.parent for path in PACKAGE.rglob("__init__.py"))
RESOURCES = {name for name in AsyncHeyGen.__annotations__ if not name.startswith("_")}


def relative(path: Path) -> str:
    return path.relative_to(PACKAGE.parent).as_posix()


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def line_count(function: Function) -> int:
    """The lines of a function from its `def` on, without its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def test_the_root_has_few_modules() -> None:
    modules = sorted(path.name for path in PACKAGE.glob("*.py"))
    assert len(modules) <= MAX_ROOT_MODULES, modules


def test_no_file_is_long() -> None:
    lengths = {relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name for name, length in lengths.items() if length > MAX_FILE_LINES} == set()


def test_every_file_opens_with_its_purpose() -> None:
    trees = {relative(path): ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
    assert [name for name, tree in trees.items() if not ast.get_docstring(tree)] == []


def test_no_function_is_long() -> None:
    lengths = {f"{relative(path)}: {node.name}": line_count(node) for path in FILES for node in functions(path)}
    assert {name: length for name, length in lengths.items() if length > MAX_FUNCTION_LINES} == {}


def test_most_functions_are_short() -> None:
    lengths = [line_count(node) for path in FILES for node in functions(path)]
    assert quantiles(lengths, n=20)[-1] <= MAX_P95_FUNCTION_LINES


def test_stored_tasks_are_started_by_start_task() -> None:
    # An eager task would run before its caller has stored it.
    users = {path.name for path in FILES if re.search(r"\b(ensure_future|create_task)\(", path.read_text("utf-8"))}
    assert users <= TASK_STARTERS


@pytest.mark.parametrize("folder", PACKAGES, ids=relative)
def test_a_package_lists_its_files(folder: Path) -> None:
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    files = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/__init__.py")}
    # A file with the name of a resource needs no line: it has that resource's part of the package's subject.
    assert files - {"__init__", "__main__"} - RESOURCES - set(re.findall(r"\w+", docstring)) == set()


def test_a_resource_is_a_file_of_endpoints_and_a_file_of_structs() -> None:
    for folder, shared in (
        (
            "types",
            {
                "base",
                "batches",
                "compositions",
                "file_fields",
                "files",
                "job_handles",
                "pickling",
                "pydantic_hooks",
                "redaction",
                "tracebacks",
            },
        ),
        ("resources", {"base", "validation", "workflow_graphs"}),
    ):
        assert {path.stem for path in (PACKAGE / folder).glob("[!_]*.py")} == RESOURCES | shared
