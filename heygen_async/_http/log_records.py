"""The log of the SDK: the loggers, the level in `HEYGEN_LOG`, and the fields of a record.

The loggers are children of `heygen_async`, one for each subject: `http`, `jobs`, `batch`, `auth`, `webhooks`, `agents`.
A record about a request has its facts as attributes too, for a formatter that writes JSON.
"""

from __future__ import annotations

import logging
from functools import cache

from .configuration import environment_value

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO}
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


@cache
def start_logging() -> None:
    """Set the level of the SDK's log to that in `HEYGEN_LOG`, which the first client of a process reads.

    Records go to the handlers of the program, or to stderr if the program has not configured logging.
    """
    found = environment_value("HEYGEN_LOG")
    if found is None:
        return
    log, level = logging.getLogger("heygen_async"), _LEVELS.get(found[1].lower())
    if level is None:
        log.warning("HEYGEN_LOG is %r, which is no level of the log. Set it to debug or info.", found[1])
        return
    log.setLevel(level)
    if not logging.getLogger().handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter(_FORMAT))
        log.addHandler(handler)


def log_fields(
    operation: str,
    *,
    attempt: int | None = None,
    status: int | None = None,
    request_id: str | None = None,
    elapsed: float | None = None,
) -> dict[str, object]:
    """Return the attributes of a record about a request, for `extra`. A record has all of them.

    Args:
        operation: The operation's name in the catalog; for an endpoint without a name, its method and path.
        attempt: The number of the attempt, from 1.
        status: The HTTP status.
        request_id: HeyGen's id of the request.
        elapsed: The seconds that the attempt took.
    """
    return {
        "operation": operation,
        "attempt": attempt,
        "status": status,
        "request_id": request_id,
        "elapsed": elapsed,
    }
