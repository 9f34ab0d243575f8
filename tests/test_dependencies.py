"""Dependencies: every imported distribution is declared, and only modules of an extra need that extra."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from import_everything import NEEDS_MORE

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
GROUPS = PROJECT["dependency-groups"]
# Distributions that call the module which imports them, so whoever reaches the import has them.
CALLERS = {"anthropic", "google-genai", "pydantic", "pydantic-core", "pytest", "pytest-asyncio", "smolagents"}


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements: list[object]) -> set[str]:
    """The distributions of a list of requirements, without versions and markers."""
    found = set()
    for requirement in requirements:
        if isinstance(requirement, str):
            found.add(normalized(re.split(r"[\s\[<>=!~;]", requirement, maxsplit=1)[0]))
    return found


DEPENDENCIES = names(PROJECT["project"]["dependencies"])
IN_EXTRAS = names([requirement for extra in EXTRAS.values() for requirement in extra])


installed = cache(packages_distributions)


@cache
def distributions(module: str) -> frozenset[str]:
    return frozenset(map(normalized, installed().get(module, [module])))


def imports(tree: ast.AST, *, at_import: bool) -> set[str]:
    """The top-level modules that a file imports; with `at_import` only those loaded when the file is imported."""
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if at_import and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if at_import and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            found |= imports(ast.Module(body=node.orelse, type_ignores=[]), at_import=True)
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
        found |= imports(node, at_import=at_import)
    return found


def foreign_imports(path: Path, *, at_import: bool = False) -> set[str]:
    """The modules that a file imports from other distributions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    neighbours = {file.stem for file in (*path.parent.glob("*.py"), *(ROOT / "tests").rglob("*.py"))}
    return imports(tree, at_import=at_import) - sys.stdlib_module_names - {"heygen_async"} - neighbours


def undeclared(folder: str, declared: set[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for module in sorted(foreign_imports(path))
        if not distributions(module) & declared
    ]


@pytest.mark.parametrize(
    ("folder", "groups"),
    [("heygen_async", []), ("tests", ["test", "types", "docs"]), ("examples", []), ("benchmarks", ["bench"])],
)
def test_every_import_is_declared(folder: str, groups: list[str]) -> None:
    declared = DEPENDENCIES | IN_EXTRAS | CALLERS
    for group in groups:
        declared |= names(GROUPS[group])
    assert undeclared(folder, declared) == []


def test_importing_a_module_needs_no_extra_but_where_it_says_so() -> None:
    for path in sorted((ROOT / "heygen_async").rglob("*.py")):
        if ".".join(path.relative_to(ROOT).with_suffix("").parts).startswith(NEEDS_MORE):
            continue
        for module in foreign_imports(path, at_import=True):
            assert distributions(module) & DEPENDENCIES, f"{path.relative_to(ROOT)} imports {module}"


def test_every_dependency_is_imported() -> None:
    imported = {
        distribution
        for path in (ROOT / "heygen_async").rglob("*.py")
        for module in foreign_imports(path)
        for distribution in distributions(module)
    }
    assert imported | {"puremagic"} >= DEPENDENCIES  # puremagic is imported by name, in a worker thread


def test_extras_bring_no_tools_of_contributors() -> None:
    tools = names(GROUPS["test"]) | names(GROUPS["lint"]) | names(GROUPS["types"])
    for extra in EXTRAS.keys() - {"examples"}:
        assert not names(EXTRAS[extra]) & tools, extra


def test_every_supported_python_has_its_classifier() -> None:
    minors = [
        line.rpartition(".")[2]
        for line in PROJECT["project"]["classifiers"]
        if line.startswith("Programming Language :: Python :: 3.")
    ]
    assert minors == ["11", "12", "13", "14"]
    assert PROJECT["project"]["requires-python"] == f">=3.{minors[0]}"
