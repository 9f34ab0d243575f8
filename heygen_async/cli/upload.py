"""`heygen-async upload FILE…`: upload files of any size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ..client import AsyncHeyGen
from ..errors import HeyGenError
from ..types.files import AssetFile
from . import output
from .running import HUMAN, QUIET, progress_bars, run


@click.command(params=[HUMAN, QUIET])
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--no-wait", is_flag=True, help="Do not wait until HeyGen has processed the files.")
def upload(files: tuple[Path, ...], *, no_wait: bool, human: bool, quiet: bool) -> int:
    """Upload files of any size in parallel. Print a line of JSON with `path` and `asset_id` for each."""

    async def send() -> None:
        async with AsyncHeyGen() as heygen:
            with progress_bars(visible=not quiet) as bars:
                progress = bars.bytes(", ".join(path.name for path in files)) if bars else None
                results = await heygen.assets.upload_many(files, wait=not no_wait, on_progress=progress)
        _report_uploads(files, results, human=human)

    return run(send)


def _report_uploads(files: Sequence[Path], results: Sequence[AssetFile | HeyGenError], *, human: bool) -> None:
    """Print the uploaded files, and raise an error when some failed."""
    uploaded: list[dict[str, str]] = []
    failures: list[tuple[Path, HeyGenError]] = []
    for path, result in zip(files, results, strict=True):
        if isinstance(result, HeyGenError):
            failures.append((path, result))
        else:
            uploaded.append({"path": str(path), "asset_id": result.asset_id})
    if human:
        output.print_response({"data": uploaded}, human=True)
    else:
        for line in uploaded:
            output.print_json_line(line)
    _raise_failures(failures, len(files))


def _raise_failures(failures: list[tuple[Path, HeyGenError]], total: int) -> None:
    if total == 1 and failures:
        raise failures[0][1]
    if failures:
        reasons = "; ".join(f"{path}: {error!s}" for path, error in failures)
        raise output.CommandError("upload_failed", f"{len(failures)} of {total} files were not uploaded: {reasons}")
