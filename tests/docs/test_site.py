"""The site: its reference describes every public name and parameter, and its check finds broken links."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

SITE = Path(__file__).with_name("site")
sys.path.insert(0, str(SITE))

import check  # noqa: E402
import commands  # noqa: E402
import links  # noqa: E402
import pages as site_pages  # noqa: E402
import reference  # noqa: E402

from heygen_async import types  # noqa: E402
from heygen_async.operations import operations  # noqa: E402

#: The start of an object: its directive and its name.
OBJECT = re.compile(r"^`+\{py:(\w+)\} ([\w.]+)")
UNDESCRIBED = re.compile(r"^:param (\w+): *$")
#: Lines after the start of an object that say nothing about it.
OPTION = re.compile(r"^(?::(?:type|value|async|classmethod):.*|Bases: .*|\s*)$")
#: Aliases whose values say all: a choice of texts, or of documented types.
CHOICE = re.compile(r"^:value: (Literal\[|\w+( \| \w+)+)")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return reference.reference_pages()


def test_every_public_name_is_on_a_page(pages: dict[str, str]) -> None:
    shown = {found[2] for text in pages.values() for line in text.splitlines() if (found := OBJECT.match(line))}
    assert set(links.documented()) <= shown
    assert {f"heygen_async.types.{name}" for name in types.__all__} <= shown
    assert f"{links.CLIENT}.wait_for_lipsync" in shown
    assert "heygen_async.resources.video_translations.Proofreads.create" in shown


def test_every_page_has_a_place_in_the_navigation(pages: dict[str, str]) -> None:
    assert {"reference/batch.md", "reference/resources/videos.md", "reference/types/videos.md"} <= pages.keys()
    assert len(pages) > 70


def test_every_parameter_is_described(pages: dict[str, str]) -> None:
    undescribed = []
    for text in pages.values():
        name = ""
        for line in text.splitlines():
            if found := OBJECT.match(line):
                name = found[2]
            elif found := UNDESCRIBED.match(line):
                undescribed.append(f"{name}({found[1]})")
    assert undescribed == []


def test_every_name_is_described(pages: dict[str, str]) -> None:
    undescribed = []
    for text in pages.values():
        lines = text.splitlines()
        for number, line in enumerate(lines):
            if (found := OBJECT.match(line)) and not is_described(lines[number + 1 :]):
                undescribed.append(found[2])
    assert undescribed == []


def is_described(lines: list[str]) -> bool:
    """Whether the lines after the start of an object begin with a text, or with a choice that needs none."""
    first = next(line for line in lines if CHOICE.match(line) or not OPTION.match(line))
    return not first.startswith(("```", ":param", ":ivar", "* `"))


def test_every_operation_shows_its_endpoint_price_and_page(pages: dict[str, str]) -> None:
    text = "".join(pages.values())
    for operation in operations().values():
        endpoint = operation.endpoint
        line = re.search(rf"^`{endpoint.method} {re.escape(endpoint.path)}` · (.*)$", text, re.MULTILINE)
        assert line, operation.name
        assert line[1].startswith("costs credit" if operation.billable else "costs nothing"), operation.name
        assert "https://developers.heygen.com/" in line[1], operation.name


def test_unpacked_keywords_have_their_types_and_ranges(pages: dict[str, str]) -> None:
    page = pages["reference/resources/podcasts.md"]
    assert ":type topic: str | None" in page
    assert "**request" not in "".join(pages.values())
    assert "costs credit" in page


def test_attributes_stand_beside_the_parameters_of_a_class(pages: dict[str, str]) -> None:
    page = pages["reference/batch.md"]
    assert ":ivar report: The numbers of rows that" in page
    assert ":vartype report: heygen_async.batch.RunReport" in page
    assert ":param engine: `jobs` sends a request for each row." in page


def test_guides_are_linked_by_their_titles_and_have_nothing_for_contributors() -> None:
    guides = dict(site_pages._guides())
    assert "see [Retries, errors, timeouts, logs](requests.md)" in guides["guides/waiting.md"]
    found = re.compile(r"^(Files of the package|Design notes)$|^(\* |- |\| )`[\w/]+\.py`|Rejected", re.MULTILINE)
    assert [name for name, text in guides.items() if found.search(text)] == []
    index = dict(site_pages._documents())["index.md"]
    assert "[Waiting for jobs][`_jobs`]" in index
    assert "The guide is [Waiting for jobs](guides/waiting.md)." in index


def test_an_example_can_be_downloaded() -> None:
    examples = dict(site_pages._examples())
    assert "{download}`gallery.py <gallery.py>`" in examples["examples/gallery.md"]
    assert "{download}`local.py <local.py>` in one folder" in examples["examples/speak.md"]


def test_every_command_has_a_page() -> None:
    found = dict(commands.command_pages())
    assert {"commands/index.md", "commands/video.md", "commands/batch.md", "commands/mcp.md"} <= found.keys()
    assert "| `--prompt TEXT` |" in found["commands/video-agent.md"]


def test_the_check_names_broken_links_and_foreign_resources(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        '<h1 id="top"></h1><a href="#top"></a><a href="no.html"></a><a href="#no"></a><a href="https://a.example"></a>'
        '<script src="https://b.example/x.js"></script>'
    )
    assert check.problems(tmp_path) == [
        "index.html loads https://b.example/x.js from elsewhere",
        "index.html links to no.html, which does not exist",
        "index.html links to #no, which does not exist",
    ]


def test_the_check_limits_the_first_page(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<img src="picture.png">')
    (tmp_path / "picture.png").write_bytes(bytes(check.MAX_FIRST_PAGE))
    assert check.problems(tmp_path) == ["index.html loads 307,223 bytes; the limit is 307,200"]
