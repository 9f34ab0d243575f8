"""The signature of a tool as Python types, for frameworks that inspect functions instead of taking a JSON Schema.

Each parameter of the schema is a keyword parameter: `Annotated[type, description]`. A nested object is a dict; pydantic
gets its whole schema from the description's hook.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature
from types import GenericAlias
from typing import Annotated, Any, Literal, Self, TypeAlias, Union, cast

Schema: TypeAlias = Mapping[str, Any]

_TYPES: Mapping[str, Any] = {"string": str, "integer": int, "number": float, "boolean": bool, "null": None}


class Description(str):
    """The description of a parameter. Pydantic asks it for the parameter's JSON Schema."""

    __slots__ = ("schema",)

    schema: Schema

    def __new__(cls, schema: Schema) -> Self:
        """Return the description of a parameter with this schema."""
        description = super().__new__(cls, schema.get("description", ""))
        description.schema = schema
        return description

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)  # A copy of a schema that a framework derived contains plain text.

    def __get_pydantic_json_schema__(self, core_schema: object, handler: Callable[[Any], Any]) -> dict[str, Any]:
        """Return the parameter's own schema, which says more than its Python type."""
        return dict(self.schema)


def function_attributes(name: str, description: str, input_schema: Schema) -> dict[str, Any]:
    """Return the attributes of a function that has keyword parameters as this JSON Schema describes them."""
    signature = _signature(input_schema)
    annotations = {parameter.name: parameter.annotation for parameter in signature.parameters.values()}
    return {
        "__name__": name,
        "__qualname__": name,
        "__doc__": description,
        "__signature__": signature,
        "__annotations__": {**annotations, "return": signature.return_annotation},
    }


def _signature(input_schema: Schema) -> Signature:
    definitions = input_schema.get("$defs", {})
    required = set(input_schema.get("required", ()))
    parameters: list[Parameter] = []
    for name, schema in input_schema["properties"].items():
        kind = _python_type(schema, definitions)
        is_optional = name not in required
        description = Description(inline(schema, definitions))
        annotation = cast("Any", Annotated)[kind | None if is_optional else kind, description]
        default = None if is_optional else Parameter.empty
        parameters.append(Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation))
    return Signature(parameters, return_annotation=dict[str, Any])


def _python_type(schema: Schema, definitions: Schema) -> Any:
    if "$ref" in schema:
        return _python_type(_definition(schema, definitions), definitions)
    if "enum" in schema:
        return cast("Any", Literal)[tuple(value for value in schema["enum"] if value is not None)]
    kinds = schema.get("type")
    if alternatives := schema.get("anyOf"):
        types = [_python_type(one, definitions) for one in alternatives]
    elif isinstance(kinds, list):
        types = [_python_type({**schema, "type": kind}, definitions) for kind in cast("list[str]", kinds)]
    elif kinds == "array":
        return GenericAlias(list, (_python_type(schema.get("items", {}), definitions),))
    elif kinds == "object":
        return dict[str, Any]
    else:
        return _TYPES.get(str(kinds), Any)
    return Any if Any in types else cast("Any", Union)[tuple(types)]


def inline(schema: Any, definitions: Schema, inside: tuple[str, ...] = ()) -> Any:
    """Return a schema with definitions in place of references to them. A recursion ends with an open object."""
    if isinstance(schema, list):
        return [inline(one, definitions, inside) for one in cast("Any", schema)]
    if not isinstance(schema, dict):
        return schema
    fields = cast("dict[str, Any]", schema)
    if (reference := fields.get("$ref")) is None:
        return {name: inline(value, definitions, inside) for name, value in fields.items()}
    if reference in inside:
        return {"type": "object"}
    rest = {name: value for name, value in fields.items() if name != "$ref"}
    return {**inline(_definition(fields, definitions), definitions, (*inside, reference)), **rest}


def _definition(schema: Schema, definitions: Schema) -> Schema:
    return cast("Schema", definitions[schema["$ref"].rpartition("/")[2]])
