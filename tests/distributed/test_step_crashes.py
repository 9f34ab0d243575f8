"""An engine whose workers die before and after any step of a row, and that repeats steps a day later.

The engine stores each step's result when the step has ended. Whoever dies in between loses the result and not the
effect. `HEYGEN_ASYNC_EXAMPLES` sets the number of histories.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
import pytest
from batch_support import REQUESTS
from hypothesis import given, strategies as st
from support import examples

from heygen_async import AmbiguousRequestError, AsyncHeyGen, HeyGenError
from heygen_async.distributed import Item, JobHandle, Steps, errors
from heygen_async.testing import Fault, HeyGenEmulator

pytestmark = pytest.mark.slow

DAY = 25 * 3600.0  # HeyGen has forgotten every key
STEPS = ("prepare", "create", "wait", "fetch")
UNSEARCHABLE = {"avatars"}  # HeyGen's list shows no mark
SEVERAL_FILES = {"ai_clipping", "background_removals"}  # a job
KINDS = sorted(REQUESTS.keys() - {"voices"} - UNSEARCHABLE)


class Death(NamedTuple):
    """A worker dies at a step, and another one repeats it, at once or a day later."""

    step: str
    moment: Literal["before", "response", "after"]  # of the effect; the response is lost, or the result
    later: bool


DEATHS = st.builds(Death, st.sampled_from(STEPS), st.sampled_from(["before", "response", "after"]), st.booleans())


class Engine:
    """Runs the steps of one row, each with new `Steps` as on another worker, and stores their results as JSON."""

    def __init__(self, api: HeyGenEmulator, heygen: AsyncHeyGen, item: Item, deaths: list[Death], folder: Path) -> None:
        self.results: dict[str, bytes] = {}
        self._api, self._heygen, self._item, self._deaths, self._folder = api, heygen, item, list(deaths), folder

    async def run(self) -> None:
        for step in STEPS:
            while step not in self.results:
                death = next((death for death in self._deaths if death.step == step), None)
                if death is not None:
                    self._deaths.remove(death)
                    if death.moment != "before":
                        await self._die_in(step, loses_response=death.moment == "response")
                    self._api.clock.advance(DAY * death.later)
                else:
                    self.results[step] = msgspec.json.encode(await self.work(step))

    async def _die_in(self, step: str, *, loses_response: bool) -> None:
        if loses_response:
            self._api.inject(Fault("lost_response", method="POST", count=4))  # every retry of the client too
        try:
            await self.work(step)
        except HeyGenError as error:
            assert loses_response
            assert not errors.is_final(error), error
        self._api.clear_faults()

    async def work(self, step: str) -> Any:
        """Let a new worker run a step on the stored result of the steps before."""
        steps = Steps(self._heygen)
        if step == "prepare":
            return await steps.prepare(self._item, batch="tours")
        if step == "create":
            return await steps.create(self._item, self.handle("prepare"))
        if step == "wait":
            return await steps.wait(self.handle("create"))
        return await steps.fetch(self.handle("create"), self._folder)

    def handle(self, step: str) -> JobHandle:
        return msgspec.json.decode(self.results[step], type=JobHandle)


async def items_of(kind: str, heygen: AsyncHeyGen) -> list[Item]:
    request = REQUESTS[kind]
    if kind == "templates":
        request = {**request, "template_id": (await heygen.templates.list()).data[0].id}
    if kind == "video_agents":  # rows with the same prompt cannot be told apart
        return [Item(f"row-{i}", {"prompt": f"Tour {i}"}, kind) for i in range(2)]
    return [Item(f"row-{i}", request, kind) for i in range(2)]


@given(st.sampled_from(KINDS), st.lists(DEATHS, max_size=5), st.booleans())
@examples(12)
async def test_each_row_is_charged_once_whatever_dies(kind: str, deaths: list[Death], later: bool) -> None:
    async with HeyGenEmulator(autojump=True, balance=1e5) as api, AsyncHeyGen(api.key, base_url=api.url) as heygen:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            engines = [Engine(api, heygen, item, deaths, folder) for item in await items_of(kind, heygen)]
            for engine in engines:
                await engine.run()
            charges, files = len(api.ledger), sorted(folder.iterdir())
            api.clock.advance(DAY * later)
            for engine in engines:
                for step in ("create", "create", "wait", "fetch"):
                    again = msgspec.json.encode(await engine.work(step))
                    if step == "create":
                        assert msgspec.json.decode(again, type=JobHandle).ids == engine.handle("create").ids
            jobs = {id for engine in engines for id in engine.handle("create").ids}
            assert charges == len(api.ledger) == len(jobs), (kind, deaths)
            assert files == sorted(folder.iterdir())
            assert len(files) == len(jobs) or kind in SEVERAL_FILES


@pytest.mark.parametrize("kind", sorted(UNSEARCHABLE))
async def test_a_row_that_no_list_shows_is_ambiguous_after_a_day_and_not_charged_again(
    kind: str, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    (item, _), steps = await items_of(kind, client), Steps(client)
    handle = await steps.prepare(item, batch="tours")
    created = await steps.create(item, handle)
    assert (await steps.create(item, handle)).ids == created.ids
    api.clock.advance(DAY)
    with pytest.raises(AmbiguousRequestError, match="prepare the row with the next attempt") as caught:
        await steps.create(item, handle)
    assert errors.is_final(caught.value)
    assert len(api.ledger) == 1


@pytest.mark.parametrize("kind", sorted({*KINDS} - {"video_agents"}))
async def test_a_row_whose_handle_nobody_stored_is_charged_once(
    kind: str, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    items = await items_of(kind, client)
    created = []
    for _ in range(3):
        steps = Steps(client)  # a new worker, which knows the rows and the batch's name alone
        created.append([(await steps.create(item, batch="tours")).ids for item in items])
        api.clock.advance(DAY)
    assert created[0] == created[1] == created[2]
    assert len(api.ledger) == len({id for ids in created[0] for id in ids})
