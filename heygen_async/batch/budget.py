"""What a batch may spend: a budget that new jobs must fit into, and a pause when the account's credit is used up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from logging import getLogger
from typing import TYPE_CHECKING

from ..errors import AuthenticationError, ConfigurationError, HeyGenError, InsufficientCreditError
from ..types.users import Currency

if TYPE_CHECKING:
    from ..client import AsyncHeyGen
    from ..pricing import Estimate

_log = getLogger("heygen_async")
_LOOK_EVERY = 20  # jobs between two looks at the balance
_LOOK_AGAIN = 60.0  # seconds, while the batch is paused


class Money:
    """One batch's purse, in USD."""

    def __init__(
        self,
        heygen: AsyncHeyGen,
        budget: float | None,
        *,
        spent: float,
        on_pause: Callable[[InsufficientCreditError], Awaitable[object] | object] | None,
    ) -> None:
        self.spent: float = spent
        self._heygen = heygen
        self._budget = budget
        self._earlier = spent
        self._on_pause = on_pause
        self._at_first: float | None = None
        self._until_look = 0
        self._there_is_credit = asyncio.Event()
        self._there_is_credit.set()

    async def allows(self, estimate: Estimate) -> bool:
        """Whether one more job fits into the budget; if so, its estimate is put down as spent."""
        if self._budget is not None:
            if self._until_look <= 0:
                await self._look()
                self._until_look = _LOOK_EVERY
            if self.spent + estimate.usd > self._budget:
                return False
            self._until_look -= 1
        self.spent += estimate.usd
        return True

    async def _look(self) -> None:
        """What the account says was spent counts, when it is more than was estimated. Others may spend from it too."""
        balance = await self._balance()
        if balance is None:
            return
        if self._at_first is None:
            self._at_first = balance
        self.spent = max(self.spent, self._earlier + self._at_first - balance)

    async def _balance(self) -> float | None:
        """The wallet's; None when the account is billed otherwise, or it cannot be had now."""
        try:
            wallet = (await self._heygen.users.me()).wallet
        except (AuthenticationError, ConfigurationError):
            raise
        except HeyGenError:
            return None
        return wallet.remaining_balance if wallet is not None and wallet.currency == Currency.USD else None

    async def wait_for_credit(self, error: InsufficientCreditError) -> None:
        """Pause until there is more than there was; the first who is refused looks, the others wait."""
        if not self._there_is_credit.is_set():
            await self._there_is_credit.wait()
            return
        self._there_is_credit.clear()
        try:
            _log.warning("The batch pauses: %s It goes on when the balance has risen.", error)
            if self._on_pause is not None:
                said = self._on_pause(error)
                if isawaitable(said):
                    await said
            before = await self._balance()
            while True:
                await asyncio.sleep(_LOOK_AGAIN)
                now = await self._balance()
                if before is None or now is None or now > before:
                    return  # where nothing tells the balance, the next request does
                before = now
        finally:
            self._there_is_credit.set()

    async def is_open(self) -> None:
        """Wait while the batch is paused."""
        await self._there_is_credit.wait()
