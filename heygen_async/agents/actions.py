"""`Action`: what a tool does when it is no operation of the API, such as waiting for a job.

An action has the attributes of an `Operation` that tools read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from ..operations.arguments import CheckedArguments
from ..operations.struct_schemas import build_schema
from ..pricing import NOTHING, Estimate

if TYPE_CHECKING:
    from .._jobs.wait_options import OnUpdate
    from ..client import AsyncHeyGen
    from ..operations.arguments import ParsedArguments
    from ..types.base import JSONValue

#: Receives the client, the checked arguments and the hook for polls; returns the response.
ActionFunction: TypeAlias = "Callable[[AsyncHeyGen, dict[str, Any], OnUpdate | None], Awaitable[dict[str, JSONValue]]]"


class Action(msgspec.Struct, frozen=True, eq=False, kw_only=True, dict=True):
    """One action.

    Attributes:
        name: The tool's name.
        description: The tool's description.
        arguments: The struct of its arguments, each with a description. It forbids unknown fields.
        data: Returns the type of `data` in its response.
        function: The function that performs it.
        mutating: Whether it changes anything.
        idempotent: Whether a repeat changes nothing.
    """

    name: str
    description: str
    arguments: type[msgspec.Struct]
    data: Callable[[], Any]
    function: ActionFunction
    mutating: bool = False
    idempotent: bool = True
    billable: bool = False
    destructive: bool = False
    long_running: bool = False
    paginated: bool = False
    path: str = ""
    wait: str | None = None

    @property
    def summary(self) -> str:
        """The description."""
        return self.description

    @cached_property
    def input(self) -> CheckedArguments:
        """The arguments."""
        return CheckedArguments(self.arguments)

    @property
    def input_schema(self) -> dict[str, JSONValue]:
        """The JSON Schema of the arguments: an object."""
        return self.input.schema

    @cached_property
    def output_schema(self) -> dict[str, JSONValue]:
        """The JSON Schema of the response: `data`, and a `note` about the next step."""
        fields: list[Any] = [("data", self.data()), ("note", str, "")]
        return build_schema(msgspec.defstruct("Response", fields), open_ended=True)

    def estimate(self, _: Mapping[str, JSONValue]) -> Estimate:
        """Return the price of a call: an action itself costs nothing."""
        return NOTHING

    async def call(
        self,
        client: AsyncHeyGen,
        arguments: Mapping[str, JSONValue] | ParsedArguments | None = None,
        *,
        on_update: OnUpdate | None = None,
    ) -> dict[str, JSONValue]:
        """Perform the action, and return the response.

        Raises:
            InvalidInputError: An argument is missing, unknown or invalid.
            HeyGenError: The action failed.
        """
        _, keywords = arguments if isinstance(arguments, tuple) else self.input.parse(arguments or {})
        return await self.function(client, keywords, on_update)
