"""Checks the built site: every link leads somewhere, nothing is loaded from elsewhere, and the first page is small."""

from __future__ import annotations

import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

MAX_FIRST_PAGE = 300 * 1024


class Page(HTMLParser):
    """The links, the resources and the anchors of one page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.resources: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the addresses of a tag, and its id."""
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        if tag in {"script", "img", "source"} and "src" in values:
            self.resources.append(values["src"])
        elif tag == "link" and values.get("rel") in {"stylesheet", "icon", "preload"}:
            self.resources.append(values["href"])
        elif tag in {"a", "link"} and "href" in values:
            self.links.append(values["href"])


def problems(site: Path) -> list[str]:
    """Return the broken links, the resources of other hosts and the excess of the first page."""
    found = [problem for path in sorted(site.rglob("*.html")) for problem in _problems_of(path, site)]
    if (size := first_page_bytes(site)) > MAX_FIRST_PAGE:
        found.append(f"index.html loads {size:,} bytes; the limit is {MAX_FIRST_PAGE:,}")
    return found


def _problems_of(path: Path, site: Path) -> list[str]:
    page, name = _read(path), path.relative_to(site)
    foreign = [f"{name} loads {one} from elsewhere" for one in page.resources if urlsplit(one).netloc]
    local = [one for one in (*page.links, *page.resources) if not (urlsplit(one).scheme or urlsplit(one).netloc)]
    return foreign + [f"{name} links to {one}, which does not exist" for one in local if not _exists(path, one)]


def _exists(path: Path, address: str) -> bool:
    target = urlsplit(address)
    file = path if not target.path else (path.parent / unquote(target.path)).resolve()
    if not file.is_file():
        return False
    return not target.fragment or file.suffix != ".html" or unquote(target.fragment) in {"", *_read(file).anchors}


def first_page_bytes(site: Path) -> int:
    """Return the size of the first page and of all that it loads, without compression."""
    files = {(site / urlsplit(one).path).resolve() for one in _read(site / "index.html").resources}
    return sum(file.stat().st_size for file in {site / "index.html", *files} if file.is_file())


@cache
def _read(path: Path) -> Page:
    return Page(path)


if __name__ == "__main__":
    folder = Path(sys.argv[1]).resolve()
    print(f"The first page loads {first_page_bytes(folder):,} bytes.")
    print(*(found := problems(folder)), sep="\n")
    sys.exit(bool(found))
