"""`Operation`: one entry of the catalog, called with JSON arguments, and returning JSON.

Responses have the API's own form: `data`, and for a page `has_more` and `next_token`. Null fields are left out.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from functools import cached_property
from operator import attrgetter
from types import GenericAlias
from typing import TYPE_CHECKING, Any, TypeAlias, cast, get_args, get_type_hints

import msgspec

from .._http.endpoint import Endpoint
from .._http.operation import OperationRecord
from .._jobs.kinds import type_named
from .._jobs.registry import IDS_FIELDS, KINDS
from .._jobs.wait_options import check_timeout
from ..errors import InputRequiredError, InvalidInputError, UnknownArgumentError
from ..pagination import Page
from ..types.base import get_field
from ..types.tracebacks import strips_frames
from .arguments import Arguments
from .struct_schemas import build_schema
from .text import to_json

if TYPE_CHECKING:
    from .._jobs.wait_options import OnUpdate
    from ..client import AsyncHeyGen
    from ..pricing import Estimate
    from ..types.base import JSONValue
    from .arguments import ParsedArguments

#: Called with the response of a create, before the wait for its job; may be async.
OnCreated: TypeAlias = "Callable[[dict[str, JSONValue]], Awaitable[object] | object]"


class Operation(msgspec.Struct, frozen=True, eq=False, kw_only=True, dict=True):
    """One operation, such as `create_video_agent`.

    Args:
        name: Its name in the catalog.
        path: The method on a client, such as `video_agents.create`.
        command: The words of the command line.
        summary: The first paragraph of the method's docstring.
        record: The method's declaration.
        job: The kind of job that it fetches, as errors name it; None for other operations.
        tag: The tag of the body, where the method takes several kinds; None elsewhere.
        method: The function of the resource.
    """

    name: str
    path: str
    command: tuple[str, ...]
    summary: str
    record: OperationRecord
    job: str | None
    tag: str | None
    method: Any

    def __repr__(self) -> str:
        return f"Operation({self.name!r}, {self.path!r})"

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint that it calls."""
        return self.record.endpoint

    @property
    def wait(self) -> str | None:
        """The client's method that waits for the job that it starts or fetches; None when its response is final."""
        return self.record.wait and f"wait_for_{self.record.wait}"

    @property
    def mutating(self) -> bool:
        """Whether it changes anything at HeyGen."""
        return self.endpoint.method != "GET"

    @property
    def billable(self) -> bool:
        """Whether it costs credit."""
        return self.endpoint.billable

    @property
    def destructive(self) -> bool:
        """Whether its effect cannot be undone."""
        return self.record.destructive

    @property
    def idempotent(self) -> bool:
        """Whether a repeat changes nothing, even without a key."""
        return self.endpoint.idempotency == "natural"

    @property
    def long_running(self) -> bool:
        """Whether it starts a job that takes minutes; `wait` waits for it."""
        return self.mutating and self.wait is not None

    @property
    def paginated(self) -> bool:
        """Whether it returns a page of a list, and takes `limit` and `token`.

        Such methods return a pager, without `await`.
        """
        return not inspect.iscoroutinefunction(self.method)

    @property
    def description(self) -> str:
        """The summary, and a sentence about the body."""
        return f"{self.summary} {self.input.description}".strip()

    @property
    def return_type(self) -> Any:
        """The type that the method returns."""
        return get_type_hints(self.method, localns={"WebhookReceiver": object})["return"]

    @cached_property
    def input(self) -> Arguments:
        """The arguments."""
        return Arguments(self.method, self.record, self.tag)

    @cached_property
    def input_schema(self) -> dict[str, JSONValue]:
        """The JSON Schema of the arguments: an object. A file is a URL or an asset id; a local one is a `Path`."""
        return self.input.schema

    @cached_property
    def output_schema(self) -> dict[str, JSONValue]:
        """The JSON Schema of the response, and of the result of a wait. It allows fields and values added later."""
        if self.paginated:
            return build_schema(cast("Any", Page)[get_args(self.return_type)], open_ended=True)
        results: list[Any] = [self.return_type, *self._wait_results()]
        if len(results) > 1 and set(IDS_FIELDS).intersection(self.return_type.__struct_fields__):
            results.append(GenericAlias(list, (results[-1],)))
        schemas: list[Any] = [
            build_schema(msgspec.defstruct("Response", [("data", result)]), open_ended=True) for result in results
        ]
        if len(schemas) == 1:
            return cast("dict[str, JSONValue]", schemas[0])
        alternatives = [schema["properties"]["data"] for schema in schemas]
        definitions = {name: part for schema in schemas for name, part in schema["$defs"].items()}
        return {**schemas[0], "properties": {"data": {"anyOf": alternatives}}, "$defs": definitions}

    def estimate(self, arguments: Mapping[str, JSONValue]) -> Estimate:
        """Return the estimated price of a call with these arguments: exact, likely or unknown.

        Args:
            arguments: The arguments, as `input_schema` describes them.
        """
        from ..pricing import estimate  # noqa: PLC0415  few calls are estimated

        tag = {} if self.tag is None else {self.input.tag_field: self.tag}
        return estimate(self.endpoint.path, {**arguments, **tag})

    def _wait_results(self) -> list[Any]:
        """Return the types that a wait for the started job may return."""
        if not self.long_running:
            return []
        kinds = [kind for kind in KINDS if kind.accepts(self.return_type.__name__)]
        return list(dict.fromkeys(type_named(kind.final_result or kind.result) for kind in kinds))

    @strips_frames
    async def call(
        self,
        client: AsyncHeyGen,
        arguments: Mapping[str, JSONValue] | ParsedArguments | None = None,
        *,
        wait: bool = False,
        timeout: float | None = None,
        on_created: OnCreated | None = None,
        on_update: OnUpdate | None = None,
        keep_nulls: bool = False,
    ) -> dict[str, JSONValue]:
        """Perform the operation, and return the response of the API.

        Args:
            client: The client to perform it with.
            arguments: The arguments, as `input_schema` describes them; or what `input.parse` returned for them, which
                is not checked again.
            wait: Whether to wait for the started job, and return its result. When the job needs a person, the result is
                its current state, and a `note` beside `data` names the next step.
            timeout: The maximum duration of the wait in seconds.
            on_created: Called with the response before the wait, so that the ids are known even if the wait fails; may
                be async.
            on_update: Called with a `JobUpdate` after every poll of the wait; may be async.
            keep_nulls: Whether fields without a value are null in the result, instead of missing.

        Raises:
            InvalidInputError: An argument is missing, unknown or invalid.
            HeyGenError: The method or the wait failed.
        """
        ids, keywords = arguments if isinstance(arguments, tuple) else self.input.parse(arguments or {})
        wait = wait and self.wait is not None
        if wait:
            check_timeout(timeout)
        try:
            if wait and not self.mutating:  # the wait polls the job itself
                result: object = ids[0]
            else:
                result = await attrgetter(self.path)(client)(*ids, **keywords)
            if wait:
                if self.mutating and on_created is not None:
                    from .._http.hooks import call_hook  # noqa: PLC0415  few calls have a hook

                    await call_hook(on_created, {"data": to_json(result)})
                result = await self._wait_for(client, result, timeout=timeout, on_update=on_update)
        except UnknownArgumentError as error:
            field, advice = error.field.removeprefix("request."), "The operation's input_schema lists its parameters."
            raise UnknownArgumentError(self.name, field, error.suggestion, advice) from None
        except InvalidInputError as error:  # the arguments are the fields of `request`
            raise InvalidInputError(error.field.removeprefix("request."), error.value, error.expected) from None
        except InputRequiredError as error:
            return {"data": to_json(error.job, keep_nulls=keep_nulls), "note": str(error)}
        if isinstance(result, Page):
            return cast("dict[str, JSONValue]", to_json(cast("Page[object]", result), keep_nulls=keep_nulls))
        return {"data": to_json(result, keep_nulls=keep_nulls)}

    @strips_frames
    async def items(
        self, client: AsyncHeyGen, arguments: Mapping[str, JSONValue] | None = None
    ) -> AsyncGenerator[JSONValue]:
        """Yield every item of a list, page after page.

        Args:
            client: The client to perform it with.
            arguments: The arguments, as `input_schema` describes them.

        Raises:
            HeyGenError: As `call`.
        """
        ids, keywords = self.input.parse(arguments or {})
        async for item in attrgetter(self.path)(client)(*ids, **keywords):
            yield to_json(item)

    async def _wait_for(self, client: AsyncHeyGen, job: object, **options: Any) -> object:
        """Wait for the job that a response started, or that an id names."""
        if self.wait == "wait_for_batch":
            options["kind"] = self.path.partition(".")[0]
        if any(len(get_field(job, name) or ()) > 1 for name in IDS_FIELDS):
            return await client.wait_for_all([cast("Any", job)], **options)
        return await getattr(client, str(self.wait))(job, **options)
