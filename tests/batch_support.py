"""Rows, runs and journals for the batch tests. `HEYGEN_ASYNC_BATCH_ROWS` sets the size of the long batches."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support import records

from heygen_async import AsyncHeyGen
from heygen_async.batch import Outcome, Run, journal_file, run
from heygen_async.batch.journal import Journal
from heygen_async.batch.journal_entries import CHECKED_COLUMNS
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.files import UrlFile
from heygen_async.types.videos import AvatarVideo

CLIP = UrlFile(url="https://example.com/clip.mp4")
ROWS = int(os.environ.get("HEYGEN_ASYNC_BATCH_ROWS", "200"))
_CREATE_OPERATIONS = {
    "videos": "VideoCreate",
    "video_agents": "VideoAgentCreate",
    "video_translations": "VideoTranslateCreate",
    "voices": "VoiceSpeechCreate",
    "avatars": "AvatarCreate",
    "ai_clipping": "AiClippingCreate",
}


def hello(count: int) -> list[tuple[str, AvatarVideo]]:
    return [(f"row-{i}", AvatarVideo(avatar_id="avatar_1", script=f"Hello {i}.")) for i in range(count)]


#: A request of each kind that needs nothing else. `template_id` is that of any template.
REQUESTS: dict[str, Any] = {
    "videos": hello(1)[0][1],
    "templates": {"template_id": "", "variables": {}},
    "video_agents": {"prompt": "A tour"},
    "video_translations": {"video": CLIP, "output_languages": ["French (France)", "German (Germany)"]},
    "lipsyncs": {"video": CLIP, "audio": {"type": "url", "url": "https://example.com/a.mp3"}},
    "avatars": {"type": "prompt", "name": "Ada", "prompt": "A woman at a desk"},
    "hyperframes": {"project": {"type": "url", "url": "https://example.com/a.zip"}},
    "background_removals": {"video": CLIP},
    "ai_clipping": {"video": CLIP},
    "voices": {"text": "Hello.", "voice_id": "voice_0000"},
}


async def outcomes_by_key(batch: Run) -> dict[str, Outcome]:
    """The outcomes of a whole run by key; each key has one."""
    outcomes = [outcome async for outcome in batch]
    assert len({outcome.key for outcome in outcomes}) == len(outcomes)
    return {outcome.key: outcome for outcome in outcomes}


def results_by_key(sheet: Path, name: str = "rows_results.csv") -> dict[str, dict[str, str]]:
    """The rows of a results file by key."""
    return {row["key"]: row for row in records(sheet.with_name(name))}


def fail_journal_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the journal fail to store running jobs."""
    original = Journal._transaction

    def fail(self: Journal, pending: Any) -> None:
        if any("running" in values for _, values in pending):
            raise sqlite3.OperationalError("disk I/O error")
        original(self, pending)

    monkeypatch.setattr(Journal, "_transaction", fail)


def age_journal(path: Path, seconds: float) -> None:
    """Move the times at which the journal's requests were sent into the past."""
    edit_journal(path, f"UPDATE rows SET submitted_at = submitted_at - {seconds}")


def edit_journal(path: Path, statement: str) -> None:
    """Change the journal's rows as if a run had stored them so."""
    with contextlib.closing(journal_file.connect(path)) as database:
        database.execute(statement)
        database.execute(f"UPDATE rows SET checksum = row_checksum({CHECKED_COLUMNS})")


async def lose_response(
    client: AsyncHeyGen, api: HeyGenEmulator, rows: list[Any], journal: Path, kind: str, *, created: bool = True
) -> None:
    """A run that is cancelled before the response to its only request arrives, with or without a created job."""
    operation = _CREATE_OPERATIONS[kind]
    api.inject(Fault("stall" if created else "silent", operation=operation))
    request_count = len(api.requests_for(operation))
    dying = asyncio.ensure_future(outcomes_by_key(run(rows, heygen=client, kind=kind, journal=journal)))
    while len(api.requests_for(operation)) == request_count:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    dying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dying
    assert len(api.ledger) == created
