"""Identifiers: each one names a thing or an action, in the words of people who write HTTP clients."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("heygen_async", "tests", "benchmarks", "examples")
# Adverbs, prepositions and participles that need a noun beside them.
NOT_ALONE = frozenset("what of into most least given seen made told at begun".split())
# Metaphors that a newcomer would have to learn.
NOWHERE = ("lookout", "fate", "told", "begun", "nouns", "spoil")


def identifiers(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The names that a file defines: functions, classes, parameters, variables, attributes, aliases."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield node.lineno, name
            case ast.Import() | ast.ImportFrom():
                yield from ((node.lineno, alias.asname) for alias in node.names if alias.asname)
            case _:
                pass


def is_clear(identifier: str) -> bool:
    name = identifier.lower()
    return name.strip("_") not in NOT_ALONE and not any(word in name for word in NOWHERE)


def unclear_identifiers(folder: Path) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in sorted(folder.rglob("*.py"))
        for line, name in identifiers(ast.parse(path.read_text(encoding="utf-8")))
        if not is_clear(name)
    ]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_identifier_is_clear(folder: str) -> None:
    assert unclear_identifiers(ROOT / folder) == []


@pytest.mark.parametrize("name", ["what", "_of", "made_", "AT", "lookout", "is_told", "JobFates", "_nouns", "spoiled"])
def test_a_riddle_is_recognized(name: str) -> None:
    assert not is_clear(name)


@pytest.mark.parametrize("name", ["created_at", "kind_of_job", "max_attempts", "threshold", "announce", "event_store"])
def test_a_clear_name_passes(name: str) -> None:
    assert is_clear(name)
