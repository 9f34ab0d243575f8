"""Zip a folder with an HTML composition and render it, with values for its variables.

python examples/hyperframes_render.py my-project --set title="Good news" -o render.mp4
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

import anyio
from local import open_heygen, run, show

COMPOSITION = """<!doctype html>
<html data-composition-id="main" data-width="1920" data-height="1080" data-duration="3">
  <body><h1 class="clip" data-start="0" data-duration="3">{{title}}</h1></body>
</html>
"""


async def main(folder: Path | None, variables: dict[str, str], output: str) -> None:
    with tempfile.TemporaryDirectory() as work:
        if folder is None:
            folder = Path(work) / "project"
            folder.mkdir()
            (folder / "index.html").write_text(COMPOSITION, encoding="utf-8")
        project = await anyio.to_thread.run_sync(shutil.make_archive, f"{work}/project", "zip", folder)
        async with open_heygen() as heygen:
            render = await heygen.hyperframes.create_and_wait(
                project=Path(project), variables=variables, fps=30, quality="standard", on_update=show
            )
            print(await heygen.download(render, output, overwrite=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="a folder with an index.html (default: a small sample)")
    parser.add_argument("--set", action="append", default=["title=Good news"], metavar="NAME=VALUE")
    parser.add_argument("-o", "--output", default="render.mp4")
    arguments = parser.parse_args()
    run(main(arguments.folder, dict(pair.split("=", 1) for pair in arguments.set), arguments.output))
