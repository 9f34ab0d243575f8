"""`heygen_async.tools`: every operation as an async callable for a model to call, with its schema.

A tool takes JSON and gives JSON: the API's answer without nulls, a page of a long list with the cursor to the next one.
What goes wrong comes back as words, under `error`, for the model to act on. What is charged for, what cannot be undone,
and which files of this machine are read is the program's to allow, not the model's.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from inspect import isawaitable
from logging import getLogger
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import anyio.to_thread
import msgspec

from .._files.file_sources import check_path
from .._files.uploads import local_paths
from .._jobs.waiting import check_timeout, hand_to
from ..errors import ConfigurationError, HeyGenError, InvalidInputError, ToolRefusedError, WaitTimeoutError
from ..operations.catalog import Operation, look_at, operations, renamed
from ..types.base import JSONValue, shown

if TYPE_CHECKING:
    from os import PathLike

    from .._jobs.waiting import OnUpdate
    from ..client import AsyncHeyGen
    from ..operations.catalog import OnCreated

Spending: TypeAlias = Literal["allow", "confirm", "refuse"]
#: Asked before a tool that is charged for or cannot be undone runs with these arguments; may be async.
Confirm: TypeAlias = "Callable[[Tool, Mapping[str, JSONValue]], Awaitable[bool] | bool]"

_WAIT: dict[str, JSONValue] = {
    "wait": {"type": "boolean", "description": "Answer when it is finished, which takes minutes, with what it became."},
    "timeout": {"type": "number", "description": "Seconds that the wait may take; by default 1200."},
}

_LONG = re.compile(r"\S{400,}")  # longer than any key, id or cursor of the API
_log = getLogger("heygen_async")


class Tool(msgspec.Struct, frozen=True, eq=False, kw_only=True, dict=True):
    """An operation for a model to call: `await tool(prompt="…")`.

    `name`, `description` and `input_schema` are what a model is told; `output_schema` is what it is answered, when
    nothing goes wrong.
    """

    operation: Operation
    client: AsyncHeyGen
    spending: Spending = "refuse"
    confirm: Confirm | None = None
    files: Path | None = None

    def __post_init__(self) -> None:
        # What takes functions looks at what functions have; LangGraph cannot do without.
        vars(self).update(__name__=self.name, __doc__=self.description, __annotations__={"return": dict[str, Any]})

    def __repr__(self) -> str:
        return f"Tool({self.name!r})"

    @property
    def name(self) -> str:
        """Such as `create_video_agent`."""
        return self.operation.name

    @property
    def description(self) -> str:
        """What it does, and what that means."""
        notes = {
            "It is charged for.": self.operation.billable and "charged for" not in self.operation.summary,
            "It cannot be undone.": self.operation.destructive,
            "It takes minutes: it answers at once with an id, or with `wait` when it is finished.": self.operation.long_running,
        }
        return " ".join(
            [
                in_tools_words(self.operation.description, self.operation.path),
                *(note for note, applies in notes.items() if applies),
            ]
        )

    @property
    def input_schema(self) -> dict[str, JSONValue]:
        """The JSON Schema of its arguments."""
        whole = msgspec.json.encode(self.operation.input_schema).decode()
        schema = cast("dict[str, JSONValue]", msgspec.json.decode(in_tools_words(whole, self.operation.path)))
        if self.operation.wait is not None:
            schema["properties"] = {**cast("dict[str, JSONValue]", schema["properties"]), **_WAIT}
        return schema

    @property
    def output_schema(self) -> dict[str, JSONValue]:
        """The JSON Schema of its answer."""
        return self.operation.output_schema

    async def __call__(self, /, **arguments: JSONValue) -> dict[str, JSONValue]:
        """Run it: what the API answered, or `{"error": "…"}`, words that a model can act on."""
        try:
            return await self.run(arguments)
        except HeyGenError as error:
            return {"error": told(error, self.operation.wait)}

    async def run(
        self,
        arguments: Mapping[str, JSONValue],
        *,
        on_created: OnCreated | None = None,
        on_update: OnUpdate | None = None,
    ) -> dict[str, JSONValue]:
        """Run it, and raise what goes wrong. What a cancelled one began is logged, and told in a note of that error.

        Args:
            on_created: Called with what was begun, when the arguments say `wait`, before that; may be async.
            on_update: Called with an `JobUpdate` at every look, when the arguments say `wait`; may be async.

        Raises:
            ToolRefusedError: The program, or the person whom it asked, does not allow it.
            HeyGenError: Whatever the operation raises.
        """
        given = dict(arguments)
        options: dict[str, Any] = {}
        if self.operation.wait is not None:
            wait, timeout = given.pop("wait", None), given.pop("timeout", None)
            if wait is not None and not isinstance(wait, bool):
                raise InvalidInputError("wait", wait, "true or false")
            if timeout is not None and (isinstance(timeout, bool) or not isinstance(timeout, int | float)):
                raise InvalidInputError("timeout", timeout, "a number of seconds")
            check_timeout(timeout)
            options = {"wait": bool(wait), "timeout": timeout, "on_created": on_created, "on_update": on_update}
        self.operation.input.read(given)  # before anybody is asked
        given = await self._with_files_found(given)
        if self.operation.billable or self.operation.destructive:
            await self._check_allowed(given)
        answer = await self._performed(given, **options)
        if isinstance(note := answer.get("note"), str):
            answer["note"] = in_tools_words(note)
        return answer

    def to_openai(self, *, chat: bool = False) -> dict[str, JSONValue]:
        """As OpenAI's API takes it: in `tools` of a response, or with `chat` of a chat completion."""
        function: dict[str, JSONValue] = {
            "name": self.name,
            "description": self.description,
            "parameters": self.input_schema,
            "strict": False,
        }
        return {"type": "function", "function": function} if chat else {"type": "function", **function}

    def to_anthropic(self) -> dict[str, JSONValue]:
        """As Anthropic's API takes it, in `tools` of a message."""
        return {"name": self.name, "description": self.description, "input_schema": self.input_schema}

    async def _performed(
        self, arguments: Mapping[str, JSONValue], *, on_created: OnCreated | None = None, **options: Any
    ) -> dict[str, JSONValue]:
        """The operation's answer; what it began is known whatever becomes of the wait."""
        begun = ""

        async def tell(answer: dict[str, JSONValue]) -> None:
            nonlocal begun
            begun = f"{self.name} began {ids_of(answer)}"
            _log.info("%s", begun)
            if on_created is not None:
                await hand_to(on_created, answer)

        try:
            return await self.operation.call(self.client, arguments, on_created=tell, **options)
        except asyncio.CancelledError as cancelled:
            if begun:
                cancelled.add_note(f"{begun}, which goes on at HeyGen.")
                _log.warning("The wait was cancelled: %s, which goes on at HeyGen.", begun)
            raise

    async def _check_allowed(self, arguments: Mapping[str, JSONValue]) -> None:
        if self.spending == "confirm" and self.confirm is not None:
            allowed = self.confirm(self, arguments)
            if (await allowed if isawaitable(allowed) else allowed) is not True:  # a typed "n" is no consent
                raise ToolRefusedError(f"{self.name} was not confirmed; nothing was sent. Ask what is wanted instead.")
        elif self.spending != "allow":
            what = "cannot be undone" if self.operation.destructive else "is charged for"
            raise ToolRefusedError(
                f"{self.name} {what}, and this program does not allow that (spending={self.spending!r}); nothing was "
                f"sent. Tell the person, who can allow it or do it themselves."
            )

    async def _with_files_found(self, arguments: dict[str, JSONValue]) -> dict[str, JSONValue]:
        """The arguments, in which a file's path is taken from the folder; it may lead nowhere else."""
        if not self.operation.mutating:  # what asks uploads nothing
            return arguments
        folder, only_paths = self.files, self.operation.input.paths
        for name in only_paths:
            check_path(name, arguments[name])
        for path in local_paths(arguments):
            if folder is None or not await anyio.to_thread.run_sync(_is_below, folder / path, folder):
                where = "any" if folder is None else f"one that is not below {folder}"
                instead = "Give an https URL, or the id of an asset."
                if only_paths:
                    instead = "Where a file is used, its https URL will do; nothing has to be uploaded for it."
                raise ToolRefusedError(
                    f"{shown(path)} would be a file of this machine, and this program lets no model read {where}; "
                    f"nothing was sent. {instead}"
                )
        if folder is None:
            return arguments
        return {name: _from(folder, name, value) for name, value in arguments.items()}


def tools(
    client: AsyncHeyGen,
    *,
    only: Iterable[str] | None = None,
    spending: Spending = "refuse",
    confirm: Confirm | None = None,
    files: str | PathLike[str] | None = None,
) -> list[Tool]:
    """The operations of HeyGen as tools for a model.

    Args:
        only: The names of those that are wanted, such as `create_video_agent`; by default all of them.
        spending: Whether what is charged for, or cannot be undone, runs: `allow`, `confirm` (when `confirm` says so),
            or `refuse`.
        confirm: With `spending="confirm"`: called with the tool and its arguments; whether it may run.
        files: The folder whose files a model may name, to be uploaded: relative paths are taken from it; by default it
            may name none.

    Raises:
        ConfigurationError: There is no such tool, or nobody to confirm; `files`, when a model names the first file, is
            no folder.
    """
    if spending not in {"allow", "confirm", "refuse"}:
        raise ConfigurationError(f"spending is {spending!r}; expected 'allow', 'confirm' or 'refuse'.")
    if (spending == "confirm") != (confirm is not None):
        raise ConfigurationError("spending='confirm' and confirm= go together: it is what is asked.")
    known = operations()
    wanted = list(known) if only is None else [only] if isinstance(only, str) else list(dict.fromkeys(only))
    for name in wanted:
        if name not in known:
            near = get_close_matches(name, known, n=3, cutoff=0.5)
            raise ConfigurationError(
                f"There is no tool {name!r}" + (f"; did you mean {' or '.join(near)}?" if near else ".")
            )
    folder = None if files is None else Path(files)
    return [
        Tool(operation=known[name], client=client, spending=spending, confirm=confirm, files=folder) for name in wanted
    ]


def told(error: HeyGenError, wait: str | None = None) -> str:
    """An error as a model is told of it: with its notes, what to call next, and tools' names for methods.

    Args:
        wait: The wait of the operation that raised it.
    """
    words = [str(error), *getattr(error, "__notes__", ())]
    if isinstance(error, WaitTimeoutError) and (look := look_at(error.kind, wait)) is not None:
        words.append(f"To go on, call {look.name} with {look.input.ids[0]}={error.id!r} and wait=true.")
    return _LONG.sub(_shortened, in_tools_words("\n".join(words)))


def ids_of(answer: dict[str, JSONValue]) -> str:
    """The ids in what create answered."""
    return ", ".join(_ids(cast("dict[str, JSONValue]", answer["data"])))


def in_tools_words(text: str, beside: str = "") -> str:
    """A text in which methods of the client are called by the names of the tools; see `renamed`."""
    return renamed(text, _names, beside)


@cache
def _names() -> dict[str, str]:
    named = {operation.path: operation.name for operation in reversed(list(operations().values()))}
    return {**named, "assets.upload": named["assets.create_direct_upload"]}


def _ids(data: dict[str, JSONValue]) -> Iterator[str]:
    for name, value in data.items():
        if isinstance(value, dict):
            yield from (f"{name}.{inner}" for inner in _ids(value))
        elif name == "id" or name.endswith(("_id", "_ids")):
            yield f"{name}={value}"


def _shortened(word: re.Match[str]) -> str:
    """What a model has given itself, and need not read again."""
    return f"{word[0][:200]}… ({len(word[0])} characters)"


def _is_below(path: Path, folder: Path) -> bool:
    if not folder.is_dir():
        raise ConfigurationError(f"files is {str(folder)!r}, which is no folder of this machine.")
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # no path at all, or links that lead round
        return False


def _from(folder: Path, field: str, value: JSONValue) -> JSONValue:
    """What is given for a field, with the paths in it taken from a folder."""
    if isinstance(value, dict):
        return {name: _from(folder, name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_from(folder, field, inner) for inner in value]
    return str(folder / value) if isinstance(value, str) and local_paths({field: value}) else value
