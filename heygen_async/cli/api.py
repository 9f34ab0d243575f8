"""`heygen-async api METHOD PATH`: a request to any endpoint."""

from __future__ import annotations

from typing import Any

import click

from ..client import AsyncHeyGen
from . import output
from .flags import complete_paths, parse_json
from .running import HUMAN, run

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_BODY_HELP = "The body: JSON, the path of a JSON file, or - for standard input."


@click.command(params=[HUMAN])
@click.argument("method", metavar="METHOD", type=click.Choice(_METHODS, case_sensitive=False))
@click.argument("path")
@click.option("-d", "--data", type=parse_json, metavar="JSON", shell_complete=complete_paths, help=_BODY_HELP)
@click.option("--idempotency-key", help="A key, if the endpoint honours one.")
@click.option("--force", is_flag=True, help="With DELETE: do not ask for confirmation.")
def api(method: str, path: str, data: Any, idempotency_key: str | None, *, force: bool, human: bool) -> int:
    """Send a request to any endpoint (`api GET /v3/users/me`) and print the whole response.

    The response includes fields that this version does not know.
    """

    async def request() -> None:
        async with AsyncHeyGen() as heygen:
            response = await heygen.request(method, path, json=data, idempotency_key=idempotency_key)
        output.print_response(response, human=human, mutating=method != "GET")

    return run(request, destroys=f"DELETE {path}" if method == "DELETE" and not force else "")
