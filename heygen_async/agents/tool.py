"""One operation as a tool: check the arguments, request permission, run the call, describe errors to the model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property, lru_cache, partial
from inspect import isawaitable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, cast

import msgspec

from ..errors import HeyGenError, InvalidInputError, ToolRefusedError
from ..operations.operation import Operation
from ..types.base import JSONValue
from ..types.file_fields import paths_as_text
from ..types.tracebacks import strips_frames
from .bounded_calls import NEW_PROPERTY, is_create
from .file_access import resolve_local_files
from .messages import describe_error, with_tool_names
from .offered_texts import name_offered_only
from .schema_dialects import anthropic_tool, gemini_tool, json_text_names, openai_tool, read_arguments
from .signatures import function_attributes
from .spending import TOKEN_PROPERTY, describe_price
from .tool_schemas import CLEARABLE, nullable, tool_schema
from .tool_texts import describe_parameter, describe_tool

if TYPE_CHECKING:
    from .._jobs.wait_options import OnUpdate
    from ..client import AsyncHeyGen
    from .actions import Action
    from .bounded_calls import BoundedCalls
    from .spending import Budget, Confirmations

#: Whether billable and destructive tools run: always, after a confirmation, or never.
Spending: TypeAlias = Literal["allow", "confirm", "deny"]
#: Receives the tool and its arguments; returns whether the call may run. May be async.
Confirm: TypeAlias = "Callable[[Tool, Mapping[str, JSONValue]], Awaitable[bool] | bool]"


_Call: TypeAlias = Callable[[], Awaitable[dict[str, JSONValue]]]


class _Definition(NamedTuple):
    """A tool as a model and an inspecting framework see it."""

    description: str
    input_schema: dict[str, JSONValue]
    attributes: dict[str, Any]


@lru_cache(maxsize=1024)  # the tools of an agent are often selected anew
def _define(
    operation: Operation | Action, offered: frozenset[str], *, takes_token: bool, takes_new: bool
) -> _Definition:
    """Return the definition of a tool."""
    description = describe_tool(operation, offered)
    describe = describe_parameter(operation, offered)
    clearable = CLEARABLE.get(operation.name, ())
    schema: dict[str, Any] = tool_schema(operation.input_schema, describe, clearable=clearable)
    if takes_token:
        schema["properties"]["confirmation_token"] = nullable(TOKEN_PROPERTY)
    if takes_new:
        schema["properties"]["new"] = nullable(NEW_PROPERTY)
    return _Definition(description, schema, function_attributes(operation.name, description, schema))


class Tool(msgspec.Struct, frozen=True, eq=False, kw_only=True, dict=True):
    """An operation that a model can call: `await tool(prompt="…")`.

    A model sees `name`, `description` and `input_schema`. `output_schema` describes a successful response.
    Its texts name no tool but those in `offered`.

    Attributes:
        operation: The operation of the catalog, or an action of the SDK such as a wait.
        client: The client that performs it.
        spending: Whether a call may cost credit or destroy something: `allow`, `deny`, or `confirm` by the callback.
        confirm: Called with the tool and the arguments before such a call; returns whether it may run.
        files: The folder whose files the arguments may name; None for no files.
        budget: The budget that the tools of one `tools()` call share.
        confirmations: The tokens of calls that wait for a confirmation, where the host cannot ask.
        bounded: The calls that return within a time limit and go on in the background.
        offered: The names of the tools beside it.
    """

    operation: Operation | Action
    client: AsyncHeyGen
    spending: Spending = "deny"
    confirm: Confirm | None = None
    files: Path | None = None
    budget: Budget | None = None
    confirmations: Confirmations | None = None
    bounded: BoundedCalls | None = None
    offered: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        # With these three, `inspect` takes the tool for a function.
        vars(self).update(self._definition.attributes)
        vars(self).update(__code__=Tool.__call__.__code__, __defaults__=None, __kwdefaults__=None)

    def __repr__(self) -> str:
        return f"Tool({self.name!r})"

    @property
    def name(self) -> str:
        """The operation's name, such as `create_video_agent`."""
        return self.operation.name

    @property
    def description(self) -> str:
        """What the tool does, when to use it, its price and duration, and the next call: 40 to 300 characters."""
        return self._definition.description

    @property
    def input_schema(self) -> dict[str, JSONValue]:
        """The JSON Schema (2020-12) of the arguments. Null in an optional argument means not given.

        Tools with the same definition share it: copy it before you change it.
        """
        return self._definition.input_schema

    @cached_property
    def function(self) -> Callable[..., Awaitable[dict[str, Any]]]:
        """The tool as a Python function, for a framework that takes no other callable."""

        async def call(**arguments: JSONValue) -> dict[str, Any]:
            return await self(**arguments)

        for name, value in self._definition.attributes.items():
            setattr(call, name, value)
        return call

    @property
    def output_schema(self) -> dict[str, JSONValue]:
        """The JSON Schema of a successful response."""
        return self.operation.output_schema

    @strips_frames
    async def __call__(self, /, **arguments: JSONValue) -> dict[str, JSONValue]:
        """Run the tool and return its response, or `{"error": "…"}` with a message that a model can act on."""
        try:
            return await self._run(arguments, None)
        except HeyGenError as error:
            return {"error": describe_error(error, self.offered)}

    @strips_frames
    async def run(
        self, arguments: Mapping[str, JSONValue], *, on_update: OnUpdate | None = None
    ) -> dict[str, JSONValue]:
        """Run the tool and return its response.

        Args:
            arguments: The model's arguments by name.
            on_update: Called with a `JobUpdate` after every poll of a wait. May be async.

        Returns:
            The response as JSON without nulls. A list returns one page and the cursor of the next.

        Raises:
            ToolRefusedError: The program, or the person who was asked, does not allow the call.
            InvalidInputError: An argument is missing, unknown or invalid.
            HeyGenError: The operation or the wait failed.
        """
        return await self._run(arguments, on_update)

    async def _run(self, arguments: Mapping[str, JSONValue], on_update: OnUpdate | None) -> dict[str, JSONValue]:
        bounds = self._bounds
        arguments = read_arguments(self.input_schema, self._json_texts, arguments, self._tags)
        token = arguments.pop("confirmation_token", None) if self._takes_token else None
        is_new = False if bounds is None else arguments.pop("new", False)
        if not isinstance(is_new, bool):
            raise InvalidInputError("new", is_new, "true or false")
        parsed = self.operation.input.parse(arguments)  # Invalid arguments fail before the person is asked.
        if bounds is not None and (earlier := bounds.find(self.name, arguments, is_new=is_new)) is not None:
            return await bounds.join(earlier)
        checked = await resolve_local_files(self.operation, arguments, self.files)
        if checked is not arguments:
            parsed = self.operation.input.parse(checked)
        call: _Call = partial(self.operation.call, self.client, parsed, on_update=on_update)
        if self.operation.billable or self.operation.destructive:
            call = await self._permitted(call, paths_as_text(checked), token)
        response = await (call() if bounds is None else bounds.create(self.name, arguments, call, is_new=is_new))
        if isinstance(note := response.get("note"), str):
            response["note"] = name_offered_only(with_tool_names(note), self.offered)
        return response

    def to_openai(self, *, chat: bool = False, strict: bool = False) -> dict[str, JSONValue]:
        """Return the tool's definition for OpenAI's Responses API.

        Args:
            chat: Return the form of the Chat Completions API instead.
            strict: OpenAI guarantees that arguments fit the schema. A map of values is then a JSON text.
        """
        return openai_tool(self.name, self.description, self.input_schema, chat=chat, strict=strict)

    def to_anthropic(self) -> dict[str, JSONValue]:
        """Return the tool's definition for Anthropic's Messages API."""
        return anthropic_tool(self.name, self.description, self.input_schema)

    def to_gemini(self) -> dict[str, JSONValue]:
        """Return the tool's function declaration for Google's Gemini API. A map of values is a JSON text."""
        return gemini_tool(self.name, self.description, self.input_schema)

    async def describe_price(self, arguments: Mapping[str, JSONValue]) -> str:
        """Return the price of a call and the balance of the account, such as `about $0.60 of $12.40`.

        It reads the balance. For a tool that is not charged for, the price is `$0.00`.

        Args:
            arguments: The arguments of the call.
        """
        return await describe_price(self, arguments)

    @cached_property
    def _definition(self) -> _Definition:
        is_lasting = isinstance(self.operation, Operation)  # an action may hold a client
        define = _define if is_lasting else _define.__wrapped__
        return define(self.operation, self.offered, takes_token=self._takes_token, takes_new=self._bounds is not None)

    @cached_property
    def _json_texts(self) -> list[str]:
        return json_text_names(self.input_schema)

    @cached_property
    def _tags(self) -> list[str]:
        """The fields with only one value, which the schema for models leaves out."""
        properties = cast("Mapping[str, Mapping[str, JSONValue]]", self.operation.input_schema["properties"])
        return [name for name, one in properties.items() if "const" in one]

    @property
    def _takes_token(self) -> bool:
        return self.confirmations is not None and (self.operation.billable or self.operation.destructive)

    async def _permitted(self, call: _Call, arguments: Mapping[str, JSONValue], token: object) -> _Call:
        """Return a call that counts in the budget, after the person has agreed to it."""
        self._require_spending()
        budget = self.budget if self.operation.billable else None
        if budget is not None:
            await budget.check(self, arguments)  # A call that is too expensive is not worth a question.
        if token is None or self.confirmations is None or self.spending != "confirm":
            await self._require_confirmation(arguments)
        elif not self.confirmations.redeem(self.name, arguments, token):
            reason = "was not confirmed: the token has expired, was used, or belongs to other arguments"
            raise ToolRefusedError(self.name, reason, "Call it without confirmation_token to get a new one.")
        return call if budget is None else partial(budget.spend, self, arguments, call)

    @property
    def _bounds(self) -> BoundedCalls | None:
        """The bounds of a create; None for all other tools."""
        return self.bounded if is_create(self.operation) else None

    def _require_spending(self) -> None:
        if self.spending == "allow" or (self.spending == "confirm" and self.confirm is not None):
            return
        effect = "cannot be undone" if self.operation.destructive else "is charged for"
        reason = f"{effect}, and this program does not allow that (spending={self.spending!r})"
        raise ToolRefusedError(self.name, reason, "Ask the person to allow it, or to do it themselves.")

    async def _require_confirmation(self, arguments: Mapping[str, JSONValue]) -> None:
        if self.spending == "allow" or self.confirm is None:
            return
        decision = self.confirm(self, arguments)
        if (await decision if isawaitable(decision) else decision) is not True:  # the text "n" is truthy
            raise ToolRefusedError(self.name, "was not confirmed", "Ask the person what to do instead.")
