"""Tool definitions for the hosts of models: MCP, OpenAI, Anthropic and Gemini.

All start from the tool's own JSON Schema (2020-12), which `tool_schemas.py` builds. MCP, Anthropic and OpenAI's plain
mode take it as it is. The others need another form:

| dialect | what differs |
|---|---|
| `openai_strict` | every property is required, and optional ones take null; a map becomes a JSON text |
| `gemini` | no `$defs`, no `additionalProperties`; `nullable` in place of the type `null`; a map becomes a JSON text |

A map, or a structure that contains itself, has no end that these dialects can describe. Its property `variables` is
offered as `variables_json`, a string with a JSON object, and `read_arguments` converts it back before the call.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import msgspec

from .._http.argument_checks import UnknownKey
from ..errors import ConfigurationError, InvalidInputError
from .tool_schemas import DEFS, with_definitions

if TYPE_CHECKING:
    from ..types.base import JSONValue
    from .tool import Tool

#: The form of tool definitions: the wire format and its rules for schemas.
Dialect: TypeAlias = Literal[
    "mcp", "openai", "openai_strict", "openai_chat", "openai_chat_strict", "anthropic", "gemini"
]

#: The number of tools that OpenAI's API takes in a request.
MAX_OPENAI_TOOLS = 128
_MAX_DEPTH = 100  # of lists and objects in an argument
_JSON = "_json"
_JSON_NOTE = "A JSON object as text."


def definitions(tools: Iterable[Tool], dialect: Dialect) -> list[dict[str, JSONValue]]:
    """Return the definitions of tools for a host of models.

    Args:
        tools: The tools, from `tools()`.
        dialect: The format. `openai` is the Responses API, `openai_chat` its Chat Completions API. In the strict ones
            OpenAI guarantees that the model's arguments fit the schema.

    Raises:
        ConfigurationError: There are more tools than OpenAI's API takes.
    """
    offered = list(tools)
    if dialect.startswith("openai") and len(offered) > MAX_OPENAI_TOOLS:
        raise ConfigurationError(
            f"OpenAI's API takes at most {MAX_OPENAI_TOOLS} tools, and these are {len(offered)}. Pass a toolset to "
            "tools(): video, translation, avatars, audio, assets, workflows, admin or search, which reaches all tools."
        )
    return [_definition(tool.name, tool.description, tool.input_schema, dialect) for tool in offered]


def _definition(name: str, description: str, schema: dict[str, JSONValue], dialect: Dialect) -> dict[str, JSONValue]:
    match dialect:
        case "mcp":
            return {"name": name, "description": description, "inputSchema": schema}
        case "anthropic":
            return anthropic_tool(name, description, schema)
        case "gemini":
            return gemini_tool(name, description, schema)
        case _:
            return openai_tool(name, description, schema, chat="chat" in dialect, strict="strict" in dialect)


def openai_tool(
    name: str, description: str, input_schema: dict[str, JSONValue], *, chat: bool = False, strict: bool = False
) -> dict[str, JSONValue]:
    """Return the definition for OpenAI's Responses API, or with `chat` for its Chat Completions API."""
    function: dict[str, JSONValue] = {
        "name": name,
        "description": description,
        "parameters": strict_schema(input_schema) if strict else input_schema,
        "strict": strict,
    }
    return {"type": "function", "function": function} if chat else {"type": "function", **function}


def anthropic_tool(name: str, description: str, input_schema: dict[str, JSONValue]) -> dict[str, JSONValue]:
    """Return the definition for Anthropic's Messages API."""
    return {"name": name, "description": description, "input_schema": input_schema}


def gemini_tool(name: str, description: str, input_schema: dict[str, JSONValue]) -> dict[str, JSONValue]:
    """Return the function declaration for Google's Gemini API."""
    return {"name": name, "description": description, "parameters": gemini_schema(input_schema)}


def strict_schema(schema: Mapping[str, Any]) -> dict[str, JSONValue]:
    """Return a schema of a tool by the rules of OpenAI's strict mode."""
    closed = _with_json_texts(schema, schema.get("$defs", {}))
    return cast("dict[str, JSONValue]", _require_all(closed))


def gemini_schema(schema: Mapping[str, Any]) -> dict[str, JSONValue]:
    """Return a schema of a tool by the rules of Gemini's `Schema`."""
    closed = _with_json_texts(schema, schema.get("$defs", {}))
    return cast("dict[str, JSONValue]", _to_gemini(closed, closed.get("$defs", {})))


def json_text_names(schema: Mapping[str, Any]) -> list[str]:
    """Return the properties that the strict and the Gemini dialect offer as JSON texts, without the ending `_json`."""
    definitions = schema.get("$defs", {})
    return [name for name, one in schema["properties"].items() if _is_open(one, definitions)]


def read_arguments(
    schema: Mapping[str, Any],
    open_names: Sequence[str],
    arguments: Mapping[str, JSONValue],
    tags: Collection[str] = (),
) -> dict[str, JSONValue]:
    """Return a model's arguments in the form of the catalog, whatever the dialect in which the model got the schema.

    A null is left out. A name in `clear` becomes a null. A JSON text becomes its value.

    Args:
        schema: The tool's own schema.
        open_names: The `json_text_names` of the schema.
        arguments: The arguments.
        tags: Names that are accepted although the schema leaves them out.

    Raises:
        InvalidInputError: The schema has no such argument, a JSON text is no JSON object, `clear` has a name that
            cannot be cleared, or a value is nested too deeply.
    """
    _check_depth(arguments)
    values: dict[str, JSONValue] = {
        name: value if name in open_names else _without_nulls(value)
        for name, value in arguments.items()
        if value is not None
    }
    for name in open_names:
        if name + _JSON in values:
            values[name] = _decode(name, values.pop(name + _JSON))
    for name, value in values.items():
        if name not in schema["properties"] and name not in tags:
            raise InvalidInputError(name, value, UnknownKey(name, value, sorted(schema["properties"])).expected)
    if "clear" in schema["properties"]:
        clearable = schema["properties"]["clear"]["items"]["enum"]
        names = values.pop("clear", [])
        if not isinstance(names, list) or not set(map(str, names)) <= set(clearable):
            raise InvalidInputError("clear", names, f"a list with some of {', '.join(clearable)}")
        values.update(dict.fromkeys(map(str, names)))
    return values


def _without_nulls(value: JSONValue) -> JSONValue:
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


def _decode(name: str, text: JSONValue) -> JSONValue:
    try:
        value: object = msgspec.json.decode(text) if isinstance(text, str) else text
    except (msgspec.DecodeError, RecursionError):
        value = None
    if not isinstance(value, dict | list):
        raise InvalidInputError(name + _JSON, text, 'a JSON object as text, such as \'{"name": "Ada"}\'')
    decoded = cast("JSONValue", value)
    _check_depth({name + _JSON: decoded})
    return decoded


def _check_depth(arguments: Mapping[str, JSONValue]) -> None:
    """Raise `InvalidInputError` for an argument that is nested more deeply than a recursion should go."""
    for name, value in arguments.items():
        level, depth = [value], 0
        while level := [inner for one in level for inner in _inner(one)]:
            depth += 1
            if depth > _MAX_DEPTH:
                raise InvalidInputError(name, "…", f"at most {_MAX_DEPTH} levels of lists and objects")


def _inner(value: JSONValue) -> Iterable[JSONValue]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _with_json_texts(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema with a JSON text in place of each property that has no end."""
    properties: dict[str, Any] = {}
    for name, one in schema["properties"].items():
        if _is_open(one, definitions):
            description = f"{one.get('description', '')} {_JSON_NOTE}".strip()
            kind: Any = "string" if name in schema.get("required", ()) else ["string", "null"]
            properties[name + _JSON] = {"description": description, "type": kind}
        else:
            properties[name] = one
    required = [name if name in properties else name + _JSON for name in schema.get("required", ())]
    changed = {**schema, "properties": properties, "required": required}
    changed.pop("$defs", None)
    return with_definitions(changed, definitions)


def _is_open(node: object, definitions: Mapping[str, Any], outer: frozenset[str] = frozenset()) -> bool:
    """Return whether a schema contains a map, any value, or itself."""
    if not isinstance(node, Mapping):
        return False
    fields = cast("Mapping[str, Any]", node)
    if "$ref" in fields:
        name = fields["$ref"].removeprefix(DEFS)
        return name in outer or _is_open(definitions[name], definitions, outer | {name})
    if not {"type", "anyOf", "enum"} & fields.keys() or fields.get("additionalProperties", False) is not False:
        return True
    inner = [*fields.get("properties", {}).values(), *fields.get("anyOf", ()), *filter(None, [fields.get("items")])]
    return any(_is_open(one, definitions, outer) for one in inner)


def _require_all(node: Any) -> Any:
    """Return a schema in which every property of every object is required."""
    if isinstance(node, list):
        return [_require_all(one) for one in cast("list[object]", node)]
    if not isinstance(node, Mapping):
        return node
    fields = cast("Mapping[str, Any]", node)
    changed = {name: _require_all(one) for name, one in fields.items()}
    properties = fields.get("properties")
    if isinstance(properties, Mapping) and "additionalProperties" in fields:
        changed["required"] = list(cast("Mapping[str, object]", properties))
    return changed


def _to_gemini(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema with `nullable`, without references, lists of types and `additionalProperties`."""
    if "$ref" in node:
        return _to_gemini(definitions[node["$ref"].removeprefix(DEFS)], definitions)
    changed = {name: one for name, one in node.items() if name not in {"$defs", "additionalProperties", "required"}}
    kinds: Sequence[str] = node["type"] if isinstance(node.get("type"), list) else []
    if kinds:
        changed["type"] = next(kind for kind in kinds if kind != "null")
    alternatives = [one for one in node.get("anyOf", ()) if one != {"type": "null"}]
    if "null" in kinds or len(alternatives) < len(node.get("anyOf", ())):
        changed["nullable"] = True
    if len(alternatives) == 1:
        del changed["anyOf"]
        changed = {**_to_gemini(alternatives[0], definitions), **changed}
    elif alternatives:
        changed["anyOf"] = [_to_gemini(one, definitions) for one in alternatives]
    if "enum" in changed:
        changed["enum"] = [value for value in changed["enum"] if value is not None]
    if "items" in changed:
        changed["items"] = _to_gemini(changed["items"], definitions)
    if "properties" in changed:
        changed["properties"] = {name: _to_gemini(one, definitions) for name, one in changed["properties"].items()}
    if node.get("required"):
        changed["required"] = list(node["required"])
    return changed
