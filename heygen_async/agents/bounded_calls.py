"""Calls that answer before their caller gives up, and creates that are not repeated. Downloads continue too.

The problem: hosts of tools give up on a slow call, some after 5 s, and the model sees an error and calls again. A
repeated create would be paid for twice.

So a create continues in a task of its own when its call ends. A call that is still without a result after 3 s answers
with a `request_id`, and `get_request` returns the result. An equal create joins an earlier one whose result nobody has
received. Equal means the same tool, arguments and caller, within 10 minutes. With `new=true` it joins only a create
with `new=true` whose caller is gone, because a host may repeat such a call too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from logging import getLogger
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeVar
from uuid import uuid4

import msgspec

from .._http.tasks import start_task
from ..errors import InvalidInputError
from .actions import Action
from .callers import call_key, caller

if TYPE_CHECKING:
    from types import TracebackType

    from .._jobs.wait_options import OnUpdate
    from ..client import AsyncHeyGen
    from ..operations.operation import Operation
    from ..types.base import JSONValue

T = TypeVar("T")

_CREATE_SECONDS = 3.0
_JOIN_SECONDS = 600.0
_JOINED = (
    "This is the result of an equal call before, which was not delivered; nothing was created again. "
    "To create another one, call with new=true."
)
NEW_PROPERTY: dict[str, JSONValue] = {
    "type": "boolean",
    "description": "True to create another one although an equal call may still run. Default: false.",
}

_log = getLogger("heygen_async.agents")


class Create:
    """One create, which may outlast its call.

    Attributes:
        delivered: Whether a caller has received the result.
        is_lost: Whether the last caller was gone before it received any response.
    """

    def __init__(self, tool: str, key: bytes, task: asyncio.Task[dict[str, JSONValue]], *, is_new: bool) -> None:
        self.id: str = f"request_{uuid4().hex[:20]}"
        self.tool = tool
        self.key = key
        self.caller: str = caller.get().name
        self.task = task
        self.is_new = is_new
        self.delivered = False
        self.is_lost = False
        self.last_call: float = _now()


class BoundedCalls:
    """The bounds of a program's tool calls, and its creates that outlast their calls.

    `async with` it around the calls: its end cancels the creates that still run.

    Args:
        max_wait: The maximum duration of a wait in seconds.
    """

    def __init__(self, max_wait: float = 20.0) -> None:
        self.max_wait = max_wait
        self._creates: dict[str, Create] = {}
        self._running: dict[str, asyncio.Task[Any]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = list(self._running.values())
        for create in self._creates.values():
            if not create.task.done():
                _log.warning("%s was interrupted; the lists of HeyGen show whether it was created.", create.tool)
                tasks.append(create.task)
        self._creates.clear()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def find(self, tool: str, arguments: Mapping[str, JSONValue], *, is_new: bool) -> Create | None:
        """Return an equal create of this caller whose result was not delivered, and that this call may join.

        Args:
            tool: The name of the tool.
            arguments: The arguments of the new call.
            is_new: Whether it joins only a create with `new=true` whose caller is gone.
        """
        self._forget()
        key = call_key(tool, arguments)
        equal = [create for create in self._creates.values() if create.key == key and not create.delivered]
        found = [create for create in equal if not is_new or (create.is_new and create.is_lost)]
        return found[-1] if found else None

    async def create(
        self,
        tool: str,
        arguments: Mapping[str, JSONValue],
        call: Callable[[], Awaitable[dict[str, JSONValue]]],
        *,
        is_new: bool,
    ) -> dict[str, JSONValue]:
        """Start a create, or join an equal one, and return its response, or within 3 s that it continues.

        Args:
            tool: The tool's name.
            arguments: The arguments that an equal create has.
            call: Performs the create.
            is_new: Whether to start it although there is an equal one.
        """
        if (earlier := self.find(tool, arguments, is_new=is_new)) is not None:
            return await self.join(earlier)

        async def perform() -> dict[str, JSONValue]:
            return await call()

        create = Create(tool, call_key(tool, arguments), start_task(perform()), is_new=is_new)
        create.task.add_done_callback(_read_error)
        self._creates[create.id] = create
        return await self._result(create, _CREATE_SECONDS)

    async def join(self, create: Create) -> dict[str, JSONValue]:
        """Return the response of an earlier create, or within 3 s that it continues.

        Args:
            create: The earlier create, from `find`.
        """
        response = await self._result(create, _CREATE_SECONDS)
        return {"note": _JOINED, **response} if create.delivered else response

    async def result_of(self, key: str, call: Callable[[], Awaitable[T]]) -> T | None:
        """Return the result of a call, or None if it still runs after `max_wait`.

        Args:
            key: A call of the same key joins the one that runs.
            call: Performs it, in a task of its own.
        """
        if (task := self._running.get(key)) is None:

            async def perform() -> T:
                return await call()

            task = self._running[key] = start_task(perform())
            task.add_done_callback(_read_error)
            task.add_done_callback(lambda _: self._running.pop(key, None))
        await asyncio.wait([task], timeout=self.max_wait)
        return task.result() if task.done() else None

    def get_request(self) -> Action:
        """Return the action that returns the result of a create."""
        about = "The request_id from the response of a create."
        return Action(
            name="get_request",
            description="Return the result of a create that answered with a request_id, such as the id of the video. "
            "While it still runs, call get_request again.",
            arguments=msgspec.defstruct(
                "Arguments",
                [("request_id", Annotated[str, msgspec.Meta(description=about)])],
                forbid_unknown_fields=True,
            ),
            data=lambda: dict[str, Any],
            function=self._get,
        )

    async def _get(self, _: AsyncHeyGen, arguments: dict[str, Any], __: OnUpdate | None) -> dict[str, JSONValue]:
        self._forget()
        id: str = arguments["request_id"]
        create = self._creates.get(id)
        if create is None or create.caller != caller.get().name:
            expected = "the request_id of a create in the last 10 minutes; the lists show what was created before"
            raise InvalidInputError("request_id", id, expected)
        return await self._result(create, self.max_wait)

    async def _result(self, create: Create, seconds: float) -> dict[str, JSONValue]:
        """Return the response of a create, or after some seconds that it continues."""
        create.last_call = _now()
        try:
            await asyncio.wait([create.task], timeout=min(seconds, self.max_wait))
            create.is_lost = not await caller.get().is_connected()
        except asyncio.CancelledError:
            create.is_lost = True
            raise
        create.last_call = _now()
        if not create.task.done():
            note = f"Accepted; call get_request with request_id={create.id} for the result. Do not create it again."
            return {"data": {"request_id": create.id, "status": "accepted"}, "note": note}
        create.delivered = create.delivered or not create.is_lost
        return dict(create.task.result())

    def _forget(self) -> None:
        oldest = _now() - _JOIN_SECONDS
        for create in list(self._creates.values()):
            if create.task.done() and create.last_call < oldest:
                del self._creates[create.id]


def is_create(operation: Operation | Action) -> bool:
    """Whether each call of an operation creates something, so that a repeat creates it twice.

    An `Action` creates nothing itself: `call_tool` runs another tool, which has bounds of its own.
    """
    return not isinstance(operation, Action) and operation.mutating and not operation.idempotent


def _read_error(task: asyncio.Task[Any]) -> None:
    """Read the error of a call, which asyncio logs otherwise if nobody asks for the result."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.info("A call that went on failed: %s", error)


def _now() -> float:
    return asyncio.get_running_loop().time()
