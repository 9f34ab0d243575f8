"""Builds the site: `nox -s docs`, or `python tests/docs/site/build.py FOLDER`. Every warning is an error."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from pages import write_pages  # noqa: E402
from sphinx.cmd.build import build_main  # noqa: E402


def main(folder: Path) -> int:
    """Write the Markdown pages to `FOLDER/pages` and the site to `FOLDER/site`. Return the exit code."""
    for name in ("pages", "site"):
        shutil.rmtree(folder / name, ignore_errors=True)
    write_pages(folder / "pages")
    options = ["-W", "--keep-going", "-q", "-b", "html", "-j", "auto", "-c", str(HERE), "-d", str(folder / "doctrees")]
    return build_main([*options, str(folder / "pages"), str(folder / "site")])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
