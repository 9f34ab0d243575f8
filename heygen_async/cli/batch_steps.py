"""The steps of the batch command: read the sheet, check every row, announce the price, run, write the results."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, aclosing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from .._http.worker_threads import run_in_thread
from ..batch import Engine, Run, run
from ..batch.failures import FATAL
from ..batch.journal import Journal
from ..batch.results_file import ResultsFile, check_writable
from ..batch.row_source import CheckedSource
from ..batch.sheet_check import SheetCheck, check_sheet
from ..batch.sheet_rows import Sheet
from ..errors import ConfigurationError, HeyGenError, InvalidInputError
from . import exit_codes
from .batch_reports import TextReport, live_bar
from .output import CommandError
from .temporal import check_extra, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..batch import Outcome

_RUN_OPTIONS = ("budget", "dry_run", "retry_failed", "again", "recover")
RESUME_HINT = "Created jobs continue at HeyGen. Run the command again with --resume."


class _Files(msgspec.Struct, frozen=True):
    """The files that a run writes. `is_resumed` is True if the journal of an earlier run exists."""

    journal: Path
    results: Path
    is_resumed: bool


async def run_batch(options: Mapping[str, Any], report: TextReport) -> None:
    """Run a batch from a sheet and write the results.

    Raises:
        ConfigurationError: The arguments or the rows are invalid. No job was created.
        BudgetExceededError: The budget does not cover the remaining rows.
        CommandError: Rows failed, or the run ended before all rows were done.
        HeyGenError: The run failed before a job was created.
    """
    _check_engine(options)
    sheet = await run_in_thread(_open_sheet, options)
    files = await run_in_thread(_choose_files, options, sheet)
    check = await _check_rows(sheet, files, options)
    if check.invalid_rows:
        _reject_rows(check, report)
    _announce(sheet, files, check, report)
    results = None if options["dry_run"] else ResultsFile(sheet, files.results, raw=options["raw"])
    batch = await _create_run(results or sheet, sheet.kind.resource, files, options)
    bar = live_bar(batch, check.rows) if options["watch"] else nullcontext(report.print_outcome)
    failures: dict[str, str] = {}
    error: HeyGenError | CommandError | None = None
    write_error: HeyGenError | None = None
    try:
        await _print_outcomes(batch, bar, failures)
    except (HeyGenError, CommandError) as problem:
        error = problem
    finally:
        if results is not None:
            if not await _discard_untouched_journal(error, batch, files):
                write_error = await _write_results(results, files, batch, failures, report)
            await run_in_thread(results.close)
    if error := error or write_error:
        _raise_ending(error, batch, dry_run=options["dry_run"])
    _raise_failed_rows(batch, files, dry_run=options["dry_run"])


async def _create_run(source: CheckedSource, kind: str, files: _Files, options: Mapping[str, Any]) -> Run:
    """Return the run of the chosen engine. A dry run needs no engine."""
    shared = {name: options[name] for name in _RUN_OPTIONS}
    journal = files.journal if files.is_resumed or not options["dry_run"] else None
    if options["engine"] != "temporal" or options["dry_run"]:
        engine: Engine = "api" if options["engine"] == "api" else "jobs"
        own = {name: options[name] for name in ("name", "concurrency", "output_dir")}
        return run(source, kind=kind, journal=journal, engine=engine, **own, **shared)
    from ..distributed.temporal import HeyGenPlugin, submit

    client = await connect(options, HeyGenPlugin())
    return submit(
        client, source, kind=kind, journal=journal, batch=options["name"], task_queue=options["task_queue"], **shared
    )


def _check_engine(options: Mapping[str, Any]) -> None:
    """Fail if the options do not fit the engine.

    Raises:
        ConfigurationError: An option belongs to the workers, or temporalio is not installed.
    """
    if options["engine"] != "temporal":
        return
    check_extra()
    for name in ("output_dir", "concurrency"):
        if options[name] is not None:
            flag = f"--{name.replace('_', '-')}"
            raise ConfigurationError(
                f"With --engine temporal, pass {flag} to heygen-async worker: the workers do this."
            )


def _open_sheet(options: Mapping[str, Any]) -> Sheet:
    names = {name: options[name] for name in ("kind", "key", "delimiter", "files")}
    return Sheet(options["sheet"], column_fields=options["map"], constants=options["set"], **names)


def _choose_files(options: Mapping[str, Any], sheet: Sheet) -> _Files:
    """Return the paths of the journal and the results.

    Raises:
        ConfigurationError: A file of another run would be overwritten, or the results cannot be written.
    """
    source = sheet.path
    journal = options["journal"] or source.with_name(f"{source.name}.journal")
    suffix = ".jsonl" if sheet.is_json else ".csv"
    target = options["output"] or source.with_name(f"{source.stem.removesuffix('_input')}_results{suffix}")
    may_exist = any(options[name] for name in ("resume", "retry_failed", "again", "recover"))
    files = _Files(journal, target, is_resumed=os.path.lexists(journal))
    if options["dry_run"]:
        return files
    if files.is_resumed and not may_exist:
        raise ConfigurationError(
            f"The journal {journal} of an earlier run exists. Continue that run with --resume, or name another "
            "--journal."
        )
    _check_results_path(target, source, journal, may_exist=may_exist)
    return files


def _check_results_path(target: Path, source: Path, journal: Path, *, may_exist: bool) -> None:
    if os.path.realpath(target) in {os.path.realpath(source), os.path.realpath(journal)}:
        raise ConfigurationError(f"--output {target} is the sheet or the journal itself. Name another --output.")
    check_writable(target)
    if os.path.lexists(target) and not may_exist:
        raise ConfigurationError(
            f"The results {target} of another run exist. Move them away, or name another --output."
        )


async def _check_rows(sheet: Sheet, files: _Files, options: Mapping[str, Any]) -> SheetCheck:
    if not files.is_resumed:
        return await run_in_thread(check_sheet, sheet)
    new_jobs = {name: options[name] for name in ("retry_failed", "again")}
    async with Journal(files.journal, recover=options["recover"]) as journal:
        return await run_in_thread(lambda: check_sheet(sheet, journal, **new_jobs))


def _reject_rows(check: SheetCheck, report: TextReport) -> None:
    for error in check.errors:
        report.print_progress(str(error))
    hidden = check.invalid_rows - len(check.errors)
    raise ConfigurationError(
        f"{check.invalid_rows} of {_rows(check.rows)} {'is' if check.invalid_rows == 1 else 'are'} invalid"
        f"{f'; {hidden} of them are not shown' if hidden else ''}. This run created no job. "
        "Correct the rows and run again."
    )


def _announce(sheet: Sheet, files: _Files, check: SheetCheck, report: TextReport) -> None:
    """Print the number of rows, the price, and warnings that may be a reason to stop the run."""
    cost, new = check.estimate, check.rows - check.started_rows
    price = f"{cost} {'for the rest' if check.started_rows else 'in total'} ({cost.sure}: {cost.why})"
    resumed = f", {check.started_rows} of them from an earlier run" if check.started_rows else ""
    if resumed and not new:
        price = "nothing remains to be paid"
    report.print_progress(f"{_rows(check.rows)} for {sheet.kind.resource}{resumed}; {price}.")
    if sheet.unsent_columns:
        report.print_progress(f"Columns that are not fields and are not sent: {', '.join(sheet.unsent_columns)}.")
    if check.missing_rows:
        identity = (
            f"its {sheet.key_column}" if sheet.key_column else "all its fields, because there is no column key or id"
        )
        consequence = f"{_rows(new)} of the sheet will be charged again." if new else "No row is charged again."
        report.print_progress(
            f"WARNING: {files.journal} has {_rows(check.missing_rows)} not in this sheet. A row is identified by "
            f"{identity}. {consequence}"
        )


async def _print_outcomes(
    batch: Run, bar: AbstractContextManager[Callable[[Outcome], None]], failures: dict[str, str]
) -> None:
    with bar as print_outcome:
        async with aclosing(aiter(batch)) as outcomes:
            async for outcome in outcomes:
                if outcome.error is not None:
                    failures[outcome.key] = str(outcome.error)
                try:
                    print_outcome(outcome)
                except click.exceptions.Exit:  # The reader closed the pipe.
                    raise CommandError("incomplete", f"Standard output was closed. {RESUME_HINT}") from None


async def _discard_untouched_journal(error: HeyGenError | CommandError | None, batch: Run, files: _Files) -> bool:
    """Remove the journal if the run failed before it recorded anything, as with a rejected key."""
    if files.is_resumed or batch.has_started_jobs or batch.counts["completed"] or not isinstance(error, FATAL):
        return False
    try:
        async with Journal(files.journal) as journal:
            is_untouched = await journal.is_untouched()
    except HeyGenError:  # The journal could never be opened.
        return False
    if is_untouched:
        await run_in_thread(files.journal.unlink)
    return is_untouched


async def _write_results(
    results: ResultsFile, files: _Files, batch: Run, failures: dict[str, str], report: TextReport
) -> HeyGenError | None:
    """Write the results of all rows in the journal. Return the error if that is not possible."""
    if not await run_in_thread(os.path.exists, files.journal):
        return None
    try:
        async with Journal(files.journal) as journal:
            await run_in_thread(results.write, journal, failures)
    except HeyGenError as error:
        return error
    counts = ", ".join(f"{count} {state}" for state, count in batch.counts.items() if count) or "no row changed"
    warnings = batch.report.warnings("--again")
    report.print_progress(" ".join([f"Results: {files.results}. Rows: {counts}. Cost: {batch.cost}.", *warnings]))
    return None


def _raise_ending(error: HeyGenError | CommandError, batch: Run, *, dry_run: bool) -> None:
    """Raise the error that ended the run. After a job was created, wrong use becomes an incomplete run."""
    has_started = not dry_run and (batch.has_started_jobs or any(batch.counts.values()))
    if has_started and isinstance(error, ConfigurationError | InvalidInputError):
        raise CommandError("incomplete", f"{error} Correct this, then continue with --resume.")
    raise error


def _raise_failed_rows(batch: Run, files: _Files, *, dry_run: bool) -> None:
    failed = batch.counts["failed"]
    if not failed:
        return
    message = f"{failed} of {_rows(sum(batch.counts.values()))}"
    if dry_run:
        message = f"{message} would fail; the outcomes on stdout give the reasons."
    else:
        message = (
            f"{message} failed; {files.results} gives the reasons. --resume continues unfinished rows, "
            "--retry-failed also creates failed rows again."
        )
    raise CommandError("rows_failed", message, exit_code=exit_codes.ROWS_FAILED)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"
