"""`Retry-After`: the pause that a server requests, in seconds or as a date."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait, or None without a valid `Retry-After` header.

    A date is compared with the server's own clock (`Date`), so that a wrong clock on this machine does no harm.
    """
    value = headers.get("Retry-After", "").strip()
    try:
        if value.replace(".", "", 1).isdigit():
            return float(value)
        return _seconds_until(value, headers.get("Date")) if value else None
    except (ValueError, TypeError, OverflowError):
        return None


def _seconds_until(date: str, server_date: str | None) -> float:
    now = parsedate_to_datetime(server_date) if server_date else datetime.now(UTC)
    return max(0.0, (parsedate_to_datetime(date) - now).total_seconds())
