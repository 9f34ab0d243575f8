"""Batches of every kind that are killed and lose their journal, or the part of it that a copy leaves behind."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from batch_process import KILLS, KINDS, Ended, check_paid_once, run_batch

from heygen_async.testing import HeyGenEmulator, Plan

pytestmark = pytest.mark.slow

CASES = [(kind, lost) for kind in KINDS for lost in ("log", "journal")]
#: A small run has the kinds that HeyGen does not recognise by a key, and one that it does.
SMALL = [("videos", "log"), ("video_agents", "journal"), ("ai_clipping", "log"), ("voices", "journal")]
KILLS_OF_CASE = max(KILLS // len(CASES), 1)
ROWS = 4 + KILLS_OF_CASE * 2
JOB_SECONDS = 0.7 + 0.3 * KILLS_OF_CASE  # so that no run ends before the last kill
DELAYS = {"voices": (0.0, 0.08)}  # seconds before a kill; speech is finished when it is created
MARK_OFFSET, IN_USE = 71, 1  # the last byte of the `application_id` of a journal, and its flag


def is_in_use(journal: Path) -> bool:
    """Whether the journal is one that a run has opened and not closed."""
    return journal.exists() and bool(journal.read_bytes()[MARK_OFFSET] & IN_USE)


class Losses:
    """A batch that is killed again and again, and loses a file after each kill."""

    def __init__(self, api: HeyGenEmulator, folder: Path, kind: str, lost: str) -> None:
        self.journal = folder / "journal/j"
        self.refusals = 0
        self._api = api
        self._lost = lost
        # Without a journal, the files of an earlier run are not overwritten, and keep their rows from being sent.
        self._arguments = {"rows": ROWS, "folder": folder, "kind": kind, "downloads": False}

    async def run(self, kill_after: float | None) -> Ended:
        """Run the batch, with `recover` if the run without it is refused, or cannot see that rows are missing."""
        must_refuse = self._lost == "log" and is_in_use(self.journal)
        if must_refuse:
            charges = len(self._api.ledger)
            refused = await run_batch(self._api, None, **self._arguments)
            assert refused.error[0] == "JournalError", refused
            assert "--recover" in refused.error[1]
            assert len(self._api.ledger) == charges
            self.refusals += 1
        keyed = self._arguments["kind"] not in {"video_agents", "ai_clipping", "voices"}
        recover = must_refuse or (self._lost == "journal" and not keyed)
        return await run_batch(self._api, kill_after, **self._arguments, recover=recover)

    def lose(self) -> None:
        """Delete what this case loses."""
        for path in self.journal.parent.glob("j-wal" if self._lost == "log" else "j*"):
            path.unlink()


@pytest.mark.parametrize(("kind", "lost"), CASES if len(CASES) <= KILLS else SMALL)
async def test_no_row_is_paid_twice_after_a_loss(kind: str, lost: str, tmp_path: Path) -> None:
    delays = random.Random(6)
    (tmp_path / "journal").mkdir()
    async with HeyGenEmulator(
        record_requests=kind == "voices", render_seconds=JOB_SECONDS, concurrency_limit=8, balance=1e6
    ) as api:
        api.plan(Plan(seconds=JOB_SECONDS))  # also for jobs whose length does not depend on `render_seconds`
        batch = Losses(api, tmp_path, kind, lost)
        kills = 0
        for _ in range(KILLS_OF_CASE):
            kills += not (await batch.run(delays.uniform(*DELAYS.get(kind, (0.1, 0.5))))).has_ended
            batch.lose()
        ended = await batch.run(None)
        if kind == "voices":
            check_reported(api, ended)
        else:
            check_paid_once(api, ended, ROWS)
    print(f"{kind}, {lost}: {kills} kills, {batch.refusals} refusals, {len(api.ledger)} jobs for {ROWS} rows")


def check_reported(api: HeyGenEmulator, ended: Ended) -> None:
    """Check that the report has every row which may have been paid twice, and every one whose request was lost."""
    completed = [outcome for outcome in ended.outcomes if outcome[1] == "completed"]
    ambiguous = [outcome for outcome in ended.outcomes if outcome[4].startswith("AmbiguousRequestError")]
    assert len({outcome[0] for outcome in [*completed, *ambiguous]}) == ROWS, ended.outcomes
    assert len(set(ended.ids)) == len(completed)
    assert all(int(outcome[3]) for outcome in ambiguous)
    sent = Counter(request.json["text"] for request in api.requests_for("VoiceSpeechCreate"))
    doubles = {text.removeprefix("Hello ").rstrip(".") for text, count in sent.items() if count > 1}
    assert doubles <= {outcome[0].removeprefix("row-") for outcome in ended.outcomes if int(outcome[3])}
