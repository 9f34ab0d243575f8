"""The outcome of each row, and the queue that brings outcomes from the rows' tasks to the caller."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, Unpack

import msgspec

from ..errors import AmbiguousRequestError
from ..pricing import Estimate

if TYPE_CHECKING:
    from .rows import Row

#: The state of a row: `planned` by a run that only checks.
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
        created_earlier: Whether the row was answered by a job that existed before it was submitted: HeyGen recognised
            its idempotency key. `again=True` creates a new job for such a row.
        possible_charges: The number of requests for this row that may have been charged without a result. Their
            responses were lost, and their jobs cannot be found.
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
    created_earlier: bool = False
    possible_charges: int = 0

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


class RunReport(msgspec.Struct):
    """The numbers of a run's rows that a person should know about.

    Attributes:
        created_earlier: The rows that were answered by jobs created earlier.
        possibly_charged: The rows for which a request may have been charged without a result.
    """

    created_earlier: int = 0
    possibly_charged: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count an outcome.

        Args:
            outcome: The outcome of a row.
        """
        self.created_earlier += outcome.created_earlier
        self.possibly_charged += outcome.possible_charges > 0

    def warnings(self, again: str = "again=True") -> list[str]:
        """Return a sentence for each number that is not 0.

        Args:
            again: The option that creates new jobs.
        """
        sentences: list[str] = []
        if count := self.created_earlier:
            verb = "row was" if count == 1 else "rows were"
            sentences.append(f"{count} {verb} answered by jobs created earlier; {again} makes new ones.")
        if count := self.possibly_charged:
            sentences.append(f"{count} row{'s' if count > 1 else ''} may have been charged without a result.")
        return sentences


class OutcomeQueue(asyncio.Queue[Outcome | Exception | None]):
    """A bounded queue of outcomes. Rows wait while the caller is slow, so memory stays flat.

    An exception in the queue ends the run; None is its regular end.
    """

    def __init__(self) -> None:
        super().__init__(_MAX_QUEUED)

    async def report(self, row: Row, state: State, **facts: Unpack[OutcomeFacts]) -> None:
        """Put a row's outcome into the queue."""
        entry = row.entry
        is_unknown = entry.state == "submitting" and isinstance(facts.get("error"), AmbiguousRequestError)
        await self.put(
            Outcome(
                key=entry.key, kind=entry.kind, state=state, ids=list(entry.ids or ()), resumed=row.resumed,
                changed=row.changed, created_earlier=entry.created_earlier,
                possible_charges=entry.possible_charges + is_unknown, **facts,
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
