"""`python -m heygen_async.batch sheet.csv`: a batch from a CSV or JSON Lines file."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Generator, Mapping
from pathlib import Path

import msgspec

from .._http.worker_threads import run_in_thread
from ..errors import BudgetExceededError, ConfigurationError, HeyGenError, InvalidInputError
from .failures import FATAL
from .journal import Journal
from .kinds import KINDS
from .outcomes import Outcome
from .results_file import ResultsFile, check_writable
from .runner import Run, run
from .sheet import Sheet
from .sheet_check import SheetCheck, check_sheet

STOPPED = "Stopped; what is under way goes on at HeyGen. Go on with --resume."
DONE, SOME_FAILED, WRONG, HELD = 0, 1, 2, 3  # exit codes


class RowsFailedError(HeyGenError):
    """All rows have ended, some of them not well."""


class BrokenOffError(HeyGenError):
    """A run that could not go on, after it had begun jobs or taken some up."""


class Words:
    """What is said to a person: what became of each row on stdout, everything else on stderr."""

    def told(self, outcome: Outcome) -> None:
        """What became of a row."""
        said: list[object] = [outcome.key, outcome.state, " ".join(outcome.ids) or "-"]
        if outcome.estimate is not None:
            said.append(f"{outcome.estimate.usd:.4f} USD ({outcome.estimate.sure}: {outcome.estimate.why})")
        elif outcome.error is not None:
            said.append(outcome.error)
        elif outcome.path is not None:
            said.append(outcome.path)
        _print_out("\t".join(map(str, said)))

    def say(self, text: str) -> None:
        """How it goes."""
        print(text, file=sys.stderr, flush=True)  # noqa: T201  a program's output

    def failed(self, error: HeyGenError, *, begun: bool) -> int:
        """Why not all was made, and the exit code; `begun` says whether something was."""
        self.say(str(error))
        return HELD if isinstance(error, BudgetExceededError) else SOME_FAILED if begun else WRONG


class JSONLines(Words):
    """The same to a program: a line of JSON each.

    Args:
        fail: Tells of the error that ended it, and gives the exit code.
    """

    def __init__(self, fail: Callable[[HeyGenError], int]) -> None:
        self._fail = fail

    def told(self, outcome: Outcome) -> None:
        """What became of a row."""
        facts = {
            "key": outcome.key,
            "state": outcome.state,
            "ids": outcome.ids,
            "paths": [str(path) for path in outcome.paths],
            "estimate": outcome.estimate,
            "error": None if outcome.error is None else str(outcome.error),
        }
        kept = {name: fact for name, fact in facts.items() if fact not in (None, [])}
        _print_out(msgspec.json.encode(kept).decode())

    def say(self, text: str) -> None:
        """How it goes."""
        notice = {"notice": {"code": "batch", "message": text}}
        print(msgspec.json.encode(notice).decode(), file=sys.stderr, flush=True)  # noqa: T201  a program's output

    def failed(self, error: HeyGenError, *, begun: bool) -> int:
        """Why not all was made, and the exit code."""
        del begun
        return self._fail(error)


def _print_out(line: str) -> None:
    try:
        print(line, flush=True)  # noqa: T201  a program's output
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the interpreter, which flushes it again
        raise BrokenOffError(f"Nobody reads stdout any more. {STOPPED}") from None


class Places(msgspec.Struct, frozen=True):
    """Where a run's files stand; `begun` says that an earlier run has left its journal there."""

    journal: Path
    target: Path
    begun: bool


def places(arguments: argparse.Namespace, sheet: Sheet) -> Places:
    """Where the files of this run stand. Runs in a thread.

    Raises:
        ConfigurationError: Another run's would be overwritten, or the results cannot be written there.
    """
    source = sheet.path
    journal: Path = arguments.journal or source.with_name(f"{source.name}.journal")
    target: Path = arguments.output or source.with_name(
        f"{source.stem.removesuffix('_input')}_results{'.jsonl' if sheet.is_json else '.csv'}"
    )
    goes_on = arguments.resume or arguments.retry_failed
    files = Places(journal, target, begun=os.path.lexists(journal))
    if arguments.dry_run:
        return files
    if files.begun and not goes_on:
        raise ConfigurationError(
            f"{journal} is there: an earlier run began this. Go on with --resume, or name another --journal."
        )
    if os.path.realpath(target) in {os.path.realpath(source), os.path.realpath(journal)}:
        raise ConfigurationError(f"{target} is the sheet or the journal itself. Name another --output.")
    check_writable(target)
    if os.path.lexists(target) and not goes_on:
        raise ConfigurationError(f"{target} is there: another run wrote it. Name another --output, or move it away.")
    return files


async def main(arguments: argparse.Namespace, voice: Words) -> int:
    """Check every row, make what is to be made, write the results.

    Raises:
        HeyGenError: Why nothing was begun.
    """
    fixed, mapped = (dict(pair.split("=", 1) for pair in pairs) for pairs in (arguments.set, arguments.map))
    sheet = await run_in_thread(
        lambda: Sheet(
            arguments.sheet,
            kind=arguments.of,
            key=arguments.key,
            column_fields=mapped,
            constants=fixed,
            delimiter=arguments.delimiter,
        )
    )
    files = await run_in_thread(places, arguments, sheet)
    checked = await _checked(sheet, files, retry_failed=arguments.retry_failed)
    if checked.invalid_rows:
        for error in checked.errors:
            voice.say(str(error))
        unsaid = checked.invalid_rows - len(checked.errors)
        raise ConfigurationError(
            f"{checked.invalid_rows} of {_rows(checked.rows)} {'is' if checked.invalid_rows == 1 else 'are'} wrong"
            f"{f', {unsaid} more than shown' if unsaid else ''}. Nothing was made."
        )
    _announce(sheet, files, checked, voice)
    results = None if arguments.dry_run else ResultsFile(sheet, files.target)
    batch = run(
        results or sheet,
        kind=sheet.kind.name,
        journal=files.journal if files.begun or not arguments.dry_run else None,
        concurrency=arguments.concurrency,
        output_dir=arguments.download_to,
        engine=arguments.engine,
        budget=arguments.budget,
        dry_run=arguments.dry_run,
        retry_failed=arguments.retry_failed,
    )
    failed: dict[str, str] = {}
    ended: HeyGenError | None = None
    unwritten: HeyGenError | None = None
    try:
        with _watching(batch, checked.rows) if arguments.watch else contextlib.nullcontext(voice.told) as tell:
            async with contextlib.aclosing(aiter(batch)) as outcomes:
                async for outcome in outcomes:
                    if outcome.error is not None:
                        failed[outcome.key] = str(outcome.error)
                    tell(outcome)
    except HeyGenError as error:
        ended = error
    finally:
        if results is not None:
            if not await _was_undone(ended, batch, files):
                unwritten = await _write_results(results, files, batch, failed, voice)
            await run_in_thread(results.close)
    ended = ended or unwritten or _failed_rows(batch, files, dry_run=arguments.dry_run)
    if ended is None:
        return DONE
    begun = not arguments.dry_run and (batch.has_started_jobs or any(batch.counts.values()))
    if begun and isinstance(ended, ConfigurationError | InvalidInputError):
        ended = BrokenOffError(f"{ended} When that is set right, go on with --resume.")
    return voice.failed(ended, begun=begun)


async def _checked(sheet: Sheet, files: Places, *, retry_failed: bool) -> SheetCheck:
    if not files.begun:
        return await run_in_thread(check_sheet, sheet)
    async with Journal(files.journal) as journal:
        return await run_in_thread(lambda: check_sheet(sheet, journal, retry_failed=retry_failed))


def _announce(sheet: Sheet, files: Places, checked: SheetCheck, voice: Words) -> None:
    """What is about to be done, and what a person may want to stop it for."""
    cost, new = checked.estimate, checked.rows - checked.started_rows
    price = f"about {cost.usd:.2f} USD {'for the rest' if checked.started_rows else 'in all'} ({cost.sure}: {cost.why})"
    begun = f", {checked.started_rows} of them begun by an earlier run" if checked.started_rows else ""
    nothing = "nothing is left to pay for"
    voice.say(f"{_rows(checked.rows)} for {sheet.kind.name}{begun}; {nothing if begun and not new else price}.")
    if sheet.unsent_columns:
        voice.say(f"Columns that are no fields, and not sent: {', '.join(sheet.unsent_columns)}.")
    if checked.missing_rows:
        known = (
            f"its {sheet.key_column}" if sheet.key_column else "what is sent for it, since there is no column key or id"
        )
        voice.say(
            f"WARNING: {files.journal} has {_rows(checked.missing_rows)} not in this sheet, where a row is known by "
            f"{known}. "
            f"{f'{_rows(new)} of the sheet will be paid for anew.' if new else 'Nothing new is paid for.'}"
        )


async def _was_undone(ended: HeyGenError | None, batch: Run, files: Places) -> bool:
    """Whether nothing was made, for a reason that lies outside the sheet: then no trace of this run is left either."""
    if files.begun or batch.has_started_jobs or batch.counts["completed"] or not isinstance(ended, FATAL):
        return False
    try:
        async with Journal(files.journal) as journal:
            untouched = await journal.is_untouched()
    except HeyGenError:  # it could never be opened
        untouched = await run_in_thread(_is_empty, files.journal)
    if untouched:
        await run_in_thread(files.journal.unlink)
    return untouched


def _is_empty(path: Path) -> bool:
    try:
        return path.is_file() and not path.stat().st_size
    except OSError:  # it can be nobody's name
        return False


async def _write_results(
    results: ResultsFile, files: Places, batch: Run, failed: Mapping[str, str], voice: Words
) -> HeyGenError | None:
    """Write them, of whatever was begun; why that is not possible."""
    if not await run_in_thread(os.path.exists, files.journal):
        return None
    try:
        async with Journal(files.journal) as journal:
            await run_in_thread(results.write, journal, failed)
    except HeyGenError as error:
        return error
    counted = ", ".join(f"{count} {state}" for state, count in batch.counts.items() if count) or "nothing was done"
    voice.say(f"{files.target}: what became of each row. {counted}")
    return None


def _failed_rows(batch: Run, files: Places, *, dry_run: bool) -> RowsFailedError | None:
    failed = batch.counts["failed"]
    if not failed:
        return None
    of = f"{failed} of {_rows(sum(batch.counts.values()))}"
    if dry_run:
        return RowsFailedError(f"{of} would fail; what became of each row, on stdout, says why.")
    return RowsFailedError(
        f"{of} failed; {files.target} says why. --resume goes on with what is not over, --retry-failed makes the rest "
        "again."
    )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


@contextlib.contextmanager
def _watching(batch: Run, rows: int) -> Generator[Callable[[Outcome], None]]:
    """One live line instead of a line a row."""
    try:
        from rich import progress as bars  # noqa: PLC0415  an extra
        from rich.console import Console  # noqa: PLC0415
    except ImportError:
        raise ConfigurationError("--watch needs rich: python -m pip install 'heygen-async[progress]'") from None
    words = bars.TextColumn("{task.description}")
    columns = (bars.BarColumn(), bars.MofNCompleteColumn(), words, bars.TimeRemainingColumn())
    with bars.Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("", total=rows)

        def tell(outcome: Outcome) -> None:
            of = "" if batch.plan_limit is None else f" of {batch.plan_limit}"
            state = f"{batch.running_jobs}{of} running, {batch.counts['failed']} failed, {batch.spent:.2f} USD"
            progress.update(bar, advance=1, description=state)
            if outcome.error is not None:
                progress.console.print(f"{outcome.key}: {outcome.error}", markup=False)

        yield tell


def _pair(text: str) -> str:
    if "=" not in text:
        raise argparse.ArgumentTypeError(f"{text!r} is no NAME=VALUE")
    return text


def _delimiter(text: str) -> str:
    one = {"tab": "\t", "\\t": "\t"}.get(text, text)
    if len(one) != 1 or one in '"\r\n':
        raise argparse.ArgumentTypeError(f"{text!r} is no single character, and not tab")
    return one


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m heygen_async.batch",
        description="Make a video, translation, … for each row of a CSV or JSON Lines file; resumable.",
        epilog="The key is HEYGEN_API_KEY of the environment. Exit codes: 0 all made, 1 some rows failed or the run "
        "broke off, 2 wrong use or wrong rows (nothing was made), 3 the budget was reached.",
    )
    made.add_argument("sheet", type=Path, help="a .csv with a row of column names, or a .jsonl")
    made.add_argument("--of", choices=[*KINDS], help="what the rows are for (default: by the columns, else videos)")
    made.add_argument("--set", type=_pair, action="append", default=[], metavar="FIELD=VALUE",
                      help="a field for all rows; {column} in it stands for the row's value")  # fmt: skip
    made.add_argument("--map", type=_pair, action="append", default=[], metavar="COLUMN=FIELD",
                      help="a column that is called otherwise than its field")  # fmt: skip
    made.add_argument(
        "--key", metavar="COLUMN", help="by which rows are known again (default: key, id, or what is sent)"
    )
    made.add_argument(
        "--delimiter", type=_delimiter, help="between a CSV's cells: , or ; or tab (default: as its first line has)"
    )
    made.add_argument("--journal", type=Path, help="what was done (default: SHEET.journal)")
    made.add_argument("--output", type=Path, help="the results (default: SHEET_results.csv, without an _input)")
    made.add_argument("--download-to", type=Path, metavar="FOLDER", help="fetch what was made")
    made.add_argument("--concurrency", type=int, help="unfinished jobs at once (default: what the plan allows)")
    made.add_argument("--engine", choices=["jobs", "api"], default="jobs", help="api: HeyGen's own batches of 100")
    made.add_argument("--budget", type=float, metavar="USD", help="begin nothing that would go past it")
    made.add_argument("--resume", action="store_true", help="go on with the journal that is there")
    made.add_argument("--retry-failed", action="store_true", help="the same, and make again what failed")
    made.add_argument("--dry-run", action="store_true", help="make nothing; tell what would be, and what it would cost")
    made.add_argument("--watch", action="store_true", help="a live bar (needs the extra progress)")
    return made


async def command(arguments: argparse.Namespace, voice: Words | None = None) -> int:
    """Run what the command line asks for; its exit code."""
    voice = voice or Words()
    try:
        return await main(arguments, voice)
    except HeyGenError as error:
        return voice.failed(error, begun=False)


def run_main() -> int:
    """Run this process's command line."""
    voice = Words()
    try:
        return asyncio.run(command(parser().parse_args(), voice))
    except KeyboardInterrupt:
        voice.say(STOPPED)
        return 130


if __name__ == "__main__":
    raise SystemExit(run_main())
