"""`heygen-async batch SHEET`, also `python -m heygen_async.batch SHEET`: a job for each row of a file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from ..batch.kinds import KINDS
from ..errors import HeyGenError
from . import exit_codes
from .batch_reports import JSONReport, TextReport
from .batch_steps import RESUME_HINT, run_batch
from .output import CommandError
from .running import CREDENTIALS_HELP, require_credentials, rich_option
from .signals import run_until_signal
from .temporal import TEMPORAL_HELP, connection_options

_EPILOG = f"{CREDENTIALS_HELP} {TEMPORAL_HELP} {exit_codes.describe_exit_codes()}"
_FILE = click.Path(path_type=Path)


def _parse_pairs(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    for value in values:
        if "=" not in value:
            raise click.BadParameter(f"{value!r} does not contain '='; expected NAME=VALUE.")
    return dict(value.split("=", 1) for value in values)


def _parse_delimiter(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    delimiter = {"tab": "\t", "\\t": "\t"}.get(value or "", value)
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise click.BadParameter(f"{value!r} is not a delimiter; expected one character, or tab.")
    return delimiter


def _pairs(flag: str, metavar: str, description: str) -> click.Option:
    return click.Option([flag], multiple=True, callback=_parse_pairs, metavar=metavar, help=description)


_OPTIONS: list[click.Parameter] = [
    click.Argument(["sheet"], type=_FILE),
    click.Option(["--kind"], type=click.Choice([*KINDS]), help="The resource. Default: from the columns, or videos."),
    _pairs("--set", "FIELD=VALUE", "A field for all rows. {column} in the value is replaced by the row's cell."),
    _pairs("--map", "COLUMN=FIELD", "A column whose name differs from its field."),
    click.Option(["--key"], metavar="COLUMN", help="The column that identifies rows. Default: key, id, or all fields."),
    click.Option(["--delimiter"], callback=_parse_delimiter, help="The delimiter of a CSV file: , or ; or tab."),
    click.Option(
        ["--files"],
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        metavar="FOLDER",
        help="Cells may name files below this folder. Default: only URLs and asset ids.",
    ),
    click.Option(["--journal"], type=_FILE, help="The file that records created jobs. Default: SHEET.journal."),
    click.Option(["--name"], help="The batch's name, from which idempotency keys are derived. Default: the journal's."),
    click.Option(["--output"], type=_FILE, help="The file for the results. Default: SHEET_results.csv."),
    click.Option(
        ["--raw"], is_flag=True, help="Write cells that begin like a formula (= + - @) without an apostrophe."
    ),
    click.Option(["--output-dir"], type=_FILE, help="Download the results into this folder."),
    click.Option(["--concurrency"], type=int, help="Maximum of unfinished jobs. Default: the plan's limit."),
    click.Option(
        ["--engine"],
        type=click.Choice(["jobs", "api", "temporal"]),
        default="jobs",
        help="api: use HeyGen's batches. temporal: submit the rows to Temporal, where `heygen-async worker` executes "
        "them, and follow them (extra `temporal`).",
    ),
    *connection_options(),
    click.Option(
        ["--budget"],
        type=float,
        metavar="USD",
        help="Create no job beyond this amount, nor one whose price is not published.",
    ),
    click.Option(["--resume"], is_flag=True, help="Continue the run of an existing journal."),
    click.Option(["--retry-failed"], is_flag=True, help="Continue, and create failed rows again."),
    click.Option(["--again"], is_flag=True, help="Create new jobs also where jobs created earlier would answer."),
    click.Option(["--recover"], is_flag=True, help="Continue with a damaged or lost journal; search for its jobs."),
    click.Option(
        ["--dry-run"],
        is_flag=True,
        help="Create nothing. Print the planned jobs with their prices: exact, likely or unknown.",
    ),
    rich_option("--watch", "Draw a live bar instead of a line for each row."),
    click.Option(["--human"], is_flag=True, help="Print text for people instead of JSON Lines."),
]


@click.command(params=_OPTIONS, epilog=_EPILOG)
def batch(*, human: bool, **options: Any) -> int:
    """Create a video, translation, … for each row of a CSV or JSON Lines file.

    A journal records every job, so that --resume continues an interrupted run without a second charge.
    """
    require_credentials()
    report = TextReport() if human else JSONReport()
    try:
        return run_until_signal(partial(execute, options, report))
    except KeyboardInterrupt:
        report.print_progress(f"Stopped. {RESUME_HINT}", code="stopped")
        return exit_codes.STOPPED


async def execute(options: Mapping[str, Any], report: TextReport) -> int:
    """Run a batch, report the error that ended it, and return the exit code."""
    try:
        await run_batch(options, report)
    except (HeyGenError, CommandError) as error:
        return report.print_error(error)
    return exit_codes.DONE
