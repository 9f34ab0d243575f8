"""The outcome of each row, and the queue that brings outcomes from the rows' tasks to the caller."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, Unpack

import msgspec

from ..pricing import Estimate

if TYPE_CHECKING:
    from .rows import Row

State: TypeAlias = Literal["completed", "failed", "planned"]
_MAX_QUEUED = 64


class OutcomeFacts(TypedDict, total=False):
    """The fields of an outcome that are not in the row."""

    results: list[Any]
    paths: list[Path]
    error: Exception | None
    estimate: Estimate


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The end of one row.

    Attributes:
        key: The item's key.
        kind: The item's kind.
        state: `completed`, `failed`, or `planned` in a dry run.
        ids: The ids of the row's jobs. A translation into several languages has several.
        results: The finished structs, one for each job.
        paths: The downloaded files.
        error: The reason why the row failed.
        resumed: Whether an earlier run started the row.
        changed: Whether the content changed since the earlier run, so that a new job was created.
        estimate: The expected cost, in a dry run.
    """

    key: str
    kind: str
    state: State
    ids: list[str]
    results: list[Any] = []
    paths: list[Path] = []
    error: Exception | None = None
    resumed: bool = False
    changed: bool = False
    estimate: Estimate | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the row is completed: its jobs are finished and its files are downloaded."""
        return self.state == "completed"

    @property
    def id(self) -> str | None:
        """The id of the row's only or first job; None when no job was created."""
        return self.ids[0] if self.ids else None

    @property
    def result(self) -> Any:
        """The only or first finished struct; None when there is none."""
        return self.results[0] if self.results else None

    @property
    def path(self) -> Path | None:
        """The only or first downloaded file; None when there is none."""
        return self.paths[0] if self.paths else None

    def __repr__(self) -> str:
        return f"Outcome({self.key!r}, {self.state}, {self.kind}: {', '.join(self.ids) or 'no job'})"


class OutcomeQueue(asyncio.Queue[Outcome | Exception | None]):
    """A bounded queue of outcomes. Rows wait while the caller is slow, so memory stays flat.

    An exception in the queue ends the run; None is its regular end.
    """

    def __init__(self) -> None:
        super().__init__(_MAX_QUEUED)

    async def report(self, row: Row, state: State, **facts: Unpack[OutcomeFacts]) -> None:
        """Put a row's outcome into the queue."""
        entry = row.entry
        await self.put(
            Outcome(
                key=entry.key, kind=entry.kind, state=state, ids=list(entry.ids or ()), resumed=row.resumed,
                changed=row.changed, **facts,
            )
        )  # fmt: skip

    async def next(self) -> Outcome | None:
        """Return the next outcome, or None after the last one.

        Raises:
            Exception: The error that ended the run.
        """
        outcome = await self.get()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome
