"""The programs of the guide, as they stand there."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from docs_support import docstring_blocks

from heygen_async import AsyncHeyGen, distributed
from heygen_async.testing import HeyGenEmulator

PACKAGE = Path(distributed.__file__).parent
REQUEST = {"type": "avatar", "avatar_id": "avatar_1", "script": "Hello."}


def program(part: str) -> dict[str, Any]:
    """Return the names that a block of the guide defines."""
    (block,) = [block for block in docstring_blocks(PACKAGE) if part in block.source]
    names: dict[str, Any] = {}
    exec(block.compile(), names)
    return names


async def test_the_first_example_makes_a_row(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    paths = await program("async def make_row")["make_row"](client, "row-1", REQUEST, tmp_path)
    assert paths == [str(tmp_path / "row-1.mp4")]
    assert len(api.ledger) == 1


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning:celery|kombu")
async def test_the_recipe_of_celery_makes_a_row_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = await asyncio.to_thread(program, "from celery import")
    recipe["app"].conf.task_always_eager = True  # runs tasks and their retries at once, without a broker
    async with HeyGenEmulator(render_seconds=0) as api:
        monkeypatch.setenv("HEYGEN_API_KEY", api.key)
        monkeypatch.setenv("HEYGEN_BASE_URL", api.url)
        for _ in range(2):
            result = await asyncio.to_thread(recipe["submit"], "row-1", REQUEST, str(tmp_path))
            assert result.get() == [str(tmp_path / "row-1.mp4")]
        assert len(api.ledger) == 1
