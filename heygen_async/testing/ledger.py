"""The ledger: every charge that the emulator took from its wallet."""

from __future__ import annotations

import msgspec

__all__ = ["Charge"]


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """A charge for one job.

    Args:
        operation: The name of the operation in the API's contract, such as `VideoCreate`.
        id: The job's id.
        amount_usd: The price in USD.
        key: The request's `Idempotency-Key`; None when it had none.
        time: Unix time in seconds, by the emulator's clock.

    """

    operation: str
    id: str
    amount_usd: float
    key: str | None
    time: float
