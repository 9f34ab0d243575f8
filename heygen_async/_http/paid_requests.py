"""The ids of jobs that cost credit: logged as soon as they are known, and added to every later exception.

The problem: a program pays for a job when HeyGen accepts the request. Between this moment and the return of the call,
many things can fail: the response cannot be decoded, a hook raises, the call is cancelled, the process dies. A program
without the id can neither wait for the job nor download it, and pays again for a second job.

So a successful response to a billable request is searched for the id before any other code runs. The typed decode
cannot find it, because this decode may be the step that fails. The body is searched as JSON of any form, or else as
text. Of a body over 1 MiB, which no create has, only the first MiB is searched, so that the event loop does not stop.
"""

from __future__ import annotations

import re
from itertools import islice
from logging import INFO, getLogger
from typing import TYPE_CHECKING, cast

from .error_mapping import error_fields
from .limits import MIB
from .misplaced_values import find_object

if TYPE_CHECKING:
    from ..types.base import JSONValue
    from ..types.redaction import SecretMask
    from .call import Call
    from .response import Response

_log = getLogger("heygen_async.http")
_MAX_SEARCHED = MIB  # bytes of a response
_MAX_IDS = 8  # ids of a response whose own id has no documented field
_IS_ID_NAME = re.compile(r"id|\w+_ids?").fullmatch
_ID = re.compile(rb'"(?!request_id|trace_id)(id|\w+_ids?)"\s*:\s*(?:"([^"\\]+)"|(\d+))')


def log_accepted(call: Call, response: Response, decode: object) -> None:
    """Log the id of the job that HeyGen created. `decode` is the decoder of the response."""
    if _log.isEnabledFor(INFO) and (ids := _created_ids(response, decode)):
        message = "%s %s: HeyGen accepted a billable request: %s"
        _log.info(message, response.method, response.path, ids, extra=call.log_fields(response))


def add_created_ids(accepted: Response | None, mask: SecretMask, error: BaseException, decode: object) -> None:
    """Add a note with the id of the job that HeyGen created to the exception that ends a call, and mask secrets.

    Args:
        accepted: The newest successful response of the call, if it may have charged.
        mask: Masks the secrets of the call.
        error: The exception.
        decode: The decoder of the response.
    """
    mask.error(error)
    if accepted is not None and (ids := _created_ids(accepted, decode)):
        request = f" (request {accepted.request_id})" if accepted.request_id else ""
        note = f"HeyGen accepted {accepted.method} {accepted.path}{request} and may charge for it: {ids}. "
        error.add_note(mask.text(f"{note}Use this id; creating again would pay again."))


def _created_ids(response: Response, decode: object) -> str | None:
    """Return the id in a response, with the name of its field; None when there is none."""
    from .lenient_decoding import parse_json  # noqa: PLC0415  most calls need no search

    name: str = getattr(decode, "id_name", "")
    body = response.body[:_MAX_SEARCHED]
    try:
        tree = parse_json(body)
    except ValueError:
        tree = None
    if name and not _IS_ID_NAME(name):
        return None
    if name and (found := find_object(tree, name)) is not None:
        ids = cast("list[object]", found[name] if isinstance(found[name], list) else [found[name]])
        if ids and all(isinstance(id, str | int) for id in ids):
            return f"{name} {', '.join(map(str, ids))}"
    if isinstance(tree, dict):
        if error_fields(cast("dict[str, JSONValue]", tree)) is not None:
            return None
        if name and isinstance(data := cast("dict[str, JSONValue]", tree).get("data"), str):
            return f"{name} {data}"
    matches = ([(part or b"").decode("utf-8", "replace") for part in match.groups()] for match in _ID.finditer(body))
    found_ids = (f"{field} {text or number}" for field, text, number in matches if not name or field in {name, "id"})
    return ", ".join(dict.fromkeys(islice(found_ids, _MAX_IDS))) or None
