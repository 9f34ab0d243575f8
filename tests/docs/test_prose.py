"""The README and the guides: short, in short sentences, with names and links that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs_support import FENCE, ROOT, blocks_of, docstrings, guide

import heygen_async

MAX_WORDS = 1200
MAX_LINE = 120
MAX_SENTENCE = 30
MAX_RECIPE = 12
PACKAGE = Path(heygen_async.__file__).parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDES = sorted(PACKAGE.glob("*/__init__.py"))
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "examples" / "README.md",
    ROOT / "benchmarks" / "results.md",
    PACKAGE / "cli" / "agents_guide.md",
    *sorted((ROOT / ".github").glob("*.md")),
]
#: A section of a docstring, or one of its entries, each of which is prose of its own.
ENTRY = re.compile(r"^ *(?:(?:Args|Attributes|Raises|Returns|Yields):$|(?=\*{0,2}\w+: ))", re.MULTILINE)


def prose(text: str) -> list[str]:
    """Return the paragraphs and list items without code, tables, links' addresses and headings."""
    text = re.sub(
        r"<!--.*?-->|^\[.+\]: .*$|^ *\|.*$|^#.*$|^.+\n---+$|^---+$", "", FENCE.sub("", text), flags=re.MULTILINE
    )
    text = re.sub(r"(!?)\[([^]]+)\]\([^)]+\)", r"\2", re.sub(r"`[^`]+`", "code", text))
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n|\n(?=[*-] |\d+\. )", text) if part.strip()]


def long_sentences(text: str) -> list[str]:
    sentences = [one for part in prose(text) for one in re.split(r"(?<=[.!?])\**\s+", part)]
    return [one for one in sentences if len(one.split()) > MAX_SENTENCE]


def test_the_readme_is_short() -> None:
    assert sum(len(part.split()) for part in prose(README)) <= MAX_WORDS
    assert [line for line in README.splitlines() if len(line) > MAX_LINE] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_no_sentence_of_a_document_is_long(path: Path) -> None:
    assert long_sentences(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("folder", [PACKAGE, ROOT / "examples", ROOT / "benchmarks"], ids=lambda folder: folder.name)
def test_no_sentence_of_a_docstring_is_long(folder: Path) -> None:
    found = {}
    for path in sorted(folder.rglob("*.py")):
        for text in docstrings(path):
            if long := long_sentences(ENTRY.sub("\n\n", text)):
                found[path.relative_to(ROOT).as_posix()] = long
    assert found == {}


def test_a_recipe_is_short() -> None:
    recipes = README.index("## Recipes"), README.index("## What can go wrong")
    first, last = (README.count("\n", 0, position) for position in recipes)
    blocks = [block for block in blocks_of(ROOT / "README.md") if first < block.line < last]
    assert len(blocks) == 5
    for block in blocks:
        assert len([line for line in block.source.splitlines() if line]) <= MAX_RECIPE, str(block)


def test_the_exceptions_of_the_readme_exist() -> None:
    names = re.findall(r"`(\w+Error)`", README)
    assert len(names) > 10
    assert set(names) <= set(heygen_async.__all__)


def test_the_links_of_the_readme_lead_to_files_and_sections() -> None:
    targets = re.findall(r"\]\(([^)]+)\)|^\[.+\]: (.+)$", README, re.MULTILINE)
    sections = {
        re.sub(r"[^\w -]", "", title).lower().replace(" ", "-")
        for title in re.findall(r"^## (.+)$", README, re.MULTILINE)
    }
    for target in (inline or reference for inline, reference in targets):
        if target.startswith("#"):
            assert target[1:] in sections
        elif not target.startswith("https://"):
            assert (ROOT / target).exists(), target


def test_the_figures_of_the_readme_are_those_of_the_benchmarks() -> None:
    table = README.partition("## Why not")[2].partition("## Guides")[0]
    row = re.search(r"status requests of 10,000 waits \| ([\d,]+) \| ([\d,]+) \|", table)
    assert row
    loop, ours = (int(figure.replace(",", "")) for figure in row.groups())
    results = (ROOT / "benchmarks" / "results.md").read_text(encoding="utf-8")
    assert f"a poller in each task {loop}.0" in results
    assert re.search(rf"10,000 waits: requests \| [\d.]+ +\| {ours}\.0 ", results)


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.parent.name)
def test_a_guide_opens_with_an_example(path: Path) -> None:
    if path.parent.name == "operations":
        return
    _, _, rest = guide(path).partition("\n\n")
    assert rest.startswith("```")
