"""A local HeyGen: the API over real HTTP on loopback, for developing and testing without an account.

`async with HeyGenEmulator() as api:` gives `api.url` and `api.key`; a plain `with` does so in a thread of its own, and
`python -m heygen_async.testing` serves any client in any language. Its truth is the published contract; it shares
nothing with the client but this package.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .clock import Clock as Clock
    from .emulator import HeyGenEmulator as HeyGenEmulator
    from .faults import Fault as Fault
    from .record import Charge as Charge, RecordedRequest as RecordedRequest
    from .state import Plan as Plan

__all__ = ["Charge", "Clock", "Fault", "HeyGenEmulator", "Plan", "RecordedRequest"]

_HOMES = {
    "Charge": "record",
    "Clock": "clock",
    "Fault": "faults",
    "HeyGenEmulator": "emulator",
    "Plan": "state",
    "RecordedRequest": "record",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{home}", __name__), name)
