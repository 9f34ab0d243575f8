"""The types of the client's generated methods: `WaitMethod` and `WatchMethod`.

`declared_waits.py` declares the methods by these types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from os import PathLike

    from .._http.backoff import Backoff
    from .wait_options import JobUpdate, OnUpdate

CreatedT_contra = TypeVar("CreatedT_contra", contravariant=True)
ResultT = TypeVar("ResultT")


class WaitMethod(Protocol[CreatedT_contra, ResultT]):
    """A `wait_for_…` method."""

    async def __call__(
        self,
        job: str | CreatedT_contra | ResultT,
        *,
        timeout: float | None = None,
        poll: Backoff | None = None,
        on_update: OnUpdate | None = None,
        download_to: str | PathLike[str] | None = None,
    ) -> ResultT:
        """Wait until the job ends, and return the finished struct."""
        ...


class WatchMethod(Protocol[CreatedT_contra, ResultT]):
    """A `watch_…` method."""

    def __call__(
        self,
        job: str | CreatedT_contra | ResultT,
        *,
        timeout: float | None = None,
        poll: Backoff | None = None,
        on_update: OnUpdate | None = None,
    ) -> AsyncGenerator[JobUpdate[ResultT]]:
        """Yield every poll of the job until it ends."""
        ...
