"""The resources and methods of the client that documents, docstrings and examples name exist."""

from __future__ import annotations

import re
from functools import reduce
from pathlib import Path
from pkgutil import resolve_name

import pytest
from docs_support import ROOT, docstrings

import heygen_async
from heygen_async import AsyncHeyGen

PACKAGE = Path(heygen_async.__file__).parent
SOURCES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "examples" / "README.md",
    PACKAGE / "cli" / "agents_guide.md",
    *sorted((ROOT / ".github").glob("*.md")),
    *sorted((ROOT / "examples").glob("*.py")),
    *(path for path in sorted(PACKAGE.rglob("*.py")) if "legacy" not in path.parts),  # which has resources of its own
]
RESOURCES = "|".join(name for name in AsyncHeyGen.__annotations__ if not name.startswith("_"))
#: `heygen.videos.create`, in prose and in code; and `videos.create(…)` at the start of a code span. The names of metrics
#: begin with `heygen.client.`.
NAME = re.compile(
    rf"(?:(?<![\w./@-])heygen\.(?!com\b|client\.)|`(?=(?:{RESOURCES})\.[\w.]+\(?[^`]*`))([a-z_]+(?:\.[a-z_]+)*)"
)
#: Texts of a docstring that have the form of a name: files of the package.
FILES = re.compile(r"\.(?:py|md|json)$")


def text_of(path: Path) -> str:
    """Return a document, the whole of an example, or the docstrings of a file of the package."""
    if path.suffix == ".py" and PACKAGE in path.parents:
        return "\n\n".join(docstrings(path))
    return path.read_text(encoding="utf-8")


def missing_names(text: str) -> list[str]:
    """Return the names in a text that neither the client nor the package has."""
    client = AsyncHeyGen("a_key")
    names = [name for name in dict.fromkeys(NAME.findall(text)) if not FILES.search(name)]
    return [name for name in names if not is_of_client(client, name) and not is_of_package(name)]


def is_of_client(client: AsyncHeyGen, name: str) -> bool:
    try:
        reduce(getattr, name.split("."), client)
    except AttributeError:
        return False
    return True


def is_of_package(name: str) -> bool:
    try:
        resolve_name(f"heygen_async.{name}")
    except (AttributeError, ImportError):
        return False
    return True


def test_every_named_method_of_the_client_exists() -> None:
    found = {str(path): missing_names(text_of(path)) for path in SOURCES}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "text", ["`await heygen.webhooks.make(url=…)`", "heygen.webhooks.make(url)", "See `webhooks.make`.", "heygen.hooks"]
)
def test_a_name_that_does_not_exist_is_found(text: str) -> None:
    assert missing_names(text) in (["webhooks.make"], ["hooks"])
    assert missing_names("`heygen.webhooks.endpoints.create()`, `videos.create`, developers.heygen.com") == []
