"""Every code block of the documentation is run. A failure names the block's file and line.

The programs of the README and of the guides need arguments and stubs, so `test_readme.py` calls them one by one; here it
is checked that it leaves none of the README out. All other blocks run as they stand.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Coroutine
from pathlib import Path

import pytest
from docs_support import ROOT, CodeBlock, blocks_of, docstring_blocks

import heygen_async
from heygen_async import AsyncHeyGen, types
from heygen_async._http.operation import operation

README = ROOT / "README.md"
GUIDES = [ROOT / "examples" / "README.md", *sorted((ROOT / ".github").glob("*.md"))]
BLOCKS = [
    *(block for path in (README, *GUIDES) for block in blocks_of(path)),
    *docstring_blocks(Path(heygen_async.__file__).parent),
]


def of_language(language: str) -> list[CodeBlock]:
    return [block for block in BLOCKS if block.language == language]


def test_every_block_has_a_language_that_is_checked() -> None:
    assert {block.language for block in BLOCKS} <= {"python", "sh", "json", "csv"}


def texts_of_called_blocks() -> list[str]:
    """Return the texts by which `test_readme.py` finds the blocks that it calls."""
    source = Path(__file__).with_name("test_readme.py").read_text(encoding="utf-8")
    return [
        str(node.args[0].value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in {"block", "code_of"}
        and isinstance(node.args[0], ast.Constant)
    ]


def is_called(block: CodeBlock) -> bool:
    return any(text in block.source for text in texts_of_called_blocks())


@pytest.mark.parametrize("block", [block for block in of_language("python") if block.path == README], ids=str)
def test_every_program_of_the_readme_is_called_by_a_test(block: CodeBlock) -> None:
    assert is_called(block), f"no test runs the block at {block}"


@pytest.mark.parametrize(
    "block", [block for block in of_language("python") if block.path != README and not is_called(block)], ids=str
)
def test_blocks_of_guides_and_docstrings_run(block: CodeBlock) -> None:
    names = {name: getattr(types, name) for name in types.__all__} | {
        "operation": operation,
        "AsyncHeyGen": AsyncHeyGen,
    }
    result = eval(block.compile(), names)
    if isinstance(result, Coroutine):  # an excerpt that needs a client and ids: its syntax is all there is to check
        result.close()


@pytest.mark.parametrize("block", of_language("json"), ids=str)
def test_json_blocks_are_valid(block: CodeBlock) -> None:
    for document in block.source.strip().split("\n\n"):
        json.loads(document)


@pytest.mark.parametrize("block", of_language("sh"), ids=str)
def test_shell_blocks_are_valid(block: CodeBlock) -> None:
    checked = subprocess.run(["bash", "-n"], input=block.source, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, f"{block}: {checked.stderr}"


@pytest.mark.parametrize("block", of_language("sh"), ids=str)
def test_shell_blocks_name_files_that_exist(block: CodeBlock) -> None:
    for name in re.findall(r"(?:^|\s)((?:tests|examples|benchmarks)/[\w/]+\.py)", block.source):
        assert (ROOT / name).exists(), f"{block} names {name}, which does not exist"
