"""The client's downloads, which `AsyncHeyGen` inherits. The mechanisms are imported at their first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._http.call_errors import explains_calls

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Sequence
    from contextlib import AbstractAsyncContextManager
    from os import PathLike
    from pathlib import Path

    from .._http.transport import Transport
    from .._jobs.kinds import JobKind
    from ..errors import HeyGenError
    from .download_stream import DownloadStream
    from .transfer_progress import OnProgress
    from .url_renewal import Downloadable


@explains_calls
class Downloads:
    """The downloads of a client."""

    _transport: Transport

    async def download(
        self,
        resource: Downloadable,
        path: str | PathLike[str],
        *,
        url_field: str | None = None,
        overwrite: bool = False,
        resume: bool = False,
        on_progress: OnProgress | None = None,
    ) -> Path:
        """Download a file from HeyGen, and return its path.

        The file is streamed, so memory does not grow with its size. It appears under its name only when it is complete
        and on the disk; its length is checked, and its checksum where the server gives one. A broken download resumes,
        and an expired URL is requested again. The client's `timeout`, if it is set, limits the whole download.

        Args:
            resource: A finished video, translation, lipsync, render or other struct with a URL, or a URL. The URL of a
                struct, and every redirect, may lead to public hosts over https only; see `allow_private_hosts`.
            path: The file to write.
            url_field: The field with the URL, such as `captioned_video_url`, `layers.mask` or `clips.0.video_url`; by
                default `video_url`, `audio_url` or `url`.
            overwrite: Replace an existing file.
            resume: Continue the partial file (`.name.part`) that a killed process or an earlier download with
                `resume=True` left, and keep it when this download fails.
            on_progress: Called with the transferred bytes and the total bytes, or None when that is unknown; may be
                async.

        Raises:
            InvalidInputError: The resource has no such URL yet, the folder does not exist, or the file exists.
            DownloadError: The file could not be downloaded completely or written, or its URL must not be fetched.
        """
        from . import downloads  # noqa: PLC0415  most clients download nothing

        return await downloads.download(
            self._transport,
            resource,
            path,
            url_field=url_field,
            overwrite=overwrite,
            resume=resume,
            on_progress=on_progress,
        )

    async def download_many(
        self,
        items: Iterable[tuple[Downloadable, str | PathLike[str]]],
        *,
        concurrency: int = 4,
        url_field: str | None = None,
        overwrite: bool = False,
        resume: bool = False,
        on_progress: OnProgress | None = None,
    ) -> Sequence[Path | HeyGenError]:
        """Download files in parallel, and return for each its path or its error.

        Args:
            items: Pairs of a resource and a path, as `download` takes them.
            concurrency: The number of downloads that run in parallel.
            url_field: The field with the URL, in every resource.
            overwrite: Replace existing files.
            resume: Continue partial files, and keep them when a download fails.
            on_progress: Called with the transferred and the total bytes of all started downloads; may be async.
        """
        from . import downloads  # noqa: PLC0415  most clients download nothing

        return await downloads.download_many(
            self._transport,
            items,
            concurrency=concurrency,
            url_field=url_field,
            overwrite=overwrite,
            resume=resume,
            on_progress=on_progress,
        )

    async def _wait_and_download(
        self, kind: JobKind[Any], wait: Coroutine[Any, Any, Any], destination: str | PathLike[str]
    ) -> Any:
        """Await a wait for a job, then download its file. Reject a destination that cannot be written first."""
        from . import result_download  # noqa: PLC0415  most clients download nothing

        try:
            await result_download.check_destination(kind, destination, is_new_job=False)
            job = await wait
        finally:
            wait.close()
        await result_download.download_result(self._transport, kind, job, destination)
        return job

    def open_stream(
        self, resource: Downloadable, *, url_field: str | None = None
    ) -> AbstractAsyncContextManager[DownloadStream]:
        """Open a stream of a file from HeyGen: `async with heygen.open_stream(video) as stream:`.

        `async for chunk in stream` yields each byte once and in order; it resumes after breaks and requests an expired
        URL again. The attributes `total` and `media_type` are known from the start.

        Args:
            resource: A struct with a URL, or a URL, as `download` takes it.
            url_field: The field with the URL.

        Raises:
            DownloadError: The file could not be read completely, or changed meanwhile.
        """
        from . import download_stream  # noqa: PLC0415

        return download_stream.open_stream(self._transport, resource, url_field=url_field)
