"""Calls that answer before their caller gives up, and creates that are not repeated.

The problem: hosts of tools give up on a slow call, some after 5 s, and the model sees an error and calls again. A
repeated create would be paid for twice.

So a create continues in a task of its own when its call ends. A call that is still without a result after 3 s answers
with a `request_id`, and `get_request` returns the result. An equal create joins an earlier one whose result nobody has
received. Equal means the same tool, arguments and caller, within 10 minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from logging import getLogger
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Self
from uuid import uuid4

import msgspec

from .._http.tasks import start_task
from ..errors import InvalidInputError
from .actions import Action
from .spending import canonical_call

if TYPE_CHECKING:
    from types import TracebackType

    from .._jobs.wait_options import OnUpdate
    from ..client import AsyncHeyGen
    from ..operations.operation import Operation
    from ..types.base import JSONValue

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


async def _is_connected() -> bool:
    return True


class Caller(NamedTuple):
    """Who calls a tool.

    Attributes:
        name: Equal creates are joined only for callers of the same name.
        is_connected: Returns whether the caller still receives the response of the current call.
    """

    name: str = ""
    is_connected: Callable[[], Awaitable[bool]] = _is_connected


#: The caller of the current call.
caller: ContextVar[Caller] = ContextVar("caller", default=Caller())  # noqa: B039  immutable


class Create:
    """One create, which may outlast its call."""

    def __init__(self, key: tuple[str, str, bytes], task: asyncio.Task[dict[str, JSONValue]]) -> None:
        self.id: str = f"request_{uuid4().hex[:20]}"
        self.key = key
        self.task = task
        self.delivered = False
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

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        running = [create for create in self._creates.values() if not create.task.done()]
        self._creates.clear()
        for create in running:
            _log.warning("%s was interrupted; the lists of HeyGen show whether it was created.", create.key[1])
            create.task.cancel()
        if running:
            await asyncio.wait([create.task for create in running])

    def find(self, tool: str, arguments: Mapping[str, JSONValue]) -> Create | None:
        """Return an equal create of this caller whose result was not delivered.

        Args:
            tool: The name of the tool.
            arguments: The arguments of the new call.
        """
        self._forget()
        key = _key(tool, arguments)
        found = [create for create in self._creates.values() if create.key == key and not create.delivered]
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
        if not is_new and (earlier := self.find(tool, arguments)) is not None:
            return await self.join(earlier)

        async def perform() -> dict[str, JSONValue]:
            return await call()

        create = Create(_key(tool, arguments), start_task(perform()))
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
            data=dict[str, Any],
            function=self._get,
        )

    async def _get(self, _: AsyncHeyGen, arguments: dict[str, Any], __: OnUpdate | None) -> dict[str, JSONValue]:
        self._forget()
        id: str = arguments["request_id"]
        create = self._creates.get(id)
        if create is None or create.key[0] != caller.get().name:
            expected = "the request_id of a create in the last 10 minutes; the lists show what was created before"
            raise InvalidInputError("request_id", id, expected)
        return await self._result(create, self.max_wait)

    async def _result(self, create: Create, seconds: float) -> dict[str, JSONValue]:
        """Return the response of a create, or after some seconds that it continues."""
        create.last_call = _now()
        await asyncio.wait([create.task], timeout=min(seconds, self.max_wait))
        create.last_call = _now()
        if not create.task.done():
            note = f"Accepted; call get_request with request_id={create.id} for the result. Do not create it again."
            return {"data": {"request_id": create.id, "status": "accepted"}, "note": note}
        create.delivered = create.delivered or await caller.get().is_connected()
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


def _key(tool: str, arguments: Mapping[str, JSONValue]) -> tuple[str, str, bytes]:
    return caller.get().name, tool, canonical_call(tool, arguments)


def _read_error(task: asyncio.Task[Any]) -> None:
    """Read the error of a create, which asyncio logs otherwise if nobody asks for the result."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.info("A create failed: %s", error)


def _now() -> float:
    return asyncio.get_running_loop().time()
