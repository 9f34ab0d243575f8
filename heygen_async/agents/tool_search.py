"""`search_tools` and `call_tool`: every tool, in the context of two.

A model searches by words and gets the descriptions and schemas of the few tools that fit. It then calls one of them by
its name. The call runs as any other: with the same checks, the same spending and the same files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from .._http.argument_checks import nearest_name
from ..errors import InvalidInputError
from ..types.base import JSONValue
from .actions import Action

if TYPE_CHECKING:
    from .._jobs.wait_options import OnUpdate
    from ..client import AsyncHeyGen
    from .tool import Tool

MAX_FOUND = 5
_COMMON = frozenset("a an and for from in is it me my of on or the to use with".split())


class SearchTools(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The arguments of `search_tools`."""

    query: Annotated[str, msgspec.Meta(description="What you want to do, such as: translate a video.")]


class CallTool(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The arguments of `call_tool`."""

    name: Annotated[str, msgspec.Meta(description="Name of the tool, from search_tools.")]
    arguments: Annotated[
        dict[str, JSONValue], msgspec.Meta(description="Its arguments, by the input_schema that search_tools returned.")
    ] = {}


class FoundTool(msgspec.Struct):
    """A tool that fits a search."""

    name: str
    description: str
    input_schema: dict[str, JSONValue]


def search_actions(tools: Iterable[Tool]) -> list[Action]:
    """Return `search_tools` and `call_tool` for some tools."""
    by_name = {tool.name: tool for tool in tools}
    search = Action(
        name="search_tools",
        description=f"Find the tools for a task among {len(by_name)}: videos, translations, avatars, voices, files. "
        "Returns names, descriptions and input schemas. Then run one with call_tool.",
        arguments=SearchTools,
        data=lambda: list[FoundTool],
        function=partial(_search, by_name),
    )
    call = Action(
        name="call_tool",
        description="Run a tool by its name with its arguments. Use search_tools first to learn both.",
        arguments=CallTool,
        data=lambda: Any,
        function=partial(_call, by_name),
        mutating=any(tool.operation.mutating for tool in by_name.values()),
        idempotent=False,
    )
    return [search, call]


async def _search(
    tools: Mapping[str, Tool], client: AsyncHeyGen, arguments: dict[str, Any], on_update: OnUpdate | None
) -> dict[str, JSONValue]:
    del client, on_update
    wanted = _words(arguments["query"])
    scores = {tool.name: _score(tool, wanted) for tool in tools.values()}
    best = sorted((name for name in tools if scores[name]), key=lambda name: -scores[name])[:MAX_FOUND]
    found: list[JSONValue] = [
        {"name": name, "description": tools[name].description, "input_schema": tools[name].input_schema}
        for name in best
    ]
    if found:
        return {"data": found}
    return {"data": found, "note": "No tool fits. Try other words, such as video, translation, avatar, voice or file."}


async def _call(
    tools: Mapping[str, Tool], client: AsyncHeyGen, arguments: dict[str, Any], on_update: OnUpdate | None
) -> dict[str, JSONValue]:
    del client
    name = arguments["name"]
    if name not in tools:
        near = nearest_name(name, tools)
        expected = f"a name from search_tools (did you mean {near!r}?)" if near else "a name from search_tools"
        raise InvalidInputError("name", name, expected)
    return await tools[name].run(arguments.get("arguments") or {}, on_update=on_update)


def _score(tool: Tool, wanted: frozenset[str]) -> float:
    """Return how well a tool fits: a word in its name counts more than one in its description."""
    in_name = _words(tool.name)
    in_description = _words(tool.description)
    if not wanted & (in_name | in_description):
        return 0
    return 3 * len(wanted & in_name) + len(wanted & in_description) - 0.1 * len(in_name - wanted)


def _words(text: str) -> frozenset[str]:
    """Return the words of a text in lower case, without endings that differ between nouns and verbs."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return frozenset(
        re.sub(r"(?:ations?|ates?|ating|ings?|ers?|es|s)$", "", one) for one in words if one not in _COMMON
    )
