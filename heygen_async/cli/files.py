"""Files up and down."""

from __future__ import annotations

from pathlib import Path

import click

from ..catalogue import json_of
from ..client import AsyncHeyGen
from ..errors import HeyGenError
from ..threads import finished
from . import output
from .running import HUMAN, QUIET, bars, run

_ASSETS = {
    "video": "video_url",
    "captioned": "captioned_video_url",
    "subtitle": "subtitle_url",
    "gif": "gif_url",
    "thumbnail": "thumbnail_url",
}


@click.command("download", params=[HUMAN, QUIET])
@click.argument("video_id")
@click.option("--output-path", type=click.Path(path_type=Path), help="Where to; by default VIDEO_ID.mp4, here.")
@click.option("--asset", type=click.Choice([*_ASSETS]), default="video", help="Which of its files.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--resume", is_flag=True, help="Go on with what an interrupted download left.")
def video_download(
    video_id: str, output_path: Path | None, asset: str, *, force: bool, resume: bool, human: bool, quiet: bool
) -> int:
    """Fetch a finished video into a file, which is there under its name only when it is whole."""

    async def download() -> int:
        async with AsyncHeyGen() as heygen:
            video = await heygen.videos.get(video_id)
            url = getattr(video, _ASSETS[asset]) or ""
            suffix = Path(url.partition("?")[0]).suffix or ".mp4"
            target = output_path or Path(f"{video_id}{suffix}")
            if not force and await finished(target.exists):
                raise click.UsageError(f"{target} is there; --force replaces it, --output-path names another.")
            with bars(shown=not quiet) as shown:
                path = await heygen.download(
                    video,
                    target,
                    field=_ASSETS[asset],
                    overwrite=force,
                    resume=resume,
                    on_progress=shown.bytes(target.name) if shown else None,
                )
        shown = str(output_path or path)
        output.tell({"asset": asset, "message": f"Downloaded {asset} to {shown}", "path": shown}, human=human)
        return output.DONE

    return run(download, human=human)


@click.command(params=[HUMAN, QUIET])
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--no-wait", is_flag=True, help="Do not wait until HeyGen has processed it.")
def upload(files: tuple[Path, ...], *, no_wait: bool, human: bool, quiet: bool) -> int:
    """Upload files of any size; each answers with its `asset_id`. Several are uploaded at the same time."""

    async def send() -> int:
        async with AsyncHeyGen() as heygen:
            with bars(shown=not quiet) as shown:
                if len(files) == 1:
                    asset = await heygen.assets.upload(
                        files[0], wait=not no_wait, on_progress=shown.bytes(files[0].name) if shown else None
                    )
                    output.tell({"data": json_of(asset)}, human=human)
                    return output.DONE
                ends = await heygen.assets.upload_many(
                    files, wait=not no_wait, on_progress=shown.bytes(f"{len(files)} files") if shown else None
                )
        code = output.DONE
        for path, end in zip(files, ends, strict=True):
            if isinstance(end, HeyGenError):
                code = output.fail(end)
            else:
                output.tell_line({"path": str(path), "asset_id": end.asset_id})
        return code

    return run(send, human=human)
