"""The budget of a batch in USD, and the pause while the account has no credit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from logging import getLogger
from typing import TYPE_CHECKING

from .._http.hooks import call_hook
from ..errors import BudgetExceededError, HeyGenError, InsufficientCreditError
from ..pricing import Estimate
from .failures import FATAL

if TYPE_CHECKING:
    from ..client import AsyncHeyGen

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
        spent: The known part of the cost of all jobs in USD; with a budget, at least the decrease of the balance.
        unknown_jobs: The number of this run's jobs whose price is not known.
    """

    def __init__(
        self,
        heygen: AsyncHeyGen,
        usd: float | None,
        on_pause: Callable[[InsufficientCreditError], Awaitable[object] | object] | None,
    ) -> None:
        self.spent: float = 0.0
        self.unknown_jobs: int = 0
        self._reserved = 0.0  # for jobs of unknown length
        self._is_unpriced = False  # whether rows are held because HeyGen publishes no price for their jobs
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

    @property
    def cost(self) -> Estimate:
        """The estimated cost of all jobs."""
        unknown = self.unknown_jobs
        return Estimate(
            usd=self.spent if self.spent or not unknown else None,
            sure="unknown" if unknown else "likely" if self.spent else "exact",
            why="the jobs that were created",
            unknown_jobs=unknown,
            assumed_usd=None if unknown else 0.0,
        )

    async def reserve(self, cost: Estimate) -> float | None:
        """Add a job's cost, and return the amount that the budget reserves for it.

        Return None, and add nothing, when the budget does not cover the job: it is too expensive, or HeyGen publishes
        no price for it.
        """
        known, counted = cost.usd or 0.0, cost.counted_usd
        amount = known if counted is None else counted
        if self._usd is not None:
            if self._jobs_until_check <= 0:
                await self._compare_with_balance()
                self._jobs_until_check = _JOBS_PER_BALANCE_CHECK
            self._is_unpriced = counted is None
            if self._is_unpriced or self.spent + self._reserved + amount > self._usd:
                return None
            self._jobs_until_check -= 1
        self.spent += known
        self._reserved += amount - known
        self.unknown_jobs += cost.unknown_jobs
        return amount

    def exceeded(self, held_rows: int) -> BudgetExceededError:
        """Return the error for rows that the budget does not cover."""
        advice = "Run the batch again with a larger budget and the same journal."
        if self._is_unpriced:
            advice = "HeyGen publishes no price for the next job; run the batch again without a budget."
        return BudgetExceededError(
            f"The budget of {self._usd:g} USD does not cover {held_rows} more row{'s' if held_rows > 1 else ''}. "
            f"Reserved so far: {self.cost}. {advice}",
            budget=self._usd or 0.0, spent=self.spent, held=held_rows,
        )  # fmt: skip

    def refund(self, amount: float, cost: Estimate | None) -> None:
        """Subtract a job that HeyGen rejected: the amount that was reserved, and its estimate in this run."""
        reserved = min(self._reserved, amount - (cost.usd or 0.0)) if cost is not None else 0.0
        self._reserved -= reserved
        self.spent -= amount - reserved
        self.unknown_jobs -= min(self.unknown_jobs, 0 if cost is None else cost.unknown_jobs)

    async def _compare_with_balance(self) -> None:
        """Raise `spent` to the decrease of the balance. Other programs may have spent a part of it."""
        balance = await self._balance()
        if balance is None:
            return
        if self._first_balance is None:
            self._first_balance = balance
        whole = self.spent + self._reserved
        self.spent = max(self.spent, self._spent_before + self._first_balance - balance)
        self._reserved = max(0.0, whole - self.spent)

    async def _balance(self) -> float | None:
        """Return the wallet's balance in USD; None if the account has no such wallet, or the request fails."""
        try:
            return (await self._heygen.users.me()).balance_usd
        except FATAL:
            raise
        except HeyGenError:
            return None

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
