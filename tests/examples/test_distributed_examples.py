"""The examples on engines: a worker is killed in the midst of its rows; another makes the rest, and nothing twice."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from support import redis_server
from test_examples import environment, start

from heygen_async.testing import HeyGenEmulator

pytestmark = pytest.mark.slow

ROWS = 5


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text("avatar_id,script\n" + "".join(f"avatar_1,Hello {i}.\n" for i in range(ROWS)), encoding="utf-8")
    return path


async def output(script: str, *arguments: object, **variables: str) -> str:
    process = await start(*arguments, script=script, **variables)
    out, error = await process.communicate()
    assert process.returncode == 0, error.decode()
    return out.decode()


async def kill_after_creates(count: int, api: HeyGenEmulator, script: str, *arguments: object) -> None:
    dying = await start(*arguments, script=script, **environment(api))
    while len(api.ledger) < count:
        assert dying.returncode is None, (await dying.communicate())[1].decode()
        await asyncio.sleep(0.01)
    dying.kill()
    await dying.communicate()


def check(api: HeyGenEmulator, folder: Path) -> None:
    assert len(api.ledger) == len({charge.key for charge in api.ledger}) == ROWS
    assert len(list(folder.glob("*.mp4"))) == ROWS


@pytest.mark.skipif(
    sys.version_info >= (3, 12) and sqlite3.sqlite_version_info < (3, 42),
    reason="DBOS needs SQLite 3.42 on Python 3.12 and newer",
)
async def test_rows_on_dbos_in_sqlite(sheet: Path, tmp_path: Path) -> None:
    script, database = "rows_on_dbos.py", ("--database", f"sqlite:///{tmp_path / 'rows.sqlite'}")
    options = (*database, "--output-dir", tmp_path, "--limit", ROWS)
    async with HeyGenEmulator(render_seconds=0.5) as api:
        assert await output(script, "fill", sheet, *database) == f"{ROWS} rows are new in the database\n"
        await kill_after_creates(2, api, script, "work", *options, "--worker", "dead")
        rescued = await output(script, "rescue", *database, "--worker", "dead")
        assert rescued.endswith("rows of dead are in the queue again\n")
        assert int(rescued.split()[0]) >= 2
        said = await output(script, "work", *options, "--worker", "other", "--burst", **environment(api))
        assert said == f"{ROWS} rows succeeded, 0 failed\n"
        check(api, tmp_path)


@pytest.mark.skipif(int(version("anyio").split(".")[1]) < 15, reason="streaq needs anyio 4.15")
async def test_rows_on_streaq(sheet: Path, tmp_path: Path) -> None:
    script = "rows_on_streaq.py"
    async with redis_server() as port, HeyGenEmulator(render_seconds=0.5) as api:
        redis = ("--redis", f"redis://127.0.0.1:{port}")
        options = (*redis, "--output-dir", tmp_path, "--limit", ROWS, "--dead-after", 2)
        for _ in range(2):
            assert await output(script, "fill", sheet, *redis) == f"{ROWS} rows are in the queue\n"
        await kill_after_creates(2, api, script, "work", *options)
        for _ in range(20):  # a queue may be empty before the rows of a dead worker are in it again
            said = await output(script, "work", *options, "--burst", **environment(api))
            assert said.endswith("0 failed\n")
            if len(list(tmp_path.glob("*.mp4"))) == ROWS:
                break
        check(api, tmp_path)
