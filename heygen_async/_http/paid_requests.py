"""The ids of jobs that cost credit: in the log as soon as they are known, and in every exception that follows.

The problem: a program pays for a job when HeyGen accepts the request. Between this moment and the return of the call,
much can go wrong: the response cannot be decoded, a hook raises, the call is cancelled, the process dies. A program
that does not get the id can neither wait for the job nor download it, and pays again for a second one.

So a successful response to a billable request is searched for the id before any other code runs. The typed decode is
no help here: it may be what fails. The body is searched as JSON of any form, or as text when it is no JSON.
"""

from __future__ import annotations

import re
from logging import INFO, getLogger
from typing import TYPE_CHECKING, cast

from .error_mapping import error_fields

if TYPE_CHECKING:
    from .call import Call
    from .response import Response

_log = getLogger("heygen_async")
_ID = re.compile(rb'"(?!request_id|trace_id)(id|\w+_ids?)"\s*:\s*(?:"([^"\\]+)"|(\d+))')


def log_accepted(response: Response, decode: object) -> None:
    """Log the id of the job that HeyGen created. `decode` is the decoder of the response."""
    if _log.isEnabledFor(INFO) and (ids := _created_ids(response, decode)):
        _log.info("%s %s: HeyGen accepted a billable request: %s", response.method, response.path, ids)


def add_created_ids(call: Call, error: BaseException, decode: object) -> None:
    """Add a note with the id of the job that HeyGen created to the exception that ends the call."""
    response = call.accepted
    if response is not None and (ids := _created_ids(response, decode)):
        request = f" (request {response.request_id})" if response.request_id else ""
        error.add_note(
            f"HeyGen accepted {response.method} {response.path}{request} and may charge for it: {ids}. "
            "Use this id; creating again would pay again."
        )


def _created_ids(response: Response, decode: object) -> str | None:
    """Return the id in a response, with the name of its field; None when there is none."""
    from .lenient_decoding import find_object, parse_json  # noqa: PLC0415  most calls need no search

    name: str = getattr(decode, "id_name", "")
    try:
        tree = parse_json(response.body)
    except ValueError:
        tree = None
    if name and (found := find_object(tree, name)) is not None:
        return _format_ids(name, found[name])
    if isinstance(tree, dict):
        if error_fields(cast("dict[str, object]", tree)) is not None:  # type: ignore[arg-type]  # parsed JSON
            return None
        if name and isinstance(data := cast("dict[str, object]", tree).get("data"), str):
            return _format_ids(name, data)
    for match in _ID.finditer(response.body):
        field, text, number = match.groups()
        if not name or field.decode() in {name, "id"}:
            return _format_ids(field.decode(), (text or number).decode("utf-8", "replace"))
    return None


def _format_ids(name: str, value: object) -> str | None:
    """Return the text for one id or several ones; None when the value is neither."""
    ids = cast("list[object]", value if isinstance(value, list) else [value])
    are_ids = name == "id" or name.endswith(("_id", "_ids"))
    if not are_ids or not ids or not all(isinstance(id, str | int) for id in ids):
        return None
    return f"{name} {', '.join(map(str, ids))}"
