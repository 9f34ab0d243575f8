"""What the local HeyGen holds: jobs that move through their states, assets, voices, the balance."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from .api_errors import APIErrorResponse
from .ledger import Charge

if TYPE_CHECKING:
    from .clock import Clock

__all__ = ["Job", "Plan", "State"]

_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_LANGUAGES = ("English", "Spanish", "German", "French", "Japanese", "Portuguese", "Hindi", "Italian")
_SLOTTED = frozenset({"session", "translation", "video"})  # the kinds of jobs that the usage limits count
_NAMES = ("Ada", "Bruno", "Chiara", "Dario", "Elin", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Kaito", "Lena")


class Plan(msgspec.Struct, kw_only=True):
    """What becomes of jobs made from now on.

    `seconds` is how long each takes; `states` says it in full, as pairs of a state and its seconds, the last one's
    being ignored; `fail_code` and `fail_message` make it fail at its end; `asks` is a question at which a chat
    session stops; `kind` (`video`, `session`, `voice`, `asset`, `avatar`, `translation`, `proofread`, `lipsync`,
    `render`, `background_removal`, `ai_clipping`, `brand_kit`, `filler_word_removal`, `podcast`, `model_voice`,
    `model_image`, `model_video`, `model_speech`) and `count` limit which jobs are meant.
    """

    seconds: float | None = None
    states: Sequence[tuple[str, float]] | None = None
    fail_code: str | None = None
    fail_message: str | None = None
    question: str | None = None
    kind: str | None = None
    count: int | None = None


class Job:
    """Something that takes time: which state it is in at which moment."""

    def __init__(self, id: str, kind: str, made: float, states: Sequence[tuple[str, float]], **facts: Any) -> None:
        self.id: str = id
        self.kind: str = kind
        self.made: float = made
        self.states: Sequence[tuple[str, float]] = states
        self.facts = facts
        self.fail_code: str | None = None
        self.fail_message: str | None = None
        self.asked: Mapping[str, Any] | None = None  # the request for this job, where it is not the whole body

    @property
    def seconds(self) -> float:
        """From its making to its end."""
        return sum(seconds for _, seconds in self.states[:-1])

    @property
    def ends(self) -> float:
        """When it ends."""
        return self.made + self.seconds

    def state(self, now: float) -> str:
        """Its state at a moment."""
        left = now - self.made
        for state, seconds in self.states[:-1]:
            if left < seconds:
                return state
            left -= seconds
        return self.states[-1][0]

    def end(self, now: float, state: str) -> None:
        """Let it end now."""
        self.made = min(self.made, now)
        self.states = [(self.state(now), max(now - self.made, 0.0)), (state, 0.0)]


class State:
    """Everything behind the API's operations."""

    def __init__(
        self, clock: Clock, *, seed: int, render_seconds: float, concurrency_limit: int, balance: float
    ) -> None:
        self.clock: Clock = clock
        self.render_seconds: float = render_seconds
        self.concurrency_limit: int = concurrency_limit
        self.balance: float = balance
        self.random: random.Random = random.Random(seed)  # noqa: S311  ids that a test can foresee
        self.jobs: dict[str, Job] = {}
        self._running: list[Job] = []  # what takes slots, though some may have ended
        self.assets: dict[str, dict[str, Any]] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.deleted: set[str] = set()
        self.hidden_from_bulk: set[str] = set()  # jobs that the bulk statuses do not find, though a look at one does
        self.consents: set[str] = set()
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.streams: dict[str, Any] = {}
        self.plans: list[Plan] = []
        self.ledger: list[Charge] = []
        self.voices: list[dict[str, Any]] = [self._voice(index) for index in range(250)]

    def now(self) -> float:
        """The clock's time."""
        return self.clock.time()

    def new_id(self, prefix: str) -> str:
        """An id that was not given before."""
        return f"{prefix}_{''.join(self.random.choices(_ALPHABET, k=20))}"

    def plan_for(self, kind: str) -> Plan:
        """The newest plan that means this kind of job."""
        for plan in reversed(self.plans):
            if plan.kind in {None, kind} and plan.count != 0:
                if plan.count is not None:
                    plan.count -= 1
                return plan
        return Plan()

    def create_job(
        self,
        kind: str,
        prefix: str,
        states: Sequence[tuple[str, float]],
        *,
        asked: Mapping[str, Any] | None = None,
        **facts: Any,
    ) -> Job:
        """Begin a job; its plan may change its states. `asked` is its own part of a request for many."""
        plan = self.plan_for(kind)
        whole = sum(seconds for _, seconds in states[:-1])
        if plan.states is not None:
            states = plan.states
        elif plan.seconds is not None and whole:
            states = [(state, seconds * plan.seconds / whole) for state, seconds in states]
        job = Job(self.new_id(prefix), kind, self.now(), states, **facts)
        if plan.fail_code is not None or plan.fail_message is not None:
            job.states = [*states[:-1], ("failed", 0.0)]
            job.fail_code, job.fail_message = plan.fail_code, plan.fail_message
        job.asked = asked
        self.jobs[job.id] = job
        if kind in _SLOTTED:
            self._running.append(job)
        return job

    def keep(self, kind: str, prefix: str, **facts: Any) -> Job:
        """Something that takes no time: it is there, and no plan is about it."""
        job = Job(self.new_id(prefix), kind, self.now(), [("completed", 0.0)], **facts)
        self.jobs[job.id] = job
        return job

    def find(self, kind: str, id: str) -> Job:
        """A job by its id; 404 when there is none."""
        job = self.jobs.get(id)
        if job is None or job.kind != kind or id in self.deleted:
            raise APIErrorResponse.not_found(kind, id)
        return job

    def jobs_of_kind(self, kind: str) -> list[Job]:
        """All jobs of a kind, newest first."""
        return [job for job in reversed(self.jobs.values()) if job.kind == kind and job.id not in self.deleted]

    def last_of(self, job: Job) -> Job:
        """The job with which it ends: of a session that generates, its newest video."""
        if job.kind == "session" and job.states[-1][0] == "generating" and job.facts["videos"]:
            return self.jobs[job.facts["videos"][-1]]
        return job

    def ends(self, job: Job) -> float:
        """When it ends; a session that waits for a person does not by itself."""
        last = self.last_of(job)
        waits = last.kind == "session" and last.states[-1][0] not in {"completed", "failed"}
        return math.inf if waits else last.ends

    def runs(self, job: Job) -> bool:
        """Whether it is at work and takes a slot: a session does while it thinks, and then its video does."""
        handed_over = job.kind == "session" and self.last_of(job) is not job
        return job.ends > self.now() and job.id not in self.deleted and not handed_over

    def take_slots(self, charged: float, *, count: int = 1) -> None:
        """Refuse so many jobs when not all find a free slot, or the balance does not cover them.

        More than there are slots at all begin when every slot is free.
        """
        running = self._running = [job for job in self._running if self.runs(job)]
        limit, now = self.concurrency_limit, self.now()
        if len(running) + min(count, max(limit, 1)) > limit:
            wait = max(1, round(min((job.ends for job in running), default=now) - now + 0.5))
            raise APIErrorResponse(
                429,
                "rate_limit_exceeded",
                f"All {limit} concurrent video jobs of your plan are in use.",
                retry_after=min(wait, 30),
            )
        self.check_balance(charged)

    def check_balance(self, charged: float) -> None:
        """Refuse what the balance does not cover."""
        if self.balance < charged:
            raise APIErrorResponse(
                402,
                "insufficient_credit",
                f"Your account has {self.balance:.2f} USD but this request needs {charged:.2f} USD.",
            )

    def charge(self, amount: float, operation: str, id: str, key: str | None) -> None:
        """Take it from the balance, and write it down."""
        self.balance -= amount
        self.ledger.append(Charge(operation=operation, id=id, amount_usd=amount, key=key, time=self.now()))

    def _voice(self, index: int) -> dict[str, Any]:
        return {
            "voice_id": f"voice_{index:04d}",
            "name": f"{_NAMES[index % len(_NAMES)]} {index // len(_NAMES) + 1}",
            "language": _LANGUAGES[index % len(_LANGUAGES)],
            "gender": "female" if index // len(_LANGUAGES) % 2 else "male",
            "type": "public",
            "support_pause": index % 3 != 0,
            "support_locale": index % 5 == 0,
            "preview_audio_url": None,
            "engine": "starfish" if index % 2 == 0 else "elevenlabs",
        }
