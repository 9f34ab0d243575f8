"""Exponential backoff: the delay before each retry of a request and before each poll of a job."""

from __future__ import annotations

import random

import msgspec

_random = random.Random()  # noqa: S311  jitter needs no secrecy


class Backoff(msgspec.Struct, frozen=True, kw_only=True):
    """Delays of `initial`, `initial * factor`, `initial * factor**2`, … seconds, never above `maximum`.

    Full jitter suits retries, where many clients must not return at the same moment. A little jitter suits polling,
    where an early poll is a wasted request.

    Args:
        initial: The first delay, in seconds; 0 or more.
        factor: The growth from one delay to the next; 1 or more.
        maximum: The maximum delay, in seconds; at least `initial`.
        jitter: The share of each delay that is random, from 0 to 1. With 1.0 a delay is between 0 and its full length.
            With 0.2 it is between 80 % and 100 % of it. With 0 it is always the full length.

    Raises:
        InvalidInputError: A value is out of its range.
    """

    initial: float
    factor: float = 2.0
    maximum: float = 30.0
    jitter: float = 1.0

    def __post_init__(self) -> None:
        from ..errors import InvalidInputError  # noqa: PLC0415  `import heygen_async` loads Backoff before errors

        for name, valid, expected in (
            ("initial", self.initial >= 0, "a number of seconds, 0 or more"),
            ("factor", self.factor >= 1, "a number, 1 or more"),
            ("maximum", self.maximum >= self.initial, "a number of seconds, not below initial"),
            ("jitter", 0 <= self.jitter <= 1, "a share from 0 to 1"),
        ):
            if not valid:
                raise InvalidInputError(f"Backoff.{name}", getattr(self, name), expected)

    def ceiling(self, attempt: int) -> float:
        """Return the longest possible delay, in seconds, before retry number `attempt` (0 is the first).

        Args:
            attempt: The number of the retry; 0 is the first.
        """
        try:
            return min(self.maximum, self.initial * self.factor**attempt)
        except OverflowError:
            return self.maximum

    def delay(self, attempt: int) -> float:
        """Return a delay in seconds before retry number `attempt` (0 is the first), with its jitter drawn.

        Args:
            attempt: The number of the retry; 0 is the first.
        """
        ceiling = self.ceiling(attempt)
        return ceiling - ceiling * self.jitter * _random.random()
