"""The result of a benchmark: rows, each a ratio to a floor measured in the same run, with its goal."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

__all__ = ["Row", "cpu_of", "many", "medians", "pin"]


@dataclass
class Row:
    """One figure: `ours` against `floor`, both in `unit`; `others` are figures of other programs in the same unit."""

    name: str
    unit: str
    floor: float
    ours: float
    goal: float
    others: dict[str, float] = field(default_factory=dict)
    spread: tuple[float, float] | None = None  # the quartiles of the ratio over the rounds

    @classmethod
    def of_rounds(cls, name: str, unit: str, rounds: dict[str, list[float]], goal: float) -> Row:
        """Return the row of clients that took turns: medians, and the quartiles of the ratio within each round.

        Args:
            name: The name of the row.
            unit: The unit of all values.
            rounds: The value of each round by client; `floor` and `ours` are among the clients.
            goal: The highest ratio that is good enough.
        """
        ratios = [ours / floor for ours, floor in zip(rounds["ours"], rounds["floor"], strict=True)]
        low, _, high = statistics.quantiles(ratios, n=4)
        others = medians(rounds)
        return cls(name, unit, others.pop("floor"), others.pop("ours"), goal, others, (low, high))

    @property
    def ratio(self) -> float:
        return self.ours / self.floor

    @property
    def reached(self) -> bool:
        return self.ratio <= self.goal

    def line(self) -> str:
        """Return the row as a line of a Markdown table."""
        spread = "" if self.spread is None else f" ({self.spread[0]:.2f}–{self.spread[1]:.2f})"
        others = ", ".join(f"{name} {value:.1f}" for name, value in self.others.items())
        return (
            f"| {self.name} | {self.floor:.1f} {self.unit} | {self.ours:.1f} | {self.ratio:.2f}{spread} | "
            f"{self.goal:.2f} | {'yes' if self.reached else 'no'} | {others} |"
        )


def pin(core: int) -> None:
    """Keep this process on one core, if the machine has several."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[core % len(cores)]})


async def cpu_of(work: Callable[[], Awaitable[object]], times: int) -> float:
    """Return the CPU microseconds of one call, for a coroutine function that makes `times` calls."""
    started = time.process_time()
    await work()
    return (time.process_time() - started) / times * 1e6


def many(call: Callable[[], Awaitable[object]], times: int, flight: int) -> Callable[[], Awaitable[object]]:
    """Return a function that makes so many calls, `flight` of them in parallel."""

    async def worker() -> None:
        for _ in range(times // flight):
            await call()

    async def work() -> None:
        await asyncio.gather(*(worker() for _ in range(flight)))

    return work


def medians(samples: dict[str, list[float]]) -> dict[str, float]:
    """Return the median of each list."""
    return {name: statistics.median(values) for name, values in samples.items()}


async def sample_in_turn(
    clients: dict[str, Callable[[], Awaitable[object]]], *, calls: int, flight: int, rounds: int
) -> dict[str, list[float]]:
    """Return the CPU microseconds of a call in each round by client; they take turns."""
    samples: dict[str, list[float]] = {name: [] for name in clients}
    for number in range(rounds + 1):
        for name, call in clients.items():
            microseconds = await cpu_of(many(call, calls, flight), calls // flight * flight)
            if number:  # the first round warms up
                samples[name].append(microseconds)
    return samples
