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
import reference  # noqa: E402

from heygen_async import types  # noqa: E402

#: The start of an object, and a parameter without a description.
OBJECT = re.compile(r"^`+\{py:\w+\} ([\w.]+)")
UNDESCRIBED = re.compile(r"^:param (\w+): *$")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return reference.reference_pages()


def test_every_public_name_is_on_a_page(pages: dict[str, str]) -> None:
    shown = {found[1] for text in pages.values() for line in text.splitlines() if (found := OBJECT.match(line))}
    assert set(links.documented()) <= shown
    assert {f"heygen_async.types.{name}" for name in types.__all__} <= shown
    assert f"{links.CLIENT}.wait_for_lipsync" in shown
    assert "heygen_async.resources.video_translations.Proofreads.create" in shown


def test_every_page_has_a_place_in_the_navigation(pages: dict[str, str]) -> None:
    assert {"reference/batch.md", "reference/resources/videos.md", "reference/types/videos.md"} <= pages.keys()
    assert len(pages) > 70


def test_unpacked_keywords_have_their_types_and_ranges(pages: dict[str, str]) -> None:
    page = pages["reference/resources/podcasts.md"]
    assert ":type topic: str | None" in page
    assert "**request" not in "".join(pages.values())
    assert "costs credit" in page


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
