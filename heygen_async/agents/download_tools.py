"""The actions `download_video`, `download_translation` and so on: save the file of a finished job.

The program names the folder. The file has the name of the job's id, so a second call finds the file of the first. With
bounds, a download continues when its call ends, and the next call joins it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

from .._files.file_names import safe_file_name
from .._http.worker_threads import run_in_thread
from .._jobs.registry import KINDS
from ..errors import ConfigurationError, ToolRefusedError
from ..operations.catalog import find_status_operation
from .actions import Action

if TYPE_CHECKING:
    from .._jobs.kinds import JobKind
    from .._jobs.wait_options import OnUpdate
    from ..client import AsyncHeyGen
    from ..operations.operation import Operation
    from ..types.base import JSONValue
    from .bounded_calls import BoundedCalls


class DownloadedFile(msgspec.Struct):
    """A file on the disk of the program."""

    path: Annotated[str, msgspec.Meta(description="The path of the file.")]
    status: Annotated[Literal["completed", "downloading"], msgspec.Meta(description="Whether the file is there.")]
    bytes: Annotated[int | None, msgspec.Meta(description="Its size, once it is there.")] = None


def download_actions(folder: Path, bounded: BoundedCalls | None = None) -> Mapping[str, Action]:
    """Return the download actions by name, one for each kind of job whose result is a video.

    Args:
        folder: The folder that the files go into.
        bounded: The bounds of calls; by default a call ends with its download.
    """
    actions: dict[str, Action] = {}
    for kind in KINDS:
        status = find_status_operation(kind.name)
        if "video_url" in kind.url_fields and status is not None:
            action = _download_action(kind, status, folder, bounded)
            actions.setdefault(action.name, action)
    return actions


def _download_action(kind: JobKind[Any], status: Operation, folder: Path, bounded: BoundedCalls | None) -> Action:
    (id_name,) = status.input.ids
    about = f"The {kind.name}, from the tool that created it."
    field: tuple[str, Any] = (id_name, Annotated[str, msgspec.Meta(description=about)])
    return Action(
        name=f"download_{kind.wait}",
        description=f"Save the file of a finished {kind.name} to the program's folder and return its path. "
        f"While it still runs, call wait_for_{kind.wait} first. A second call returns the same file.",
        arguments=msgspec.defstruct("Arguments", [field], kw_only=True, forbid_unknown_fields=True),
        data=lambda: DownloadedFile,
        function=partial(_download, kind, status, folder, bounded),
    )


async def _download(
    kind: JobKind[Any],
    status: Operation,
    folder: Path,
    bounded: BoundedCalls | None,
    client: AsyncHeyGen,
    arguments: dict[str, Any],
    _: OnUpdate | None,
) -> dict[str, JSONValue]:
    ((id_name, id),) = arguments.items()
    if not await run_in_thread(folder.is_dir):
        raise ConfigurationError(f"output_dir is {str(folder)!r}, which is not a folder. Pass an existing folder.")
    job = await attrgetter(status.path)(client)(id)
    if not (url := next((one for one in map(partial(_url, job), kind.url_fields) if one), None)):
        advice = f"Call wait_for_{kind.wait} until it is completed, then call download_{kind.wait} again."
        raise ToolRefusedError(f"download_{kind.wait}", f"found no file yet: the {kind.name} is {job.status}", advice)
    path = folder / (safe_file_name(id) + Path(urlsplit(url).path).suffix)
    if not await run_in_thread(path.exists):
        save = partial(client.download, job, path, resume=True)
        if await (save() if bounded is None else bounded.result_of(str(path), save)) is None:
            note = f"The file is still being downloaded. Call download_{kind.wait} with {id_name}={id} again."
            return {"data": {"path": str(path), "status": "downloading"}, "note": note}
    size = (await run_in_thread(path.stat)).st_size
    return {"data": {"path": str(path), "status": "completed", "bytes": size}}


def _url(job: object, field: str) -> str | None:
    url = getattr(job, field, None)
    return url if isinstance(url, str) else None
