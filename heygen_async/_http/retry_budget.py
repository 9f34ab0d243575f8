"""The retry budget: during an outage, retries add at most a tenth to the load.

Each request earns a tenth of a retry, and each retry spends a whole one. A small reserve allows retries in a program
that has just started. The budget belongs to the client, so the number of tasks makes no difference.
"""

from __future__ import annotations


class RetryBudget:
    """The number of retries that one client may still send."""

    __slots__ = ("_tokens",)

    INITIAL = 10.0
    EARNED_PER_REQUEST = 0.1
    MAX = 100.0

    def __init__(self) -> None:
        self._tokens = self.INITIAL

    def earn(self) -> None:
        """Count a first attempt."""
        if self._tokens < self.MAX:
            self._tokens += self.EARNED_PER_REQUEST

    def spend(self) -> bool:
        """Pay for one retry; return False when the budget does not cover it."""
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
