"""The state behind the API: jobs that move through their states, assets, voices, the balance."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from .api_errors import APIErrorResponse
from .job_table import JobTable
from .ledger import Charge
from .names import JOB_KINDS, check_name, check_states

if TYPE_CHECKING:
    from collections.abc import Callable

    from .catalog import Catalog
    from .clock import Clock

__all__ = ["Job", "Plan", "State"]

_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_LIMITED_KINDS = frozenset({"session", "translation", "video"})  # the kinds of jobs that the concurrency limit counts


class Plan(msgspec.Struct, kw_only=True):
    """The course of the jobs that are created from now on. Pass it to `HeyGenEmulator.plan`.

    Args:
        seconds: The duration of each job, in seconds of the clock.
        states: The states of each job with their seconds, in order; the seconds of the last state are ignored.
        fail_code: The failure code with which each job ends.
        fail_message: The failure message with which each job ends.
        question: A question that makes a chat session wait for input.
        kind: The kind of jobs; None for every kind. The kinds are `video`, `session`, `voice`, `asset`, `avatar`,
            `translation`, `proofread`, `lipsync`, `render`, `background_removal`, `ai_clipping`, `brand_kit`,
            `filler_word_removal`, `podcast`, `model_voice`, `model_image`, `model_video`, `model_speech`,
            `workflow_run` and `comparison`.
        failed_nodes: The ids of the nodes that fail in each workflow run. The nodes that wait for them are skipped; the
            run ends `partial`, or `failed` when none of its outputs has a result.
        count: The number of jobs to which the plan applies; None for all.
        unknown: Whether `states` may have names that the API does not document.

    Raises:
        ValueError: A state or the kind is not known; the message has the nearest known name.
    """

    seconds: float | None = None
    states: Sequence[tuple[str, float]] | None = None
    fail_code: str | None = None
    fail_message: str | None = None
    question: str | None = None
    kind: str | None = None
    failed_nodes: Sequence[str] = ()
    count: int | None = None
    unknown: bool = False

    def __post_init__(self) -> None:
        if self.kind is not None:
            check_name("The kind", self.kind, JOB_KINDS)
        if self.states is not None and not self.unknown:
            check_states(self.states)


class Job:
    """A job, whose state follows from the time.

    Args:
        id: Its id.
        kind: Its kind, see `Plan`.
        created_at: The time of its start, as Unix time.
        states: Its states with their seconds, in order.
        details: The fields that its operation stores.
    """

    def __init__(
        self, id: str, kind: str, created_at: float, states: Sequence[tuple[str, float]], **details: Any
    ) -> None:
        self.id: str = id
        self.kind: str = kind
        self.created_at: float = created_at
        self.states: Sequence[tuple[str, float]] = states
        self.details = details
        self.fail_code: str | None = None
        self.fail_message: str | None = None
        self.failed_nodes: Sequence[str] = ()
        self.request: Mapping[str, Any] | None = None  # its part of a batch's request

    @property
    def seconds(self) -> float:
        """The seconds from its start to its end."""
        return sum(seconds for _, seconds in self.states[:-1])

    @property
    def ends_at(self) -> float:
        """The time of its end, as Unix time."""
        return self.created_at + self.seconds

    def state(self, now: float) -> str:
        """Return its state at a time."""
        left = now - self.created_at
        for state, seconds in self.states[:-1]:
            if left < seconds:
                return state
            left -= seconds
        return self.states[-1][0]

    def end(self, now: float, state: str) -> None:
        """End the job now, in this state."""
        self.created_at = min(self.created_at, now)
        self.states = [(self.state(now), max(now - self.created_at, 0.0)), (state, 0.0)]


class State:
    """The data that the API's operations read and change."""

    def __init__(
        self,
        clock: Clock,
        *,
        seed: int,
        render_seconds: float,
        concurrency_limit: int,
        balance: float,
        account_plan: str,
        create_catalog: Callable[[], Catalog],
    ) -> None:
        self.clock: Clock = clock
        self.render_seconds: float = render_seconds
        self.concurrency_limit: int = concurrency_limit
        self.balance: float = balance
        self.account_plan: str = account_plan
        self.random: random.Random = random.Random(seed)  # noqa: S311  reproducible ids, not secrets
        self.jobs: JobTable = JobTable()
        self._running: list[Job] = []  # jobs that the concurrency limit counted; some may have ended
        self.assets: dict[str, dict[str, Any]] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.deleted: set[str] = set()
        self.hidden_from_bulk: set[str] = set()  # ids that the bulk status endpoints do not find
        self.consents: set[str] = set()
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.streams: dict[str, Any] = {}
        self.catalog: Catalog = create_catalog()
        self.templates: dict[str, dict[str, Any]] = self.catalog["template"]
        for id, fields in self.catalog["asset"].items():
            self._add_asset(id, fields)
        self.plans: list[Plan] = []
        self.ledger: list[Charge] = []

    def now(self) -> float:
        """Return the clock's time, as Unix time."""
        return self.clock.time()

    def new_id(self, prefix: str) -> str:
        """Return a new id with a prefix."""
        return f"{prefix}_{''.join(self.random.choices(_ALPHABET, k=20))}"

    def take_plan(self, kind: str) -> Plan:
        """Return the newest plan for a kind of job and count the job in it."""
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
        request: Mapping[str, Any] | None = None,
        id: str | None = None,
        **details: Any,
    ) -> Job:
        """Create a job; a plan may change its states.

        Args:
            kind: Its kind, see `Plan`.
            prefix: The prefix of its id.
            states: Its states with their seconds, in order.
            request: Its own part of a batch's request; None if the request is for this job alone.
            id: Its id; None for a new one.
            details: The fields that its operation stores.
        """
        plan = self.take_plan(kind)
        whole = sum(seconds for _, seconds in states[:-1])
        if plan.states is not None:
            states = plan.states
        elif plan.seconds is not None and whole:
            states = [(state, seconds * plan.seconds / whole) for state, seconds in states]
        job = Job(id or self.new_id(prefix), kind, self.now(), states, **details)
        if plan.fail_code is not None or plan.fail_message is not None:
            job.states = [*states[:-1], ("failed", 0.0)]
            job.fail_code, job.fail_message = plan.fail_code, plan.fail_message
        job.request, job.failed_nodes = request, plan.failed_nodes
        self.jobs[job.id] = job
        if kind in _LIMITED_KINDS:
            self._running.append(job)
        return job

    def add_resource(self, kind: str, prefix: str, *, id: str | None = None, **details: Any) -> Job:
        """Add a resource that is complete immediately and that no plan changes."""
        job = Job(id or self.new_id(prefix), kind, self.now(), [("completed", 0.0)], **details)
        self.jobs[job.id] = job
        return job

    def add(self, kind: str, id: str, **fields: Any) -> None:
        """Add a resource that the account has without a request."""
        self.catalog.add(kind, id, **fields)
        if kind == "asset":
            self._add_asset(id, self.catalog[kind][id])

    def _add_asset(self, id: str, fields: Mapping[str, Any]) -> None:
        """Make an asset of the catalog one that is uploaded."""
        if id not in self.jobs:
            self.add_resource("asset", "asset", id=id)
        self.assets[id] = {**fields, "usable": True}

    def exists(self, kind: str, id: str) -> bool:
        """Return whether a resource exists: from the start, or by an earlier request."""
        if id in self.deleted:
            return False
        if kind == "avatar_group" and id not in self.catalog[kind]:
            return any(job.details["group"] == id for job in self.jobs_of_kind("avatar"))
        job = self.jobs.get(id)
        return id in self.catalog[kind] or (job is not None and job.kind == kind)

    def find(self, kind: str, id: str) -> Job:
        """Return a job by its id.

        Raises:
            APIErrorResponse: 404: there is no such job of this kind.
        """
        job = self.jobs.get(id)
        if job is None or job.kind != kind or id in self.deleted:
            raise APIErrorResponse.not_found(kind, id)
        return job

    def jobs_of_kind(self, kind: str) -> list[Job]:
        """Return all jobs of a kind, newest first."""
        return [job for job in self.jobs.newest(kind) if job.id not in self.deleted]

    def final_job(self, job: Job) -> Job:
        """Return the job that ends this one: the newest video of a session that generates, otherwise the job itself."""
        if job.kind == "session" and job.states[-1][0] == "generating" and job.details["videos"]:
            return self.jobs[job.details["videos"][-1]]
        return job

    def end_time(self, job: Job) -> float:
        """Return the end of a job as Unix time; infinity for a session that waits for input."""
        last = self.final_job(job)
        waits_for_input = last.kind == "session" and last.states[-1][0] not in {"completed", "failed"}
        return math.inf if waits_for_input else last.ends_at

    def is_running(self, job: Job) -> bool:
        """Return whether a job counts against the concurrency limit: a session until its video starts, then the video."""
        handed_over = job.kind == "session" and self.final_job(job) is not job
        return job.ends_at > self.now() and job.id not in self.deleted and not handed_over

    def reserve_capacity(self, charged: float, *, count: int = 1) -> None:
        """Check the concurrency limit and the balance for new jobs.

        Args:
            charged: The price of all of them, in USD.
            count: The number of jobs. More than the limit may start if no other job is running.

        Raises:
            APIErrorResponse: 429: the limit is reached; 402: the balance is too small.
        """
        limit, now = self.concurrency_limit, self.now()
        free = limit - min(count, max(limit, 1))
        if len(self._running) > free:
            self._running = [job for job in self._running if self.is_running(job)]
        if len(running := self._running) > free:
            wait = max(1, round(min((job.ends_at for job in running), default=now) - now + 0.5))
            raise APIErrorResponse(
                429,
                "rate_limit_exceeded",
                f"All {limit} concurrent video jobs of your plan are in use.",
                retry_after=min(wait, 30),
            )
        self.check_balance(charged)

    def check_balance(self, charged: float) -> None:
        """Check that the balance covers a price in USD.

        Raises:
            APIErrorResponse: 402: the balance is too small.
        """
        if self.balance < charged:
            raise APIErrorResponse(
                402,
                "insufficient_credit",
                f"Your account has {self.balance:.2f} USD but this request needs {charged:.2f} USD.",
            )

    def charge(self, amount: float, operation: str, id: str, key: str | None) -> None:
        """Charge an amount in USD to the balance and enter it in the ledger."""
        self.balance -= amount
        self.ledger.append(Charge(operation=operation, id=id, amount_usd=amount, key=key, time=self.now()))
