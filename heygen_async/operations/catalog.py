"""Every operation of the API by name, with schemas: called with JSON, answered with JSON.

Nothing is listed here. An operation is a method of a resource that performs a `Endpoint`; its name, its input, its output
and what it does to the account are read off that method: its signature and structs, its docstring, the route's traits.
A new method is a new entry. Tools for agents, the MCP server and the command line know what they know from here.

Names are those of HeyGen's remote MCP server (https://developers.heygen.com/mcp/overview) where it has a tool, and made
in the same manner elsewhere. Where a body is one of several kinds, each kind is an entry, as it is there:
`create_video_from_avatar`, `create_video_from_image`, … Answers come in the API's own envelope: `data`, and with a page
`has_more` and `next_token`. Fields that are null are left out.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from functools import cache, cached_property
from importlib import import_module
from operator import attrgetter
from types import GenericAlias, MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias, cast, get_args

import msgspec

from .._http.endpoint import Endpoint
from .._jobs.kinds import JobKind
from .._jobs.registry import IDS_FIELDS, KINDS, kind_created_by, kind_of_result
from .._jobs.wait_options import call_hook, check_timeout
from ..client import AsyncHeyGen
from ..errors import InputRequiredError, InvalidInputError
from ..pagination import Page
from ..resources.base import Resource
from ..types.base import get_field
from .names import noun_of, singular
from .tool_schemas import Input, hints_of, schema_of

if TYPE_CHECKING:
    from .._jobs.wait_options import OnUpdate
    from ..types.base import JSONValue

    #: Called with what create answered, before the wait for it; may be async.
    OnCreated: TypeAlias = Callable[[dict[str, JSONValue]], Awaitable[object] | object]

#: HeyGen's own names, where the rule would make others.
_NAMES = {
    "me_user": "get_current_user",
    "create_voice_speech": "create_speech",
    "list_avatars": "list_avatar_groups",
    "get_avatar": "get_avatar_group",
    "delete_avatar": "delete_avatar_group",
    "update_avatar": "update_avatar_group",
    "create_avatar_from_photo": "create_photo_avatar",
    "create_avatar_from_digital_twin": "create_digital_twin",
    "create_avatar_from_prompt": "create_prompt_avatar",
    "list_video_agents": "list_video_agent_sessions",
    "get_video_agent": "get_video_agent_session",
    "stop_video_agent": "stop_video_agent_session",
    "list_video_agent_videos": "list_video_agent_session_videos",
    "create_hyperframe": "create_hyperframes_render",
    "get_hyperframe": "get_hyperframes_render",
    "delete_hyperframe": "delete_hyperframes_render",
    "list_hyperframes": "list_hyperframes_renders",
    "list_ai_clipping": "list_ai_clippings",
}
_METHOD = re.compile(r"`?\b(?:heygen\.)?([a-z_]+(?:\.[a-z_]+)+)(?:\([^()]*\))?`?")
_BARE = re.compile(r"`([a-z_]+)`")
_VERBS = {"DELETE": "delete", "PATCH": "update", "PUT": "update"}


class Operation(msgspec.Struct, frozen=True, eq=False, kw_only=True, dict=True):
    """One operation, such as `create_video_agent`.

    `path` is where it is on a client (`video_agents.create`), `command` how the command line calls it, `kind` the tag
    of the body that it sends where there are several. `wait` is the client's method that waits for what it begins, or
    for what it looks at; None for what is done when it is answered. `job` is what errors call what it looks at.
    """

    name: str
    path: str
    command: tuple[str, ...]
    summary: str
    route: Endpoint
    wait: str | None
    job: str | None
    kind: str | None
    _method: Any

    def __repr__(self) -> str:
        return f"Operation({self.name!r}, {self.path!r})"

    @property
    def mutating(self) -> bool:
        """Whether it changes anything at HeyGen."""
        return self.route.method != "GET"

    @property
    def billable(self) -> bool:
        """Whether it is charged for."""
        return self.route.billable

    @property
    def destructive(self) -> bool:
        """Whether it cannot be undone."""
        return self.route.method == "DELETE"

    @property
    def idempotent(self) -> bool:
        """Whether doing it twice is doing it once, without a key."""
        return self.route.idempotency == "natural"

    @property
    def long_running(self) -> bool:
        """Whether it begins something that takes minutes; `wait` ends it."""
        return self.mutating and self.wait is not None

    @property
    def paginated(self) -> bool:
        """Whether it answers with a page of a list, and takes `limit` and `token`."""
        return str(self._method.__annotations__["return"]).startswith("Pager[")

    @property
    def description(self) -> str:
        """Its summary, and what is to be known of the body."""
        return f"{self.summary} {self.input.about}".strip()

    @property
    def return_type(self) -> Any:
        """The type that its method returns."""
        return hints_of(self._method)["return"]

    @cached_property
    def input(self) -> Input:
        """What it takes."""
        return Input(self._method, self.route, self.kind)

    @cached_property
    def input_schema(self) -> dict[str, JSONValue]:
        """The JSON Schema of its arguments: an object, in which local files are paths and others URLs."""
        return self.input.schema

    @cached_property
    def output_schema(self) -> dict[str, JSONValue]:
        """The JSON Schema of its answer, and of what a wait gives instead; what the API adds later fits too."""
        if self.paginated:
            return schema_of(cast("Any", Page)[get_args(self.return_type)], opened=True)
        answers: list[Any] = [self.return_type, *self._ends()]
        if len(answers) > 1 and set(IDS_FIELDS).intersection(self.return_type.__struct_fields__):
            answers.append(GenericAlias(list, (answers[-1],)))
        schemas = [schema_of(msgspec.defstruct("Answer", [("data", one)]), opened=True) for one in answers]
        if len(schemas) == 1:
            return schemas[0]
        either = [cast("Any", schema)["properties"]["data"] for schema in schemas]
        parts = {name: part for schema in schemas for name, part in cast("Any", schema)["$defs"].items()}
        return {**schemas[0], "properties": {"data": {"anyOf": either}}, "$defs": parts}

    def _ends(self) -> list[Any]:
        """The types of what it begins, when that has ended: what a wait takes its answer to, and something looks at."""
        if not self.long_running:
            return []
        became = {kind.final_name for kind in KINDS if kind.accepts(self.return_type.__name__)}
        looked_at = dict.fromkeys(one.return_type for one in operations().values() if one.wait and not one.mutating)
        return [kind for kind in looked_at if kind.__name__ in became]

    async def call(
        self,
        client: AsyncHeyGen,
        arguments: Mapping[str, JSONValue] | None = None,
        *,
        wait: bool = False,
        timeout: float | None = None,
        on_created: OnCreated | None = None,
        on_update: OnUpdate | None = None,
    ) -> dict[str, JSONValue]:
        """Perform it, and give what the API answered.

        Args:
            wait: Wait for what it began, and answer with that instead; `timeout` is in seconds. What stops to ask a
                person is answered as it stands, and a `note` beside `data` says what to do.
            on_created: Called with the API's answer before the wait for what it began, so that the ids are known
                whatever comes; may be async.
            on_update: Called with an `JobUpdate` at every look of the wait; may be async.

        Raises:
            InvalidInputError: An argument is missing, unknown or wrong; nothing was sent.
            HeyGenError: Whatever the method, or the wait, raises.
        """
        ids, named = self.input.read(arguments or {})
        wait = wait and self.wait is not None
        if wait:
            check_timeout(timeout)
        try:
            if wait and not self.mutating:  # every look is one of the wait, within its time
                answer = ids[0]
            else:
                answer = await attrgetter(self.path)(client)(*ids, **named)
            if wait:
                if self.mutating and on_created is not None:
                    await call_hook(on_created, {"data": json_of(answer)})
                answer = await self._ended(client, answer, timeout=timeout, on_update=on_update)
        except InvalidInputError as problem:  # of a body, whose fields are the arguments here
            field = problem.field.removeprefix("request.")
            raise InvalidInputError(field, problem.value, problem.expected) from None
        except InputRequiredError as asks:  # what it asks for stands in it
            return {"data": json_of(asks.job), "note": str(asks)}
        if isinstance(answer, Page):
            return cast("dict[str, JSONValue]", json_of(cast("Page[object]", answer)))
        return {"data": json_of(answer)}

    async def items(
        self, client: AsyncHeyGen, arguments: Mapping[str, JSONValue] | None = None
    ) -> AsyncGenerator[JSONValue]:
        """Every item of a list, page after page.

        Raises:
            HeyGenError: As `call` does.
        """
        ids, named = self.input.read(arguments or {})
        async for item in attrgetter(self.path)(client)(*ids, **named):
            yield json_of(item)

    async def _ended(self, client: AsyncHeyGen, job: object, **options: Any) -> object:
        """What a create answered, or an id names, when it has ended."""
        if self.wait == "wait_for_batch":
            options["kind"] = self.path.partition(".")[0]
        if any(len(get_field(job, name) or ()) > 1 for name in IDS_FIELDS):
            return await client.wait_for_all([cast("Any", job)], **options)
        return await getattr(client, str(self.wait))(job, **options)


@cache
def operations() -> Mapping[str, Operation]:
    """Every operation by its name, in the order of the client's resources."""
    found = (operation for resource in AsyncHeyGen.__annotations__ for operation in of_resource(resource))
    return MappingProxyType({operation.name: operation for operation in found})


def of_resource(resource: str) -> tuple[Operation, ...]:
    """The operations of one resource of the client, such as `videos`."""
    return _of_resource(resource)


def look_at(job: str, wait: str | None = None) -> Operation | None:
    """The operation that looks at a job, by what errors call its kind.

    Args:
        wait: The wait that did not see its end: the operation, asked to wait, ends as that one would have, as for the
            video of a session.
    """
    looks = [operation for operation in operations().values() if operation.wait and not operation.mutating]
    same = [operation for operation in looks if wait in {None, operation.wait}]
    return next((operation for operation in same if operation.job == job), same[0] if wait and same else None)


def json_of(answer: object) -> JSONValue:
    """A struct, or what holds structs, as JSON without what is null."""
    return cast("JSONValue", _stripped(msgspec.to_builtins(answer)))


def renamed(text: str, names: Callable[[], Mapping[str, str]], beside: str = "") -> str:
    """A text in which methods of the client (`videos.list()`) are called as in `names`, by their paths.

    Args:
        beside: The path of the method whose text it is: those of the same resource stand there without theirs.
    """
    if beside:
        home = beside.rpartition(".")[0]
        text = _BARE.sub(lambda found: names().get(f"{home}.{found[1]}", found[0]), text)
    return _METHOD.sub(lambda found: names().get(found[1], found[0]), text)


@cache
def _of_resource(resource: str) -> tuple[Operation, ...]:
    module = import_module(f"heygen_async.resources.{resource}")
    kind = getattr(module, AsyncHeyGen.__annotations__[resource])
    return tuple(_found(kind, module, (resource,)))


def _found(owner: type[Resource], module: ModuleType, path: tuple[str, ...]) -> Iterable[Operation]:
    """The operations of a resource, and of the resources that hang off it."""
    members = {name: member for base in reversed(owner.__mro__) for name, member in vars(base).items()}
    for name, member in members.items():
        if isinstance(member, property):
            inner = getattr(module, cast("Any", member).fget.__annotations__["return"], None)
            if isinstance(inner, type) and issubclass(inner, Resource):
                yield from _found(inner, module, (*path, name))
        elif inspect.isfunction(member) and not name.startswith("_") and (performed := _performed(owner, member)):
            route, job = (performed.endpoint, performed.name) if isinstance(performed, JobKind) else (performed, None)
            returns, about = member.__annotations__["return"], inspect.getdoc(member) or ""
            for kind in Input.kinds(member):
                made = _name(path, name) + (f"_from_{kind}" if kind else "")
                yield Operation(
                    name=_NAMES.get(made, made),
                    path=".".join((*path, name)),
                    command=_command(route, name, returns),
                    summary=" ".join(about.partition("\n\n")[0].split()),
                    route=route,
                    wait=_wait(route, returns.rpartition(".")[2]),
                    job=job,
                    kind=kind,
                    _method=member,
                )


def _performed(owner: type[Resource], method: Any) -> Endpoint | JobKind[Any] | None:
    """The operation that a method performs: the one route that it names, itself or as the look at a kind of job."""
    if method.__name__.endswith("_and_wait") or inspect.isasyncgenfunction(method):
        return None
    used = inspect.getclosurevars(method)
    homes = [owner, *(value for value in used.globals.values() if isinstance(value, ModuleType))]
    named = [*used.globals.values(), *(getattr(home, name, None) for home in homes for name in used.unbound)]
    found: list[Endpoint | JobKind[Any]] = [one for one in named if isinstance(one, JobKind | Endpoint)]
    return found[0] if found else None


def _name(path: tuple[str, ...], method: str) -> str:
    *outer, last = path
    nouns = "_".join([singular(noun) for noun in outer] + [last])
    verb, _, rest = method.partition("_")
    if method in {"list", "search"}:
        return f"{method}_{nouns}"
    if method == "statuses":
        return f"list_{singular(nouns)}_statuses"
    return f"{verb}_{singular(nouns)}{rest and '_'}{rest}"


def _command(route: Endpoint, method: str, returns: str) -> tuple[str, ...]:
    """The words of the command line: the path's nouns, and a verb."""
    segments = route.path.split("/")[2:]
    noun, *rest = [segment for segment in segments if not segment.startswith("{")]
    verb = _VERBS.get(route.method)
    if route.method == "GET":
        many = returns.startswith(("Pager[", "Sequence[")) or method.startswith("list")
        verb = "list" if many else "get"
    elif route.method == "POST" and "{" in route.path:  # what is done to something
        is_action = bool(rest) and method == rest[-1].replace("-", "_")
        if not is_action:
            verb = method.partition("_")[0]
        elif method != "complete":  # that is a noun to HeyGen, below which others stand
            verb = rest.pop()
    return (noun_of(noun.replace("-", "_")), *rest, verb or "create")


def _wait(route: Endpoint, returns: str) -> str | None:
    """The wait that takes what a method begins, or that gives what it looks at."""
    if route.method not in {"GET", "POST"}:
        return None
    kind = kind_created_by(returns) if route.method == "POST" else kind_of_result(returns)
    return None if kind is None else f"wait_for_{kind.wait}"


def _stripped(value: Any) -> Any:
    if isinstance(value, list):
        return [_stripped(inner) for inner in cast("list[object]", value)]
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        return {name: _stripped(inner) for name, inner in fields.items() if inner is not None and name != "_resource"}
    return value
