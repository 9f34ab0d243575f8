"""`heygen-async doctor`: a comparison of the API's responses with the contract."""

from __future__ import annotations

import platform
from collections.abc import Sequence

import click
import msgspec

from .. import __version__
from ..client import AsyncHeyGen
from . import exit_codes, output
from .doctor_calls import Examination, examine
from .running import run


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def doctor(*, as_json: bool) -> int:
    """Check whether HeyGen's responses agree with its published contract.

    Calls every operation that only reads and costs nothing, once, with half a second between two. A finding is a
    response that breaks the contract: a missing field, another type, an unreadable document. A note is a field or an
    enum value that the contract does not have yet.

    The report has paths and types of fields, but no values, so it can be part of a public issue. The exit code is 1 if
    there are findings.
    """
    examinations: list[Examination] = []

    async def call_all() -> None:
        async with AsyncHeyGen() as heygen:
            examinations.append(await examine(heygen))

    code = run(call_all)
    for examination in examinations:
        if as_json:
            output.print_response({"version": __version__, **msgspec.structs.asdict(examination)})
        else:
            output.print_text(_format(examination))
        if examination.findings:
            code = exit_codes.FAILED
    return code


def _format(examination: Examination) -> str:
    """Return the report as text."""
    sections: dict[str, Sequence[object]] = {
        "Findings, where responses break the contract": examination.findings,
        "Notes, where responses have more than the contract": examination.notes,
        "Not called": [f"{endpoint}  {reason}" for endpoint, reason in examination.not_called.items()],
    }
    lines = [
        f"heygen-async {__version__}, Python {platform.python_version()}, {platform.system()}",
        f"{len(examination.called)} operations called",
    ]
    for title, entries in sections.items():
        lines += ["", f"{title}: {len(entries)}", *(f"  {entry}" for entry in entries)]
    return "\n".join(lines)
