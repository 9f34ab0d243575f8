"""The output of the batch command: outcomes on stdout, progress and errors on stderr, for programs or for people."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from . import exit_codes, output
from .error_reports import report_error

if TYPE_CHECKING:
    from ..batch import Outcome, Run
    from ..errors import HeyGenError


class TextReport:
    """Text for people: an outcome is a line of tab-separated key, state, ids and details."""

    def print_outcome(self, outcome: Outcome) -> None:
        """Print the outcome of a row to stdout."""
        columns: list[object] = [outcome.key, outcome.state, " ".join(outcome.ids) or "-"]
        if (cost := outcome.estimate) is not None:
            columns.append(f"{cost} ({cost.sure}: {cost.why})")
        elif outcome.error is not None:
            columns.append(outcome.error)
        elif outcome.path is not None:
            columns.append(outcome.path)
        if outcome.possible_charges:
            columns.append("may have been charged without a result")
        elif outcome.created_earlier:
            columns.append("created earlier")
        output.print_text("\t".join(map(str, columns)))

    def print_progress(self, message: str, *, code: str = "batch") -> None:
        """Print a message about the whole batch to stderr."""
        del code
        output.print_to_stderr(message)

    def print_error(self, error: HeyGenError | click.ClickException) -> int:
        """Print the error that ended the batch to stderr, and return its exit code."""
        output.print_to_stderr(str(error))
        return exit_codes.exit_code_of(error)


class JSONReport(TextReport):
    """JSON Lines for programs."""

    def print_outcome(self, outcome: Outcome) -> None:
        """Print the outcome of a row to stdout."""
        fields = {
            "key": outcome.key,
            "state": outcome.state,
            "ids": outcome.ids,
            "paths": [str(path) for path in outcome.paths],
            "estimate": outcome.estimate,
            "error": None if outcome.error is None else str(outcome.error),
            "created_earlier": outcome.created_earlier or None,
            "possible_charges": outcome.possible_charges or None,
        }
        output.print_json_line({name: value for name, value in fields.items() if value not in (None, [])})

    def print_progress(self, message: str, *, code: str = "batch") -> None:
        """Print a message about the whole batch to stderr."""
        output.print_notice(code, message)

    def print_error(self, error: HeyGenError | click.ClickException) -> int:
        """Print the error that ended the batch to stderr, and return its exit code."""
        return report_error(error)


@contextmanager
def live_bar(batch: Run, rows: int) -> Generator[Callable[[Outcome], None]]:
    """Draw one live bar on stderr instead of a line for each row. Needs rich."""
    from ..progress import ProgressBars

    with ProgressBars() as bars:
        yield bars.rows(batch, rows)
