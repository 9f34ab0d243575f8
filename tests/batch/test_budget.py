"""The budget, the balance, and the pause without credit."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from batch_support import CLIP, hello, outcomes_by_key

from heygen_async import AsyncHeyGen, InsufficientCreditError, RequestInfo
from heygen_async.batch import Item, run
from heygen_async.errors import BudgetExceededError
from heygen_async.testing import HeyGenEmulator, Plan
from heygen_async.types.videos import CinematicVideo


async def test_a_budget_stops_new_jobs(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    rows = [(f"row-{i}", CinematicVideo(prompt="A street", avatar_id=["avatar_1"])) for i in range(10)]
    outcomes = []
    with pytest.raises(BudgetExceededError, match="3 more rows|more rows") as stopped:
        async for outcome in run(rows, heygen=client, journal=tmp_path / "j", budget=50.0):
            outcomes.append(outcome)
    assert (len(outcomes), len(api.ledger), stopped.value.held, stopped.value.spent) == (7, 7, 3, 49.0)
    with pytest.raises(BudgetExceededError):  # the jobs of the first run count
        await outcomes_by_key(run(rows, heygen=client, journal=tmp_path / "j", budget=50.0))
    assert len(api.ledger) == 7
    assert len(await outcomes_by_key(run(rows, heygen=client, journal=tmp_path / "j", budget=70.0))) == 10


def street(prompt: str) -> list[tuple[str, CinematicVideo]]:
    return [("row", CinematicVideo(prompt=prompt, avatar_id=["avatar_1"]))]


async def test_a_job_whose_row_has_changed_counts(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    await outcomes_by_key(run(street("A street"), heygen=client, journal=tmp_path / "j", budget=10.0))
    for _ in range(2):
        with pytest.raises(BudgetExceededError) as stopped:
            await outcomes_by_key(run(street("A river"), heygen=client, journal=tmp_path / "j", budget=10.0))
        assert stopped.value.spent == 7.0
    assert len(api.ledger) == 1


async def test_a_failed_job_that_is_retried_counts(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    api.plan(Plan(fail_message="No."))
    for spent in (7.0, 14.0):
        batch = run(street("A street"), heygen=client, journal=tmp_path / "j", budget=20.0, retry_failed=True)
        await outcomes_by_key(batch)
        assert batch.spent == spent
    with pytest.raises(BudgetExceededError):
        await outcomes_by_key(
            run(street("A street"), heygen=client, journal=tmp_path / "j", budget=20.0, retry_failed=True)
        )
    assert len(api.ledger) == 2


async def test_the_balance_counts_when_it_lost_more_than_estimated(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    # Each row costs about five cents; another program takes a dollar for each.
    def charge_elsewhere(request: RequestInfo) -> None:
        api.state.balance -= request.method == "POST"

    refused = [("refused", {"video": CLIP, "output_languages": []})]
    batch = run([Item(*refused[0], "video_translations")], heygen=client, budget=30.0)
    await outcomes_by_key(batch)
    assert batch.spent == 0  # a rejected request costs nothing
    async with AsyncHeyGen(api.key, base_url=api.url, on_request=charge_elsewhere) as other:
        with pytest.raises(BudgetExceededError):
            await outcomes_by_key(run(hello(200), heygen=other, budget=30.0))
    assert 30 <= len(api.ledger) <= 50


async def test_estimates_count_when_the_balance_lost_less(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    rows = [(f"row-{i}", CinematicVideo(prompt="A street", avatar_id=["avatar_1"])) for i in range(25)]
    batch = run(rows, heygen=client, budget=1000.0)
    await outcomes_by_key(batch)
    assert batch.spent == 175.0


async def test_pauses_until_the_balance_rises(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.state.balance = 0.3
    paused: list[InsufficientCreditError] = []

    def more_money(error: InsufficientCreditError) -> None:
        paused.append(error)
        asyncio.get_running_loop().call_later(3600, lambda: setattr(api.state, "balance", 100.0))

    outcomes = await outcomes_by_key(run(hello(30), heygen=client, on_pause=more_money))
    assert all(outcome.succeeded for outcome in outcomes.values())
    assert (len(api.ledger), len(paused)) == (30, 1)
    assert len(api.requests_for("VideoCreate")) < 60


async def test_a_job_of_unknown_length_counts_with_a_minute(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    rows = [(f"row-{i}", {"video": CLIP, "output_languages": ["French (France)"]}) for i in range(4)]
    options: dict[str, Any] = {"heygen": client, "kind": "video_translations", "journal": tmp_path / "j"}
    batch = run(rows, budget=5.0, **options)  # a minute costs 1.998 USD
    with pytest.raises(BudgetExceededError, match="2 more rows. Reserved so far: 2 jobs of unknown price"):
        await outcomes_by_key(batch)
    assert (len(api.ledger), batch.cost.unknown_jobs, batch.cost.sure) == (2, 2, "unknown")
    with pytest.raises(BudgetExceededError):  # the minutes of the first run count
        await outcomes_by_key(run(rows, budget=5.0, **options))
    assert len(api.ledger) == 2


async def test_a_budget_covers_no_job_without_a_published_price(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    rows = [Item("clips", {"video": CLIP}, "ai_clipping")]
    with pytest.raises(BudgetExceededError, match="1 more row. .* publishes no price .* without a budget"):
        await outcomes_by_key(run(rows, heygen=client, budget=1000.0))
    assert api.ledger == []
    batch = run(rows, heygen=client)
    await outcomes_by_key(batch)
    assert (str(batch.cost), batch.spent, len(api.ledger)) == ("1 job of unknown price", 0.0, 1)


async def test_a_rejected_job_of_unknown_price_costs_nothing(client: AsyncHeyGen) -> None:
    batch = run([Item("refused", {"video": CLIP, "output_languages": []}, "video_translations")], heygen=client)
    await outcomes_by_key(batch)
    assert (batch.cost.usd, batch.cost.unknown_jobs) == (0.0, 0)
