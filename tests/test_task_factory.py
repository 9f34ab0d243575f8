"""The loop and the task factory of the suite, so that `--eager` and `--uvloop` cannot lose their effect unnoticed."""

from __future__ import annotations

import asyncio

import pytest
from anyio.from_thread import start_blocking_portal


async def _first_step_runs_in_create_task() -> bool:
    steps = []

    async def record_step() -> None:
        steps.append(1)

    task = asyncio.create_task(record_step())
    ran = bool(steps)
    await task
    return ran


async def test_eager_option_runs_the_first_step_before_create_task_returns(request: pytest.FixtureRequest) -> None:
    assert await _first_step_runs_in_create_task() == request.config.getoption("--eager")


async def test_uvloop_option_runs_the_tests_on_uvloop(request: pytest.FixtureRequest) -> None:
    assert (type(asyncio.get_running_loop()).__module__ == "uvloop") == request.config.getoption("--uvloop")


def test_eager_option_reaches_loops_that_tests_start_themselves(request: pytest.FixtureRequest) -> None:
    eager = request.config.getoption("--eager")
    assert asyncio.run(_first_step_runs_in_create_task()) == eager
    with start_blocking_portal() as portal:
        assert portal.call(_first_step_runs_in_create_task) == eager
