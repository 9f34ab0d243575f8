"""`HeyGenPlugin`: everything that a Temporal client and its workers need for the rows of batches.

A worker takes steps from two task queues: its own, and one for creates (`workflow.CREATE_QUEUE_SUFFIX`). A create waits
for the plan's capacity inside its activity; the rows behind it wait in the queue, and cost nothing. With one queue,
waiting creates would block polls and downloads, without which no capacity becomes free.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from temporalio.plugin import SimplePlugin
from temporalio.worker import ReplayerConfig, Worker, WorkerConfig

from ..._http.backoff import Backoff
from ...batch.failures import ACCESS_DENIED
from ...client import AsyncHeyGen
from ...errors import ConfigurationError, HeyGenError, InvalidInputError
from ..steps import Steps
from .activities import Activities, Destination
from .converter import converts_structs, with_structs
from .workflow import CREATE_QUEUE_SUFFIX, MakeRow

if TYPE_CHECKING:
    from ..limiters import Limiter

#: Polls are shared by a worker's rows, and rare: a job takes minutes.
DEFAULT_POLL = Backoff(initial=15.0, factor=1.5, maximum=120.0, jitter=0.2)


class HeyGenPlugin(SimplePlugin):
    """The plugin of a Temporal client. Its workers inherit it.

    Pass it to the client, not to a worker alone, because the client converts the structs of workflows:
    `Client.connect(address, plugins=[HeyGenPlugin()])`.

    Args:
        heygen: The client of all steps in this process; by default one is created from the environment when a worker
            starts, and closed when it ends. A client that is passed is not closed.
        destination: A folder of this machine for the finished files, or an async function that takes a name and a
            stream of bytes, for an object store. None downloads no file.
        limiter: Counts unfinished jobs; all workers of an account share it (`RedisLimiter`). Without one, the plan's
            limit is found by rejected requests.
        poll: The delays between polls of a job, in seconds. Where the webhook bridge runs, they can be long.
        max_concurrent_creates: The number of rows in this process that create their jobs in parallel, or wait for a
            place of the limiter; 1 or more.

    Raises:
        InvalidInputError: An option has an invalid value.
    """

    def __init__(
        self,
        heygen: AsyncHeyGen | None = None,
        *,
        destination: Destination = None,
        limiter: Limiter | None = None,
        poll: Backoff = DEFAULT_POLL,
        max_concurrent_creates: int = 10,
    ) -> None:
        if max_concurrent_creates < 1:
            raise InvalidInputError("max_concurrent_creates", max_concurrent_creates, "an integer, 1 or more")
        super().__init__("heygen_async.HeyGenPlugin", data_converter=with_structs)  # pyright: ignore[reportUnknownMemberType]  its own types
        self._heygen = heygen
        self._limiter = limiter
        self._max_concurrent_creates = max_concurrent_creates
        self._activities = Activities(poll, destination)
        self._workers = 0
        self._stack = AsyncExitStack()

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        """Add the workflow and the activities to a worker.

        Raises:
            ConfigurationError: The worker's client does not have this plugin.
        """
        options: Any = config
        if not converts_structs(options["client"].data_converter):
            raise ConfigurationError(
                "Pass HeyGenPlugin to the client too: Client.connect(…, plugins=[HeyGenPlugin()])."
            )
        steps = self._activities
        if options["task_queue"].endswith(CREATE_QUEUE_SUFFIX):
            options["activities"] = [steps.create]
        else:
            options["activities"] = [*options.get("activities", ()), steps.poll, steps.fetch]
            options["workflows"] = [*options.get("workflows", ()), MakeRow]
        return super().configure_worker(config)

    def configure_replayer(self, config: ReplayerConfig) -> ReplayerConfig:
        """Add the workflow to a replayer."""
        config["workflows"] = [*config.get("workflows", ()), MakeRow]
        return super().configure_replayer(config)

    async def run_worker(self, worker: Worker, next: Callable[[Worker], Awaitable[None]]) -> None:
        """Run a worker with the shared client, and beside it the worker of its creates.

        Raises:
            AuthenticationError: HeyGen rejects the API key.
            ConfigurationError: There is no API key.
        """
        if worker.task_queue.endswith(CREATE_QUEUE_SUFFIX):
            await next(worker)
            return
        creates = Worker(
            worker.client,
            task_queue=worker.task_queue + CREATE_QUEUE_SUFFIX,
            max_concurrent_activities=self._max_concurrent_creates,
            graceful_shutdown_timeout=cast("Any", worker.config()).get("graceful_shutdown_timeout", timedelta()),
        )
        async with self._open_client(), creates:
            await next(worker)

    @asynccontextmanager
    async def _open_client(self) -> AsyncGenerator[None]:
        """Open the shared client for the first worker, and close it after the last one."""
        self._workers += 1
        try:
            if self._workers == 1:
                heygen = self._heygen
                if heygen is None:
                    heygen = await self._stack.enter_async_context(AsyncHeyGen())
                await _check_key(heygen)
                await self._activities.open(Steps(heygen, limiter=self._limiter))
            yield
        finally:
            self._workers -= 1
            if not self._workers:
                self._activities.steps = None
                await self._stack.aclose()


async def _check_key(heygen: AsyncHeyGen) -> None:
    """Raise the error of an invalid API key. During an outage the steps wait for its end."""
    try:
        await heygen.users.me()
    except HeyGenError as error:
        if isinstance(error, ACCESS_DENIED):
            raise
