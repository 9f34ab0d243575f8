"""The budget of a batch in USD, and the pause while the account has no credit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from logging import getLogger
from typing import TYPE_CHECKING

from .._http.hooks import call_hook
from ..errors import BudgetExceededError, HeyGenError, InsufficientCreditError
from ..types.users import Currency
from .failures import FATAL

if TYPE_CHECKING:
    from ..client import AsyncHeyGen
    from ..pricing import Estimate

_log = getLogger("heygen_async.batch")
_JOBS_PER_BALANCE_CHECK = 20
_BALANCE_POLL_SECONDS = 60.0  # during a pause


class Budget:
    """The spending of one run.

    Args:
        heygen: The client that reads the account's balance.
        usd: The budget; None for no limit.
        on_pause: Called with the error when a pause begins; may be async.

    Attributes:
        spent: The estimated cost of all jobs in USD; with a budget, at least the decrease of the balance.
    """

    def __init__(
        self,
        heygen: AsyncHeyGen,
        usd: float | None,
        on_pause: Callable[[InsufficientCreditError], Awaitable[object] | object] | None,
    ) -> None:
        self.spent: float = 0.0
        self._heygen = heygen
        self._usd = usd
        self._spent_before = 0.0
        self._on_pause = on_pause
        self._first_balance: float | None = None
        self._jobs_until_check = 0
        self._has_credit = asyncio.Event()
        self._has_credit.set()

    def start_from(self, usd: float) -> None:
        """Add the estimated cost of the jobs of earlier runs."""
        self.spent = self._spent_before = usd

    async def reserve(self, cost: Estimate) -> bool:
        """Add a job's cost to `spent`. Return False, and add nothing, when it exceeds the budget."""
        if self._usd is not None:
            if self._jobs_until_check <= 0:
                await self._compare_with_balance()
                self._jobs_until_check = _JOBS_PER_BALANCE_CHECK
            if self.spent + cost.usd > self._usd:
                return False
            self._jobs_until_check -= 1
        self.spent += cost.usd
        return True

    def exceeded(self, held_rows: int) -> BudgetExceededError:
        """Return the error for rows that the budget does not cover."""
        return BudgetExceededError(
            f"The budget of {self._usd:g} USD does not cover {held_rows} more row{'s' if held_rows > 1 else ''}: the "
            f"jobs so far cost {self.spent:.2f} USD. Run the batch again with a larger budget and the same journal.",
            budget=self._usd or 0.0, spent=self.spent, held=held_rows,
        )  # fmt: skip

    def refund(self, usd: float) -> None:
        """Subtract the cost of a job that HeyGen rejected."""
        self.spent -= usd

    async def _compare_with_balance(self) -> None:
        """Raise `spent` to the decrease of the balance. Other programs may have spent a part of it."""
        balance = await self._balance()
        if balance is None:
            return
        if self._first_balance is None:
            self._first_balance = balance
        self.spent = max(self.spent, self._spent_before + self._first_balance - balance)

    async def _balance(self) -> float | None:
        """Return the wallet's balance in USD; None if the account has no such wallet, or the request fails."""
        try:
            wallet = (await self._heygen.users.me()).wallet
        except FATAL:
            raise
        except HeyGenError:
            return None
        return wallet.remaining_balance if wallet is not None and wallet.currency == Currency.USD else None

    async def wait_for_credit(self, error: InsufficientCreditError) -> None:
        """Pause the batch until the balance rises. The first rejected row polls the balance, the others wait for it."""
        if not self._has_credit.is_set():
            await self.wait_while_paused()
            return
        self._has_credit.clear()
        try:
            _log.warning("The batch pauses: %s It continues when the balance has increased.", error)
            if self._on_pause is not None:
                await call_hook(self._on_pause, error)
            await self._wait_for_higher_balance()
        finally:
            self._has_credit.set()

    async def _wait_for_higher_balance(self) -> None:
        before = await self._balance()
        while True:
            await asyncio.sleep(_BALANCE_POLL_SECONDS)
            now = await self._balance()
            if before is None or now is None or now > before:
                return  # without a balance, the next request finds out
            before = now

    async def wait_while_paused(self) -> None:
        """Wait for the end of the pause, if there is one."""
        await self._has_credit.wait()
