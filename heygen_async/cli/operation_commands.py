"""Commands built from the catalog: one for each operation, with a flag for each field.

An operation whose body has several forms (`videos.create`) is several operations in the catalog and one command here.
It has the flags of all forms. The form is taken from its flag (`--type`). Without that flag, it is the only form that
fits the other flags.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, cast

import click
import msgspec

from ..operations import catalog
from . import output
from .command_names import with_command_names
from .flags import (
    FlagValueCommand,
    complete_paths,
    option_from_schema,
    parse_duration,
    parse_headers,
    parse_json_object,
)
from .running import HUMAN, QUIET, TIMEOUT_HELP, progress_bars, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .._http.response import Response
    from ..client import AsyncHeyGen
    from ..operations.operation import Operation
    from ..types.base import JSONValue


class OperationCommand(FlagValueCommand):
    """The command of one operation, or of one operation for each form of the body."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = operations
        self._first = operations[0]
        super().__init__(self._first.command[-1])

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the description, which is built only to be shown: it may name commands of other resources."""
        self.help: str | None = self._description
        super().format_help_text(ctx, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the beginning of the description."""
        self.short_help: str | None = self._description.partition(". ")[0]
        return super().get_short_help_str(limit)

    @cached_property
    def _description(self) -> str:
        description = with_command_names(self._first.summary, self._first.path)
        is_silent = self._first.billable and "charged for" not in description
        return f"{description} It is charged for." if is_silent else description

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the arguments and flags, which are built at their first use."""
        if not self.params:
            self.params.extend(self._build_params())
        return super().get_params(ctx)

    def invoke(self, ctx: click.Context) -> int:
        """Call the operation and return the exit code."""
        options = ctx.params
        ids = {name: options[name] for name in self._first.input.ids}
        flags = {name: options[name] for name in self._fields if options[name] is not None}
        arguments: dict[str, Any] = {**(options.get("data") or {}), **flags, **ids}
        if options.get("timeout") is not None and not options["wait"]:
            raise click.UsageError("--timeout requires --wait.", ctx)
        operation = self._first if len(self._operations) == 1 else self._select_form(arguments, flags, ctx)
        needs_confirmation = operation.destructive and not options["force"]
        created: list[object] = []
        return run(
            partial(self._call, operation, arguments, options, created),
            destroys=" ".join([*operation.command, *ids.values()]) if needs_confirmation else "",
            wait=operation.wait,
            created=created,
        )

    async def _call(
        self, operation: Operation, arguments: dict[str, JSONValue], options: dict[str, Any], created: list[object]
    ) -> None:
        from ..client import AsyncHeyGen

        def on_created(response: dict[str, JSONValue]) -> None:
            created.append(response)
            if not options["quiet"]:  # The id is known even if this process is killed.
                output.print_notice("created", "Created; waiting until it has finished.", data=response["data"])

        async with AsyncHeyGen() as client:
            heygen = client.with_options(headers=options["headers"]) if options["headers"] else client
            if options.get("all"):
                await _print_all(operation, heygen, arguments, human=options["human"])
                return
            with progress_bars(visible=options["human"] and not options["quiet"]) as bars:
                response = await operation.call(
                    heygen,
                    arguments,
                    wait=bool(options.get("wait")),
                    timeout=options.get("timeout"),
                    on_created=on_created,
                    on_update=bars.update if bars else None,
                    keep_nulls=not options["human"],
                )
            if not (options.get("wait") or options["human"]):
                response = _with_unknown_fields(response, heygen.last_response)
        if isinstance(note := response.pop("note", None), str):
            output.print_notice("input_required", with_command_names(note))
        if operation.paginated:
            response.setdefault("next_token", None)  # HeyGen's own command line prints it too.
        output.print_response(response, human=options["human"], mutating=operation.mutating)

    def _select_form(self, arguments: dict[str, Any], flags: dict[str, Any], ctx: click.Context) -> Operation:
        """Return the operation of the form that the body names, or of the only form that fits the arguments."""
        forms = {cast("str", operation.tag): operation for operation in self._operations}
        tag = self._first.input.tag_field
        form = arguments.get(tag)
        if form is None:
            fitting = [name for name, operation in forms.items() if _fits(operation, arguments)]
            form = fitting[0] if len(fitting) == 1 else None
        if form not in forms:
            problem = "is missing" if form is None else f"is {form!r}"
            raise click.UsageError(f"--{tag} {problem}; expected one of {', '.join(forms)}.", ctx)
        properties = _properties(forms[form])
        for name in flags:
            if name not in properties:
                raise click.UsageError(f"--{name.replace('_', '-')} is not for --{tag} {form}.", ctx)
            values = arguments[name]
            takes_one = properties[name].get("type") == "string"
            if takes_one and isinstance(values, list) and len(cast("list[object]", values)) == 1:
                arguments[name] = values[0]  # Another form takes several values of this field.
        return forms[form]

    @cached_property
    def _fields(self) -> dict[str, dict[str, Any]]:
        """The schema of each field that has a flag. If forms differ, a list of values wins over one value."""
        fields: dict[str, dict[str, Any]] = {}
        forms: dict[str, list[str]] = {}
        for operation in self._operations:
            for name, schema in _properties(operation).items():
                if name not in operation.input.ids:
                    forms.setdefault(name, []).append(str(operation.tag))
                    if fields.get(name, {}).get("type") != "array":
                        fields[name] = schema
        for name, schema in fields.items():
            fields[name] = {**schema, "description": self._describe_field(name, schema, forms[name])}
        if len(self._operations) == 1:
            return fields
        tag = self._first.input.tag_field
        fields.pop(tag, None)
        description = "The form of the body; not needed if only one form fits"
        return {tag: {"enum": [one.tag for one in self._operations], "description": description}, **fields}

    def _describe_field(self, name: str, schema: dict[str, Any], forms: list[str]) -> str:
        parts = [with_command_names(str(schema.get("description", "")), self._first.path).rstrip(".")]
        if len(forms) < len(self._operations):
            parts.append(f"For {', '.join(forms)}")
        elif len(self._operations) == 1 and name in _required(self._first):
            parts.insert(0, "Required, here or in -d" if self._has_body else "Required")
        return ". ".join(filter(None, parts))

    @property
    def _has_body(self) -> bool:
        return self._first.endpoint.method in {"POST", "PUT", "PATCH"}

    def _build_params(self) -> list[click.Parameter]:
        first = self._first
        types = {name: schema.get("type") for name, schema in _properties(first).items()}
        params: list[click.Parameter] = [
            click.Argument([name], type=int if types[name] == "integer" else None) for name in first.input.ids
        ]
        for name, schema in self._fields.items():
            params.append(option_from_schema(name, schema, is_local_file=name in first.input.paths))
        if self._has_body:
            about = "The body: JSON, the path of a JSON file, or - for standard input. Flags override its fields."
            data: Any = {"type": parse_json_object, "metavar": "JSON", "shell_complete": complete_paths}
            params.append(click.Option(["-d", "--data"], help=about, **data))
        if first.wait is not None:
            params += [
                click.Option(["--wait"], is_flag=True, help="Wait until the job has finished and print its result."),
                click.Option(
                    ["--timeout"], type=parse_duration, metavar="DURATION", help=f"{TIMEOUT_HELP} Requires --wait."
                ),
            ]
        if first.paginated:
            params.append(click.Option(["--all"], is_flag=True, help="Print the items of all pages as JSON Lines."))
        if first.destructive:
            params.append(click.Option(["--force"], is_flag=True, help="Do not ask for confirmation."))
        return [
            *params,
            click.Option(
                ["--headers"],
                multiple=True,
                callback=parse_headers,
                metavar="NAME:VALUE",
                help="Send this header too. May be repeated.",
            ),
            HUMAN,
            QUIET,
            _schema_option("--request-schema", "request", self._request_schema),
            _schema_option("--response-schema", "response", lambda: first.output_schema),
        ]

    def _request_schema(self) -> dict[str, Any]:
        """Return the schema of the body, without the path's parameters and the idempotency key."""
        bodies: list[dict[str, Any]] = []
        definitions: dict[str, Any] = {}
        for operation in self._operations:
            body = dict(cast("dict[str, Any]", operation.input_schema))
            definitions |= body.pop("$defs", {})
            excluded = {*operation.input.ids, "idempotency_key"}
            body["properties"] = {name: one for name, one in body["properties"].items() if name not in excluded}
            body["required"] = [name for name in body.get("required", ()) if name not in excluded]
            if len(self._operations) > 1:
                body["required"].append(operation.input.tag_field)
            bodies.append(body)
        schema = bodies[0] if len(bodies) == 1 else {"oneOf": bodies}
        return {**schema, "$defs": definitions} if definitions else schema


def commands_of(resource: str) -> dict[tuple[str, ...], OperationCommand]:
    """Return the commands of a resource by their words after the resource's name."""
    operations: dict[tuple[str, ...], list[Operation]] = {}
    for operation in catalog.resource_operations(resource):
        operations.setdefault(operation.command[1:], []).append(operation)
    return {words: OperationCommand(forms) for words, forms in operations.items()}


async def _print_all(
    operation: Operation, heygen: AsyncHeyGen, arguments: dict[str, JSONValue], *, human: bool
) -> None:
    items = operation.items(heygen, arguments)
    if human:
        output.print_response({"data": [item async for item in items]}, human=True)
    else:
        async for item in items:
            output.print_json_line(item)


def _with_unknown_fields(response: dict[str, JSONValue], last: Response | None) -> dict[str, JSONValue]:
    """Return the response with the fields that this version does not know, if it was a single response."""
    try:
        whole = last.json() if last is not None else None
    except msgspec.DecodeError:
        return response
    if not isinstance(whole, dict) or "data" not in whole or whole.get("error") is not None:
        return response
    data, own = whole["data"], response.get("data")
    is_part = isinstance(own, list) and isinstance(data, list) and len(own) != len(data)  # of several bulk statuses
    return response if is_part or type(own) is not type(data) else {**response, **whole}


def _properties(operation: Operation) -> dict[str, dict[str, Any]]:
    return cast("dict[str, dict[str, Any]]", operation.input_schema["properties"])


def _required(operation: Operation) -> list[str]:
    return cast("list[str]", operation.input_schema.get("required", []))


def _fits(operation: Operation, arguments: dict[str, Any]) -> bool:
    """Whether the arguments contain every required field of the form and no unknown field."""
    return set(_required(operation)) <= arguments.keys() <= _properties(operation).keys()


def _schema_option(flag: str, subject: str, build_schema: Callable[[], object]) -> click.Option:
    def show(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001  click's signature
        if value:
            output.print_response(build_schema())
            ctx.exit()

    return click.Option(
        [flag],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show,
        help=f"Print the JSON Schema of the {subject}. Needs no key.",
    )
