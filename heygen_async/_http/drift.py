"""Reports of responses that deviate from the documented form: in the log, to a callback, and on the response."""

from __future__ import annotations

from logging import getLogger
from typing import TYPE_CHECKING, TypeVar, cast

import msgspec

from .log_records import log_fields
from .operation import operation_name
from .response import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .configuration import Options
    from .endpoint import Endpoint
    from .lenient_decoding import Drift

T = TypeVar("T")

_log = getLogger("heygen_async.http")
_logged: set[tuple[str, str]] = set()


def report_drift(
    response: Response,
    drifts: Sequence[Drift],
    callback: Callable[[Response, Sequence[Drift]], object] | None,
    fields: Mapping[str, object] | None = None,
) -> None:
    """Store the deviations in the response, log each field once in this process, and call the callback.

    `fields` are the attributes of the log record.
    """
    msgspec.structs.force_setattr(response, "drift", tuple(drifts))
    for drift in drifts:
        if (drift.struct, drift.field) not in _logged:
            _logged.add((drift.struct, drift.field))
            _log.warning(
                "%s %s: the response deviates from HeyGen's documentation. %s. Everything else was read.",
                response.method, response.path, drift, extra=fields,
            )  # fmt: skip
    if callback is not None:
        callback(response, drifts)


def convert_event_data(value: object, kind: type[T], endpoint: Endpoint, options: Options) -> T:
    """Convert the parsed data of a server-sent event of any form, and report each deviation."""
    from .lenient_decoding import convert  # noqa: PLC0415  events that fit do not need it

    result, drifts = convert(value, kind)
    response = Response(endpoint.method, endpoint.path, 200, {}, b"", 1, 0.0)
    report_drift(response, drifts, options.on_drift, log_fields(operation_name(endpoint), status=200))
    return cast("T", result)
