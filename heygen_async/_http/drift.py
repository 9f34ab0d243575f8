"""Reports of responses that deviate from the documented form: in the log, to a callback, and on the response."""

from __future__ import annotations

from logging import getLogger
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .lenient_decoding import Drift
    from .response import Response

_log = getLogger("heygen_async")
_logged: set[tuple[str, str]] = set()


def report_drift(
    response: Response, drifts: Sequence[Drift], callback: Callable[[Response, Sequence[Drift]], object] | None
) -> None:
    """Store the deviations in the response, log each field once in this process, and call the callback."""
    msgspec.structs.force_setattr(response, "drift", tuple(drifts))
    for drift in drifts:
        if (drift.struct, drift.field) not in _logged:
            _logged.add((drift.struct, drift.field))
            _log.warning(
                "%s %s: the response deviates from HeyGen's documentation. %s. Everything else was read.",
                response.method, response.path, drift,
            )  # fmt: skip
    if callback is not None:
        callback(response, drifts)
