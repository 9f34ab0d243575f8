"""A process that dies before or after any step of a batch, with its journal, without it, and without its log.

Nothing is killed here: from the crash on, each step of the run fails without an effect, and the files are put back as
they were. `test_kills.py` kills processes. `HEYGEN_ASYNC_CRASHES` sets the number of crashes for each kind.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import pytest
from batch_support import CLIP, REQUESTS, outcomes_by_key

from heygen_async import AsyncHeyGen
from heygen_async.batch import Outcome, run
from heygen_async.batch.journal import Journal
from heygen_async.batch.kinds import BatchKind
from heygen_async.batch.outcomes import OutcomeQueue
from heygen_async.batch.output_files import OutputFiles
from heygen_async.resources.lipsyncs import Lipsyncs
from heygen_async.resources.video_translations import VideoTranslations
from heygen_async.testing import HeyGenEmulator

pytestmark = pytest.mark.slow

CRASHES = int(os.environ.get("HEYGEN_ASYNC_CRASHES", "5"))
STRIDE = max(1, 120 // CRASHES) | 1  # odd, so that every loss has its turn
STEPS: list[tuple[Any, str]] = [
    (Journal, "_transaction"), (BatchKind, "create"), (VideoTranslations, "create_batch"), (Lipsyncs, "create_batch"),
    (BatchKind, "wait"), (OutputFiles, "fetch"), (OutcomeQueue, "report"),
]  # fmt: skip
LOSSES = ("nothing", "journal", "log")
MAX_STEPS = 20  # a run of two rows has at most so many
ONE_LANGUAGE = {"video": CLIP, "output_languages": ["French (France)"]}
RUNS = [*[(kind, "jobs") for kind in REQUESTS], ("video_translations", "api"), ("lipsyncs", "api")]


class CrashError(RuntimeError):
    """The process dies here."""


class Crash:
    """Lets the process die at one step, and keeps the journal's files of that moment in a folder."""

    def __init__(self, step: int, *, after: bool, journal: Path, snapshot: Path) -> None:
        self.steps = 0
        self.is_dead = False
        self.writing = threading.RLock()  # the files are copied between two writes
        self._step = step
        self._after = after
        self._journal = journal
        self._snapshot = snapshot

    def is_due(self, *, after: bool) -> bool:
        """Return whether the process dies now. Count a step before its effect."""
        if self.is_dead:
            raise CrashError
        self.steps += not after
        return self.steps == self._step and after == self._after

    def die(self) -> None:
        with self.writing:
            self._snapshot.mkdir()
            for file in self._journal.parent.glob(f"{self._journal.name}*"):
                shutil.copy2(file, self._snapshot)
            self.is_dead = True  # now the run may end, and close the journal

    def restore(self, loss: str) -> None:
        """Put the files back, without those that are lost."""
        for file in self._journal.parent.glob(f"{self._journal.name}*"):
            file.unlink()
        for file in self._snapshot.iterdir():
            if loss == "nothing" or (loss == "log" and file.name == self._journal.name):
                shutil.copy2(file, self._journal.parent)


def interrupt(crash: Crash, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function as a step, before or after which the process may die."""

    @wraps(function)
    async def step(*arguments: Any, **options: Any) -> Any:
        for after in (False, True):
            if crash.is_due(after=after):
                await asyncio.to_thread(crash.die)
                raise CrashError
            if not after:
                result = await function(*arguments, **options)
        return result

    @wraps(function)
    def blocking_step(*arguments: Any, **options: Any) -> Any:
        with crash.writing:
            for after in (False, True):
                if crash.is_due(after=after):
                    crash.die()
                    raise CrashError
                if not after:
                    result = function(*arguments, **options)
        return result

    return step if iscoroutinefunction(function) else blocking_step


@contextmanager
def crashing(crash: Crash) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patches:
        for owner, name in STEPS:
            patches.setattr(owner, name, interrupt(crash, getattr(owner, name)))
        yield


async def crash_and_run_again(kind: str, engine: str, crash: Crash, loss: str, journal: Path, where: str) -> bool:
    """Check that a run after a crash pays for nothing twice. Return False when the run ended before the crash."""
    async with HeyGenEmulator(autojump=True, balance=1e5) as api, AsyncHeyGen(api.key, base_url=api.url) as client:
        request = ONE_LANGUAGE if (kind, engine) == RUNS[-2] else REQUESTS[kind]
        if kind == "templates":
            request = {**request, "template_id": (await client.templates.list()).data[0].id}
        rows = [("row-0", request), ("row-1", request)]
        options: dict[str, Any] = {
            "heygen": client, "kind": kind, "engine": engine, "journal": journal,
            "output_dir": journal.with_suffix(".out"),
        }  # fmt: skip
        with crashing(crash):
            try:
                await outcomes_by_key(run(rows, **options))
            except CrashError:
                pass
            else:
                return False
        await asyncio.to_thread(crash.restore, loss)
        if loss != "nothing":  # a file that the journal does not know is not overwritten
            options["output_dir"] = journal.with_suffix(".second")
        is_keyed = kind not in {"video_agents", "ai_clipping", "voices"}
        recover = loss == "log" or (loss == "journal" and not is_keyed)
        outcomes = await outcomes_by_key(run(rows, **options, recover=recover, retry_failed=kind == "voices"))
        check(kind, list(outcomes.values()), api, where)
    return True


def check(kind: str, outcomes: list[Outcome], api: HeyGenEmulator, where: str) -> None:
    assert all(outcome.succeeded for outcome in outcomes), (where, [outcome.error for outcome in outcomes])
    ids = {id for outcome in outcomes for id in outcome.ids}
    charged = {charge.id for charge in api.ledger}
    if kind == "voices":
        assert 0 <= len(api.ledger) - 2 <= sum(outcome.possible_charges for outcome in outcomes), where
    elif kind == "video_agents":  # the charge has the id of the session's video
        assert len(api.ledger) == len(ids), where
    else:
        assert (charged, len(api.ledger)) == (ids, len(ids)), where


@pytest.mark.parametrize(("kind", "engine"), RUNS)
async def test_a_crash_at_any_step_pays_for_nothing_twice(kind: str, engine: str, tmp_path: Path) -> None:
    places = itertools.product(range(1, MAX_STEPS + 1), (False, True), LOSSES)
    crashes = 0
    for number, (step, after, loss) in enumerate(places):
        if number % STRIDE != sum(kind.encode()) % STRIDE:
            continue
        journal = tmp_path / f"{number}.db"
        crash = Crash(step, after=after, journal=journal, snapshot=tmp_path / f"{number}.snapshot")
        where = f"{kind}, {engine}, step {step}, {after=}, {loss=}"
        crashes += await crash_and_run_again(kind, engine, crash, loss, journal, where)
    assert crashes
    print(f"{kind}, {engine}: {crashes} crashes")
