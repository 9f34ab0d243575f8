"""The code blocks of documents and docstrings, with the places where they stand."""

from __future__ import annotations

import ast
import functools
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class CodeBlock:
    """A fenced block: its file, the line of its first line of code, its language and its code."""

    path: Path
    line: int
    language: str
    source: str

    def __str__(self) -> str:
        return f"{self.path.name}:{self.line}"

    def compile(self) -> CodeType:
        """Compile it so that a traceback shows its file and its own line there. It may await, as in a notebook."""
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        return compile("\n" * (self.line - 1) + self.source, str(self.path), "exec", flags=flags)


def blocks_of(path: Path) -> list[CodeBlock]:
    """Return the blocks of a document."""
    return _find(path, path.read_text(encoding="utf-8"), 1)


@functools.cache
def docstring_blocks(package: Path) -> list[CodeBlock]:
    """Return the blocks in the docstrings of a package."""
    blocks: list[CodeBlock] = []
    for path in sorted(package.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "```" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                text = ast.get_docstring(node, clean=False)
                if text is not None:
                    blocks += _find(path, text, node.body[0].lineno)
    return blocks


def docstrings(path: Path) -> list[str]:
    """Return the docstrings of a file."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, documented))
    return [text for node in nodes if (text := ast.get_docstring(node))]


def guide(path: Path) -> str:
    """Return the docstring of a file."""
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def _find(path: Path, text: str, first_line: int) -> list[CodeBlock]:
    return [
        CodeBlock(path, first_line + text.count("\n", 0, match.start(3)), match[2], textwrap.dedent(match[3]))
        for match in FENCE.finditer(text)
    ]
