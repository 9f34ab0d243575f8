"""`JobTable`: the jobs by their ids, and by kind in the order of their creation, so that no request walks all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .jobs import Job

__all__ = ["JobTable"]


class JobTable(dict[str, "Job"]):
    """A dictionary of jobs that also keeps the jobs of each kind in order."""

    def __init__(self) -> None:
        super().__init__()
        self._by_kind: dict[str, list[Job | None]] = {}  # None in the place of a removed job
        self._places: dict[str, int] = {}

    def __setitem__(self, id: str, job: Job) -> None:
        if id in self:
            del self[id]
        super().__setitem__(id, job)
        of_kind = self._by_kind.setdefault(job.kind, [])
        self._places[id] = len(of_kind)
        of_kind.append(job)

    def __delitem__(self, id: str) -> None:
        self._by_kind[self[id].kind][self._places.pop(id)] = None
        super().__delitem__(id)

    def newest(self, kind: str, *, before: str | None = None) -> Iterator[Job]:
        """Return the jobs of a kind, newest first; those older than the job `before`.

        Raises:
            KeyError: There is no job `before` of this kind.
        """
        if before is not None and self[before].kind != kind:
            raise KeyError(before)
        of_kind = self._by_kind.get(kind, [])
        end = len(of_kind) if before is None else self._places[before]
        return (job for place in range(end - 1, -1, -1) if (job := of_kind[place]) is not None)
