"""The rate that the API allows: learnt from accepted and refused requests, without I/O and without a clock.

The problem: HeyGen documents no rate. A 429 says how long to pause, not how fast to go afterwards. A client that goes
on at full speed uses up the burst within milliseconds, and is refused again: of each second of pause it uses a tenth.

Rejected ways:

* A count of accepted requests a second, pauses included. It is too small, because nothing is accepted in a pause.
* A count without pauses. It is too large, because the burst that had been saved up is counted too.
* Halving and adding alone. It takes dozens of refusals to come near the rate, and each costs a pause.

The terms. The API is taken for a bucket: it holds at most `B` tokens, gains `R` tokens a second, and each request takes
one. A run is the time from the end of a pause to the next refusal, in which the client sends as fast as it may.

The theory. A run of `T` seconds starts with the `b` tokens that a pause of `P` seconds left, and ends with none, so it
accepts `A = b + R × T` requests. That one equation bounds the rate:

* `R ≤ A / T`: there were no tokens to begin with.
* `R ≥ A / (T + P)`: the bucket was not full before the pause ended.

A short run gives `b`, because `R × T` hardly counts in it. A longer one then gives the rate itself: `R = (A - b) / T`.
While the rate grows by `g` a second, only the last `√(2b / g)` seconds of a long run count: before them the client was
slower than `R`, and used up nothing.

The rules:

* Before the first refusal nothing is limited.
* After it, requests are sent at a rate between the bounds, which grows towards the upper one until the next refusal.
  From then on two runs give the rate.
* Known rates are used to 97 %, and grow by half a percent a second while requests wait, because the API may allow more
  by now. The next refusal measures again.
* The client has a bucket of its own: half the burst that was accepted. A short burst after a calm time is not slowed
  down.
* Few accepted requests are no evidence: a single 429 may have another reason. Then only the pause applies.
* `RateLimit-*` headers with a window are believed at once.
* After a minute without a refusal, in which the bucket was full again, the rate is forgotten.
"""

from __future__ import annotations

import math
from collections import deque

_WINDOW = 1.0  # seconds before the first refusal that count as its run
_MIN_EVIDENCE = 20  # accepted requests that a first refusal needs to be due to their rate
_MIN_SECONDS = 0.001  # of a run
_SAFE_SHARE = 0.97  # of a measured rate
_GROWTH = 0.005  # of the rate, a second
_FIRST_SHARE = 0.8  # of the upper bound
_ROUNDS = 8  # of an estimate
_SEARCH_SECONDS = 4.0  # in which an uncertain rate grows to its upper bound
_MEMORY = 60.0  # seconds without a refusal after which the rate is forgotten


class AllowedRate:
    """A bucket whose rate is learnt. All times are in seconds of one clock.

    Attributes:
        rate: Requests a second; infinite while unknown.
        burst: The requests that may be sent at once after a calm time.
    """

    __slots__ = (
        "_count", "_growth", "_pause", "_recent", "_refused_at", "_resumes_at", "_short_run", "_start", "_time",
        "_tokens", "burst", "rate",
    )  # fmt: skip

    def __init__(self) -> None:
        self.rate: float = math.inf
        self.burst: float = 1.0
        self._tokens = 0.0
        self._time = 0.0  # of `_tokens`
        self._growth = 0.0  # requests a second, a second
        self._recent: deque[float] = deque(maxlen=1024)  # the times of accepted requests while the rate is unknown
        self._count = 0  # accepted requests of the run
        self._start = -math.inf  # of the run
        self._pause = _WINDOW  # before the run
        self._short_run: tuple[int, float] | None = None
        self._refused_at = -math.inf
        self._resumes_at = math.inf  # the end of a pause whose run was not used yet

    @property
    def is_known(self) -> bool:
        """Whether requests have to be spaced out."""
        return self.rate < math.inf

    def record_accepted(self, sent_at: float) -> None:
        """Record that a request which was sent at this time was not refused."""
        if self.rate == math.inf:
            self._recent.append(sent_at)
        elif sent_at >= self._start:
            self._count += 1

    def record_refused(self, sent_at: float, now: float, pause: float) -> None:
        """Record the refusal that ends a run. After the pause, when the responses in flight are there, it is used."""
        self._tokens, self._time = 0.0, now
        self._refused_at, self._resumes_at = sent_at, now + pause

    def _start_run(self) -> None:
        """Learn from the run before the pause that has ended, and start the next run."""
        accepted, seconds = self._run(self._refused_at)
        is_repeated = self._refused_at - self._start <= max(self._pause, _WINDOW)
        if accepted and (self.is_known or accepted >= _MIN_EVIDENCE or is_repeated):
            self._learn(accepted, max(seconds, _MIN_SECONDS))
        self._recent.clear()
        self._pause = self._resumes_at - self._refused_at
        self._count, self._start, self._resumes_at = 0, self._resumes_at, math.inf

    def _run(self, end: float) -> tuple[int, float]:
        """Return the requests that the run has accepted, and its seconds."""
        if self.is_known:
            return self._count, end - self._start
        times = sorted(time for time in self._recent if max(end - _WINDOW, self._start) <= time <= end)
        runs = [(len(times) - index, end - time) for index, time in enumerate(times)]
        return max(runs, key=lambda run: run[0] / (run[1] + _WINDOW), default=(0, 0.0))

    def _learn(self, accepted: int, seconds: float) -> None:
        """Set the rate by a run; by this and the shortest run if there was one before."""
        if self._short_run is None:
            highest = accepted / seconds
            lowest = accepted / (seconds + self._pause)
            estimate = max(_FIRST_SHARE * highest, lowest) if seconds > _WINDOW / 2 else math.sqrt(lowest * highest)
            self.rate, self._growth = estimate, max((highest - estimate) / _SEARCH_SECONDS, _GROWTH * estimate)
        else:
            estimate = self._measure(accepted, seconds, *self._short_run)
            self.rate, self._growth = _SAFE_SHARE * estimate, _GROWTH * estimate
        if self._short_run is None or seconds < self._short_run[1] / 2:
            self._short_run = accepted, seconds
        self.burst = max(1.0, (self._short_run[0] - estimate * self._short_run[1]) / 2)

    def _measure(self, accepted: int, seconds: float, short_accepted: int, short_seconds: float) -> float:
        """Return the rate by two runs. Each round of the loop comes closer to it."""
        estimate, run = self.rate, float(accepted)
        for _ in range(_ROUNDS):
            saved = max(1.0, short_accepted - estimate * short_seconds)
            last = min(seconds, math.sqrt(2 * saved / self._growth) if self._growth else math.inf)
            # Before the last seconds of a long run the rate was below the allowed one, and saved nothing up.
            run = accepted if last == seconds else self.rate * last - self._growth * last**2 / 2
            estimate = min(max((run - saved) / last, run / (last + self._pause)), run / last)
        return estimate

    def set_rate(self, rate: float, remaining: float, now: float) -> None:
        """Use the rate and the remaining requests that the API itself states."""
        self._refill(now)
        self.burst = max(self.burst, remaining)
        self._tokens = min(self._tokens, remaining) if self.is_known else remaining
        self.rate, self._growth, self._refused_at = rate, 0.0, now

    def take(self, now: float, *, is_calm: bool = False) -> bool:
        """Take a token for one request if there is one. `is_calm` says that no other request waits."""
        if now >= self._resumes_at:
            self._start_run()
        if self.rate == math.inf:
            return True
        self._refill(now)
        if is_calm and self._tokens >= self.burst:
            if now - self._refused_at > _MEMORY:
                self.rate = math.inf
                return True
            self._count, self._start = 0, now  # a calm time has ended, and a run starts
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def seconds_until_next(self, now: float) -> float:
        """Return the seconds until there is a token."""
        self._refill(now)
        return max(0.0, (1.0 - self._tokens) / self.rate)

    def grow(self, seconds: float) -> None:
        """Raise the rate after these seconds in which requests waited for it."""
        self.rate += self._growth * seconds

    def _refill(self, now: float) -> None:
        if self.rate < math.inf:
            self._tokens = min(self.burst, self._tokens + (now - self._time) * self.rate)
        self._time = now
