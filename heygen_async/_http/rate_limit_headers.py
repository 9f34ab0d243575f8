"""The `RateLimit-*` headers of a response: how many requests the API allows, if it says so.

HeyGen sends none today. The names are those of the IETF draft, which many gateways use: `RateLimit-Remaining`,
`RateLimit-Reset` in seconds, and the window in `RateLimit-Policy` or `RateLimit-Limit`, such as `600;w=60`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

_WINDOW = re.compile(r"(\d{1,9})\s*;\s*w=(\d{1,9})")


class Quota(msgspec.Struct, frozen=True):
    """The limit that a response states.

    Attributes:
        remaining: The requests that are still allowed in this window.
        reset: The seconds until the window ends; 0 if not stated.
        rate: The requests a second that the window allows on average; None if not stated.
    """

    remaining: float
    reset: float
    rate: float | None


def read_quota(headers: Mapping[str, str]) -> Quota | None:
    """Return the limit that the headers state; None if they state none, or an invalid one."""
    remaining, reset = headers.get("RateLimit-Remaining", ""), headers.get("RateLimit-Reset", "0")
    if not (remaining.isdecimal() and reset.isdecimal()) or len(remaining) + len(reset) > 18:
        return None
    window = _WINDOW.search(f"{headers.get('RateLimit-Policy', '')} {headers.get('RateLimit-Limit', '')}")
    limit, seconds = (0, 0) if window is None else map(int, window.groups())
    return Quota(float(remaining), float(reset), limit / seconds if limit and seconds else None)
