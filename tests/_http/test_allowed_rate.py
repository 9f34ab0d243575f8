"""The rate that the API allows, learnt from its refusals: simulated, counting refusals and requests."""

from __future__ import annotations

import math

import pytest

from heygen_async._http.allowed_rate import AllowedRate

STEP = 0.001  # seconds


class Api:
    """A token bucket, and a client that sends whenever its own bucket allows it, at most 5 requests a step."""

    def __init__(self, rate: float, burst: float, pause: float) -> None:
        self.allowed = AllowedRate()
        self.rate, self.burst, self.pause = rate, burst, pause
        self.tokens, self.now = burst, 1000.0
        self.accepted = self.refused = 0

    def run(self, seconds: float) -> None:
        end, resumes = self.now + seconds, self.now
        while self.now < end:
            self.now += STEP
            self.tokens = min(self.burst, self.tokens + self.rate * STEP)
            for _ in range(5 if self.now >= resumes else 0):
                if not self.allowed.take(self.now):
                    break
                if self.tokens < 1:
                    self.refused += 1
                    self.allowed.record_refused(self.now, self.now, self.pause)
                    resumes = self.now + self.pause
                    break
                self.tokens -= 1
                self.accepted += 1
                self.allowed.record_accepted(self.now)
            if self.now >= resumes and self.allowed.is_known:
                self.allowed.grow(STEP)


@pytest.mark.parametrize(
    ("rate", "burst", "pause"),
    [(600, 120, 1), (600, 600, 1), (300, 60, 1), (1500, 30, 1), (50, 50, 1), (20, 200, 1), (600, 120, 5), (100, 20, 2)],
)
def test_uses_the_rate_of_any_bucket_after_few_refusals(rate: float, burst: float, pause: float) -> None:
    api = Api(rate, burst, pause)
    api.run(120)
    assert api.refused <= 16
    assert api.accepted >= 0.9 * rate * (120 - api.refused * pause)
    before = api.refused
    api.run(60)
    assert api.refused - before <= 6
    assert api.accepted <= rate * 180 + burst


def test_nothing_is_limited_without_a_refusal() -> None:
    api = Api(math.inf, math.inf, 1)
    api.run(1)
    assert api.accepted >= 5 * round(1 / STEP)


def test_a_single_refusal_after_few_requests_is_no_evidence() -> None:
    allowed = AllowedRate()
    for number in range(5):
        allowed.record_accepted(1000 + number / 10)
    allowed.record_refused(1001, 1001, 1)
    assert allowed.take(1002)
    assert not allowed.is_known


def test_a_short_burst_after_a_calm_time_is_not_slowed_down() -> None:
    api = Api(600, 120, 1)
    api.run(30)
    api.now += 10
    assert sum(api.allowed.take(api.now) for _ in range(30)) == 30


def test_the_rate_is_forgotten_after_a_calm_minute() -> None:
    api = Api(600, 120, 1)
    api.run(5)
    assert api.allowed.is_known
    api.now += 61
    assert api.allowed.take(api.now, is_calm=True)
    assert not api.allowed.is_known


def test_the_rate_that_the_api_states_is_used_at_once() -> None:
    allowed = AllowedRate()
    allowed.set_rate(10, 3, 1000)
    assert [allowed.take(1000) for _ in range(4)] == [True, True, True, False]
    assert sum(allowed.take(1000 + step / 100) for step in range(1, 201)) == 20
