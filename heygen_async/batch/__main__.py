"""`python -m heygen_async.batch sheet.csv`: a batch from a CSV or JSON Lines file."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TextIO

import msgspec

from ..errors import BudgetError, ConfigurationError, HeyGenError
from ..threads import finished
from . import run
from .items import Outcome
from .journal import Journal
from .kinds import WORKS
from .runner import Run
from .sheet import Checked, Sheet

_SHOWN = 50  # wrong rows that are told one by one
DONE, SOME_FAILED, WRONG, HELD = 0, 1, 2, 3  # exit codes


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
        print(*said, sep="\t", flush=True)  # noqa: T201  a program's output

    def say(self, text: str) -> None:
        """How it goes."""
        print(text, file=sys.stderr, flush=True)  # noqa: T201  a program's output

    def wrong(self, text: str) -> int:
        """Why nothing was made."""
        self.say(text)
        return WRONG


class JSONLines(Words):
    """The same to a program: a line of JSON each."""

    def told(self, outcome: Outcome) -> None:
        """What became of a row."""
        estimate = None if outcome.estimate is None else msgspec.to_builtins(outcome.estimate)
        facts = {
            "key": outcome.key,
            "state": outcome.state,
            "ids": outcome.ids,
            "paths": [str(path) for path in outcome.paths],
            "estimate": estimate,
            "error": None if outcome.error is None else str(outcome.error),
        }
        self._line(sys.stdout, {name: fact for name, fact in facts.items() if fact not in (None, [])})

    def say(self, text: str) -> None:
        """How it goes."""
        self._line(sys.stderr, {"notice": {"code": "batch", "message": text}})

    def wrong(self, text: str) -> int:
        """Why nothing was made."""
        self._line(sys.stderr, {"error": {"code": "usage_error", "message": text}})
        return WRONG

    def _line(self, stream: TextIO, fact: object) -> None:
        print(msgspec.json.encode(fact).decode(), file=stream, flush=True)


async def main(arguments: argparse.Namespace, voice: Words) -> int:
    """Check every row, make what is to be made, write the results."""
    source: Path = arguments.sheet
    journal: Path = arguments.journal or source.with_name(f"{source.name}.journal")
    target: Path = arguments.output or source.with_name(
        f"{source.stem.removesuffix('_input')}_results{'.csv' if source.suffix == '.csv' else '.jsonl'}"
    )
    there = await finished(journal.exists)
    if there and not (arguments.resume or arguments.retry_failed or arguments.dry_run):
        return voice.wrong(
            f"{journal} is there: an earlier run began this. Go on with --resume, or name another --journal."
        )
    fixed, mapped = (dict(pair.split("=", 1) for pair in pairs) for pairs in (arguments.set, arguments.map))
    sheet = await finished(lambda: Sheet(source, of=arguments.of, key=arguments.key, mapped=mapped, fixed=fixed))
    checked = await finished(sheet.check)
    if checked.wrong:
        for error in checked.errors[:_SHOWN]:
            voice.say(str(error))
        more = f", {checked.wrong - _SHOWN} more than shown" if checked.wrong > _SHOWN else ""
        return voice.wrong(f"{checked.wrong} of {checked.rows} rows are wrong{more}. Nothing was made.")
    _about(checked, sheet, voice)
    batch = run(
        sheet,
        of=sheet.work.of,
        journal=journal if there or not arguments.dry_run else None,
        concurrency=arguments.concurrency,
        download_to=arguments.download_to,
        engine=arguments.engine,
        budget=arguments.budget,
        dry_run=arguments.dry_run,
        retry_failed=arguments.retry_failed,
    )
    code = DONE
    try:
        with _watching(batch, checked.rows) if arguments.watch else contextlib.nullcontext(voice.told) as tell:
            async with contextlib.aclosing(aiter(batch)) as outcomes:
                async for outcome in outcomes:
                    tell(outcome)
    except BudgetError as held:
        voice.say(str(held))
        code = HELD
    finally:
        if not arguments.dry_run and await finished(journal.exists):
            async with Journal(journal) as ended:
                await sheet.write_results(target, ended)
            voice.say(f"{target}: what became of each row. {_counted(batch)}")
    return code or (SOME_FAILED if batch.counts["failed"] else DONE)


def _about(checked: Checked, sheet: Sheet, voice: Words) -> None:
    cost = checked.estimate
    voice.say(f"{checked.rows} rows for {sheet.work.of}; about {cost.usd:.2f} USD in all ({cost.sure}: {cost.why}).")
    if checked.unsent:
        voice.say(f"Columns that are no fields, and not sent: {', '.join(checked.unsent)}.")


def _counted(batch: Run) -> str:
    return ", ".join(f"{count} {state}" for state, count in batch.counts.items() if count) or "nothing was done"


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
            of = "" if batch.ceiling is None else f" of {batch.ceiling}"
            state = f"{batch.running}{of} running, {batch.counts['failed']} failed, {batch.spent:.2f} USD"
            progress.update(bar, advance=1, description=state)
            if outcome.error is not None:
                progress.console.print(f"{outcome.key}: {outcome.error}", markup=False)

        yield tell


def _pair(text: str) -> str:
    if "=" not in text:
        raise argparse.ArgumentTypeError(f"{text!r} is no NAME=VALUE")
    return text


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m heygen_async.batch",
        description="Make a video, translation, … for each row of a CSV or JSON Lines file; resumable.",
        epilog="The key is HEYGEN_API_KEY of the environment. Exit codes: 0 all made, 1 some rows failed, 2 wrong use "
        "or wrong rows (nothing was made), 3 the budget was reached.",
    )
    made.add_argument("sheet", type=Path, help="a .csv with a row of column names, or a .jsonl")
    made.add_argument("--of", choices=[*WORKS], help="what the rows are for (default: by the columns, else videos)")
    made.add_argument("--set", type=_pair, action="append", default=[], metavar="FIELD=VALUE",
                      help="a field for all rows; {column} in it stands for the row's value")  # fmt: skip
    made.add_argument("--map", type=_pair, action="append", default=[], metavar="COLUMN=FIELD",
                      help="a column that is called otherwise than its field")  # fmt: skip
    made.add_argument(
        "--key", metavar="COLUMN", help="by which rows are known again (default: key, id, or the content)"
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
        return voice.wrong(str(error))


def run_main() -> int:
    """Run this process's command line."""
    voice = Words()
    try:
        return asyncio.run(command(parser().parse_args(), voice))
    except KeyboardInterrupt:
        voice.say("Stopped; what is under way goes on at HeyGen. Go on with --resume.")
        return 130


if __name__ == "__main__":
    raise SystemExit(run_main())
