"""How long to wait before looking or trying again: one frozen value, used by retries and by polling alike."""

from __future__ import annotations

import random

import msgspec

_random = random.Random()  # noqa: S311  jitter needs no secrecy


class Backoff(msgspec.Struct, frozen=True, kw_only=True):
    """Exponential backoff: `initial`, `initial * factor`, `initial * factor**2`, … seconds, never above `maximum`.

    `jitter` is the share of each pause that is drawn at random: 1.0 (full jitter) draws from 0 to the pause, 0.2 from
    80 % to 100 % of it, 0 draws nothing. Full jitter suits retries, where many clients must not come back together;
    a little suits polling, where an early look is a wasted one.
    """

    initial: float
    factor: float = 2.0
    maximum: float = 30.0
    jitter: float = 1.0

    def __post_init__(self) -> None:
        from ..errors import InvalidInputError  # noqa: PLC0415  a frozen value must not cost an import cycle

        for name, ok, expected in (
            ("initial", self.initial >= 0, "a number of seconds, 0 or more"),
            ("factor", self.factor >= 1, "a number, 1 or more"),
            ("maximum", self.maximum >= self.initial, "a number of seconds, not below initial"),
            ("jitter", 0 <= self.jitter <= 1, "a share from 0 to 1"),
        ):
            if not ok:
                raise InvalidInputError(f"Backoff.{name}", getattr(self, name), expected)

    def ceiling(self, attempt: int) -> float:
        """The longest pause before attempt number `attempt` (0 is the first)."""
        try:
            return min(self.maximum, self.initial * self.factor**attempt)
        except OverflowError:
            return self.maximum

    def delay(self, attempt: int) -> float:
        """A pause in seconds before attempt number `attempt` (0 is the first), with its jitter drawn."""
        pause = self.ceiling(attempt)
        return pause - pause * self.jitter * _random.random()
