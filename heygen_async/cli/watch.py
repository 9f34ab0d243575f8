"""`heygen-async watch KIND JOB_ID`: the states of a job until it ends."""

from __future__ import annotations

from typing import Any, get_args

import click

from .._jobs.registry import KINDS
from .._jobs.wait_methods import BatchKind
from .._jobs.wait_options import JobUpdate
from ..client import AsyncHeyGen
from ..errors import InputRequiredError, JobFailedError, WaitTimeoutError
from ..operations.text import to_json
from . import output
from .flags import parse_duration
from .running import HUMAN, TIMEOUT_HELP, run

_KINDS = [*dict.fromkeys(kind.wait for kind in KINDS)]


@click.command(params=[HUMAN])
@click.argument("kind", metavar="KIND", type=click.Choice(_KINDS))
@click.argument("job_id")
@click.option("--resource", type=click.Choice(get_args(BatchKind)), help="With KIND batch: the resource of its jobs.")
@click.option("--timeout", type=parse_duration, metavar="DURATION", help=TIMEOUT_HELP)
def watch(kind: str, job_id: str, resource: str | None, timeout: float | None, *, human: bool) -> int:
    """Follow a job until it ends. Print a line of JSON after each poll; the last contains the finished resource.

    KIND is video, session, translation, proofread, lipsync, avatar, voice, asset, render, batch, …
    """
    if (kind == "batch") != (resource is not None):
        expected = f"expected one of {', '.join(get_args(BatchKind))}" if kind == "batch" else "only KIND batch has one"
        raise click.UsageError(f"--resource is {resource or 'missing'}; {expected}.", click.get_current_context())
    options: dict[str, Any] = {"timeout": timeout} | ({"kind": resource} if resource else {})

    async def follow() -> None:
        last_job: object = None
        async with AsyncHeyGen() as heygen:
            try:
                async for update in getattr(heygen, f"watch_{kind}")(job_id, **options):
                    last_job = update.job or last_job
                    _print_update(update, human=human)
            except (JobFailedError, InputRequiredError, WaitTimeoutError) as error:
                error.job = None  # The last line contains it already.
                raise
        if human:
            output.print_response({"data": to_json(last_job)}, human=True)

    return run(follow, wait=f"wait_for_{kind}")


def _print_update(update: JobUpdate[Any], *, human: bool) -> None:
    if human:
        progress = "" if update.progress is None else f" {update.progress} %"
        output.print_text(f"{update.elapsed:6.0f} s  {update.state}{progress}")
    else:
        output.print_json_line(to_json(update))
