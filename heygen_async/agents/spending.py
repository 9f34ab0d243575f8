"""What tools may spend: a budget for a session, the price as a person reads it, and tokens of confirmation.

A budget counts a call before it is sent. It takes the amount back if the request failed, and keeps it if the outcome is
unknown. `heygen_async.pricing` says what a budget counts.

A confirmation token is for a client that cannot ask the person itself. The refusal of a call contains the token. The
same call of the same caller with the token runs, once and within ten minutes.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import anyio

from .._http.worker_threads import run_in_thread
from ..errors import AmbiguousRequestError, HeyGenError, ToolRefusedError
from ..pricing import NOTHING, rates
from .callers import call_key

if TYPE_CHECKING:
    from ..pricing import Estimate
    from ..types.base import JSONValue
    from .tool import Tool

_TOKEN_SECONDS = 600.0
_BALANCE_SECONDS = 2.0  # The price is worth no longer wait for the balance: hosts give up on slow calls.
TOKEN_PROPERTY: dict[str, JSONValue] = {
    "type": "string",
    "description": "The token from the refusal of this call. Pass it only after the person has agreed.",
}


class Budget:
    """The spending of a session of tools.

    Args:
        usd: The maximum in USD.
        allow_unpriced: Whether calls run whose rate is not published. They are not counted.

    Attributes:
        reserved: The price of the calls so far in USD.
    """

    def __init__(self, usd: float, *, allow_unpriced: bool = False) -> None:
        self.usd = usd
        self.allow_unpriced = allow_unpriced
        self.reserved: float = 0.0

    async def check(self, tool: Tool, arguments: Mapping[str, JSONValue]) -> float:
        """Return the price in USD that a call counts, if the budget covers it.

        Raises:
            ToolRefusedError: The budget does not cover it.
        """
        await run_in_thread(rates)
        cost = tool.operation.estimate(arguments)
        rest = f"{_dollars(max(0.0, self.usd - self.reserved))} of the budget of {_dollars(self.usd)} is left"
        counted = cost.counted_usd
        if counted is None and not self.allow_unpriced:
            reason = f"has an unknown price ({cost.why}), and {rest}"
            raise ToolRefusedError(tool.name, reason, "Ask the person to run it, or to allow unknown prices.")
        amount = (cost.usd or 0.0) if counted is None else counted
        if self.reserved + amount > self.usd:
            is_assumed = cost.unknown_jobs and counted is not None
            price = f"{_dollars(amount)} if it takes a minute ({cost.why})" if is_assumed else _price(cost)
            reason = f"costs {price}, and {rest}"
            raise ToolRefusedError(tool.name, reason, "Make it shorter, or ask the person for a larger budget.")
        return amount

    async def spend(
        self, tool: Tool, arguments: Mapping[str, JSONValue], call: Callable[[], Awaitable[dict[str, JSONValue]]]
    ) -> dict[str, JSONValue]:
        """Count a call, and run it.

        Raises:
            ToolRefusedError: The budget does not cover it.
        """
        amount = await self.check(tool, arguments)
        self.reserved += amount
        try:
            return await call()
        except HeyGenError as error:
            if not isinstance(error, AmbiguousRequestError) and error.idempotency_key is None:
                self.reserved -= amount
            raise


class _Token(NamedTuple):
    call: bytes
    expires: float


class Confirmations:
    """The confirmations of a server of tools.

    Attributes:
        sessions: The callers, and their sessions, in which the person does not want to be asked again.
    """

    def __init__(self) -> None:
        self.sessions: set[tuple[str, str]] = set()
        self._tokens: dict[str, _Token] = {}

    def issue(self, tool: str, arguments: Mapping[str, JSONValue]) -> str:
        """Return a token for a call with these arguments."""
        now = time.monotonic()
        self._tokens = {text: token for text, token in self._tokens.items() if token.expires > now}
        text = secrets.token_urlsafe(9)
        self._tokens[text] = _Token(call_key(tool, arguments), now + _TOKEN_SECONDS)
        return text

    def redeem(self, tool: str, arguments: Mapping[str, JSONValue], token: object) -> bool:
        """Return whether the token is for this call, and use it up."""
        found = self._tokens.get(str(token))
        if found is None or found.call != call_key(tool, arguments):
            return False
        del self._tokens[str(token)]
        return found.expires > time.monotonic()


async def describe_price(tool: Tool, arguments: Mapping[str, JSONValue]) -> str:
    """Return the price of a call and the balance as a person reads it, such as `about $0.60 of $12.40`.

    The balance is left out if the account has none in USD, or if it cannot be read within 2 s.
    """
    await run_in_thread(rates)
    balance: float | None = None
    with anyio.move_on_after(_BALANCE_SECONDS), suppress(HeyGenError):
        balance = (await tool.client.users.me()).balance_usd
    price = _price(tool.operation.estimate(arguments) if tool.operation.billable else NOTHING)
    return price if balance is None else f"{price} of {_dollars(balance)}"


def _price(cost: Estimate) -> str:
    if cost.usd is None:
        return f"an unknown price ({cost.why})"
    more = " or more" if cost.unknown_jobs else ""
    return f"{'' if cost.sure == 'exact' else 'about '}{_dollars(cost.usd)}{more}"


def _dollars(usd: float) -> str:
    return f"${usd:.2f}" if usd >= 0.1 or not usd else f"${usd:.4f}"
