"""A command for each operation of the catalogue: its flags, its answer."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, cast

import click

from ..client import AsyncHeyGen
from ..operations import catalog as catalogue
from . import flags, output
from .running import HUMAN, QUIET, bars, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..operations.catalog import Operation
    from ..types.base import JSONValue


class OperationCommand(click.Command):
    """A command; it has several operations where a body is one of several kinds."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = operations
        self._first = operations[0]
        about = output.in_commands_words(self._first.summary, self._first.path)
        if self._first.billable and "charged for" not in about:
            about = f"{about} It is charged for."
        super().__init__(self._first.command[-1], help=about, short_help=about.partition(". ")[0])

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Its flags, which are made when they are needed."""
        if not self.params:
            self.params.extend(self._made_params())
        return super().get_params(ctx)

    def invoke(self, ctx: click.Context) -> int:
        """Perform it; the exit code."""
        given = ctx.params
        ids = {name: given[name] for name in self._first.input.ids}
        flags_given = {name: given[name] for name in self._fields if given[name] is not None}
        arguments: dict[str, Any] = {**(given.get("data") or {}), **flags_given, **ids}
        if given.get("timeout") is not None and not given["wait"]:
            raise click.UsageError("--timeout is for --wait, which is not given.", ctx)
        operation = self._first if len(self._operations) == 1 else self._chosen(arguments, flags_given, ctx)
        begun: list[object] = []
        return run(
            partial(self._run, operation, arguments, given, begun),
            human=given["human"],
            destroys=" ".join([*operation.command, *ids.values()])
            if operation.destructive and not given["force"]
            else "",
            fields=self._fields.keys(),
            wait=operation.wait,
            begun=begun,
        )

    async def _run(
        self, operation: Operation, arguments: dict[str, JSONValue], given: dict[str, Any], begun: list[object]
    ) -> None:
        async with AsyncHeyGen() as heygen:
            if given.get("all"):
                items = operation.items(heygen, arguments)
                if given["human"]:
                    output.tell({"data": [item async for item in items]}, human=True)
                else:
                    async for item in items:
                        output.tell_line(item)
                return

            def on_created(answer: dict[str, JSONValue]) -> None:
                begun.append(answer)
                if not given["quiet"]:  # whatever becomes of this process, its id is known
                    output.notice("begun", "Begun; this waits until it is finished.", data=answer["data"])

            with bars(shown=given["human"] and not given["quiet"]) as shown:
                answer = await operation.call(
                    heygen,
                    arguments,
                    wait=bool(given.get("wait")),
                    timeout=given.get("timeout"),
                    on_created=on_created,
                    on_update=shown.update if shown else None,
                )
        if isinstance(note := answer.pop("note", None), str):
            output.notice("input_required", output.in_commands_words(note))
        if operation.paginated:
            answer.setdefault("next_token", None)  # as HeyGen prints it
        output.tell(answer, human=given["human"], of_change=operation.mutating)

    def _chosen(self, arguments: dict[str, Any], flags_given: dict[str, Any], ctx: click.Context) -> Operation:
        """The operation for this kind of body: as it says, or the only one that what is given fits."""
        kinds = {cast("str", operation.kind): operation for operation in self._operations}
        tag = self._first.input.tag_field
        kind = arguments.get(tag)
        if kind is None:
            fits = [name for name, operation in kinds.items() if _fits(operation, arguments)]
            kind = fits[0] if len(fits) == 1 else None
        if kind not in kinds:
            said = "is missing" if kind is None else f"is {kind!r}"
            raise click.UsageError(f"--{tag} {said}; expected one of {', '.join(kinds)}.", ctx)
        fields = _properties(kinds[kind])
        for name in flags_given:
            if name not in fields:
                raise click.UsageError(f"--{name.replace('_', '-')} is not for --{tag} {kind}.", ctx)
            match arguments[name]:
                case [one] if fields[name].get("type") == "string":
                    arguments[name] = one  # another kind takes several of it
                case _:
                    pass
        return kinds[kind]

    @cached_property
    def _fields(self) -> dict[str, dict[str, Any]]:
        """What is given as a flag, by name; where one kind takes several of what another takes one, several."""
        fields: dict[str, dict[str, Any]] = {}
        kinds: dict[str, list[str]] = {}
        for operation in self._operations:
            for name, schema in _properties(operation).items():
                if name not in operation.input.ids:
                    kinds.setdefault(name, []).append(str(operation.kind))
                    if fields.get(name, {}).get("type") != "array":
                        fields[name] = schema
        for name, of in kinds.items():
            said = output.in_commands_words(str(fields[name].get("description", "")), self._first.path)
            about = [said.rstrip(".")]
            if len(of) < len(self._operations):
                about.append(f"For {', '.join(of)}")
            elif len(self._operations) == 1 and name in _needed(self._first):
                about.insert(0, "Required, here or in -d" if self._has_body else "Required")
            fields[name] = {**fields[name], "description": ". ".join(filter(None, about))}
        if len(self._operations) == 1:
            return fields
        tag = self._first.input.tag_field
        fields.pop(tag, None)
        said = "The kind of body; found out where only one fits"
        return {tag: {"enum": [one.kind for one in self._operations], "description": said}, **fields}

    @property
    def _has_body(self) -> bool:
        return self._first.route.method in {"POST", "PUT", "PATCH"}

    def _made_params(self) -> list[click.Parameter]:
        first = self._first
        params: list[click.Parameter] = [click.Argument([name]) for name in first.input.ids]
        params += [flags.option(name, schema) for name, schema in self._fields.items()]
        if self._has_body:
            about = "The body as JSON: text, a file's path, or - for standard input. Flags stand over it."
            params.append(
                click.Option(["-d", "--data"], type=flags.body, metavar="JSON", help=about, shell_complete=flags.paths)
            )
        if first.wait is not None:
            params += [
                click.Option(["--wait"], is_flag=True, help="Answer when it is finished, with what it became."),
                click.Option(
                    ["--timeout"],
                    type=flags.duration,
                    help="How long --wait may take (10m, 1h); by default 20m, for a batch 2h.",
                ),
            ]
        if first.paginated:
            params.append(click.Option(["--all"], is_flag=True, help="Every page, as JSON Lines: an item a line."))
        if first.destructive:
            params.append(click.Option(["--force"], is_flag=True, help="Do not ask for confirmation."))
        return [
            *params,
            HUMAN,
            QUIET,
            _schema("--request-schema", "What it takes", self._request_schema),
            _schema("--response-schema", "What it answers", lambda: first.output_schema),
        ]

    def _request_schema(self) -> dict[str, Any]:
        """The schema of what is sent: without what stands in the path or in a header."""
        bodies: list[dict[str, Any]] = []
        parts: dict[str, Any] = {}
        for operation in self._operations:
            body = dict(cast("dict[str, Any]", operation.input_schema))
            parts |= body.pop("$defs", {})
            left_out = {*operation.input.ids, "idempotency_key"}
            body["properties"] = {name: one for name, one in body["properties"].items() if name not in left_out}
            body["required"] = [name for name in body.get("required", ()) if name not in left_out]
            if len(self._operations) > 1:
                body["required"].append(operation.input.tag_field)
            bodies.append(body)
        whole = bodies[0] if len(bodies) == 1 else {"oneOf": bodies}
        return {**whole, "$defs": parts} if parts else whole


def commands(resource: str) -> dict[tuple[str, ...], OperationCommand]:
    """The commands of a resource, by their words after the noun."""
    found: dict[tuple[str, ...], list[Operation]] = {}
    for operation in catalogue.of_resource(resource):
        found.setdefault(operation.command[1:], []).append(operation)
    return {words: OperationCommand(operations) for words, operations in found.items()}


def _properties(operation: Operation) -> dict[str, dict[str, Any]]:
    return cast("dict[str, dict[str, Any]]", operation.input_schema["properties"])


def _needed(operation: Operation) -> list[str]:
    return cast("list[str]", operation.input_schema.get("required", []))


def _fits(operation: Operation, arguments: dict[str, Any]) -> bool:
    """Whether a body may be of this kind: all that it needs is there, and nothing that it does not know."""
    return set(_needed(operation)) <= arguments.keys() <= _properties(operation).keys()


def _schema(flag: str, about: str, of: Callable[[], object]) -> click.Option:
    def show(ctx: click.Context, _: click.Parameter, asked: bool) -> None:  # noqa: FBT001  click calls it so
        if asked:
            output.tell(of())
            ctx.exit()

    return click.Option(
        [flag],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show,
        help=f"{about}, as a JSON Schema; needs no key.",
    )
