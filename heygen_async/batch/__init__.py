"""Batches that survive: thousands of rows, each made once, under the plan's limits, on a machine that may be closed.

`async for outcome in run(requests, journal="tour.db")` gives each row's end as it comes. The journal makes it
resumable: the same call again goes on, whatever became of the process. `python -m heygen_async.batch` does the same
for a CSV or JSON Lines file.
"""

from __future__ import annotations

from ..pricing import Estimate, estimate
from .items import Item, Outcome
from .runner import Engine, Run, run

__all__ = ["Engine", "Estimate", "Item", "Outcome", "Run", "estimate", "run"]
