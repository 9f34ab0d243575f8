"""Structs in pydantic models and FastAPI: how they are read and written, and their JSON schemas.

Pydantic finds the hooks of `base` in each struct. The JSON schema of a struct is the one of `msgspec.json.schema`, as
a component of its own, so that FastAPI's `/openapi.json` shows each struct with its fields.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import msgspec

from .file_fields import EXPECTED_TEXT, invalid_file_texts

if TYPE_CHECKING:
    from pydantic_core.core_schema import CoreSchema

JSONSchema: TypeAlias = dict[str, Any]

#: The structs whose schemas are being generated: a struct may contain itself.
_generating: ContextVar[frozenset[type]] = ContextVar("generating", default=frozenset())


def struct_core_schema(struct: type[msgspec.Struct]) -> CoreSchema:
    """Return the schema by which pydantic reads and writes a struct."""
    from pydantic_core import core_schema  # noqa: PLC0415  only pydantic calls this

    def read(value: object) -> object:
        try:
            converted = value if isinstance(value, struct) else msgspec.convert(value, struct)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from None  # pydantic reports a ValueError as a validation error
        for path in invalid_file_texts(converted) if struct.__struct_config__.forbid_unknown_fields else ():
            raise ValueError(f"Expected {EXPECTED_TEXT} - at `$.{path}`")
        return converted

    written = core_schema.plain_serializer_function_ser_schema(msgspec.to_builtins)
    return core_schema.no_info_plain_validator_function(read, ref=_core_ref(struct), serialization=written)


def struct_json_schema(struct: type[msgspec.Struct], handler: Callable[[CoreSchema], Any]) -> JSONSchema:
    """Return the JSON schema of a struct, whose nested structs are references to components of their own.

    Args:
        struct: The struct.
        handler: Pydantic's generator, which returns the reference to the schema of a nested struct.
    """
    components, nested = _components(struct)

    def with_references(schema: Any) -> Any:
        if isinstance(schema, list):
            return [with_references(item) for item in cast("Any", schema)]
        if not isinstance(schema, dict):
            return schema
        fields = cast("JSONSchema", schema)
        if "$ref" in fields:
            return reference_to(fields["$ref"])
        converted = {name: with_references(value) for name, value in fields.items()}
        if "discriminator" in fields:
            mapping = fields["discriminator"]["mapping"]
            converted["discriminator"]["mapping"] = {tag: reference_to(name)["$ref"] for tag, name in mapping.items()}
        return converted

    def reference_to(name: str) -> Any:
        return _reference_to(nested[name], handler) if name in nested else with_references(components[name])  # an enum

    generating = _generating.set(_generating.get() | {struct})
    try:
        return cast("JSONSchema", with_references(components[_name_of(struct, nested)]))
    finally:
        _generating.reset(generating)


def _reference_to(struct: type[msgspec.Struct], handler: Callable[[CoreSchema], Any]) -> Any:
    """Return the reference to a struct's component, and let pydantic generate the component if it has not yet."""
    from pydantic import TypeAdapter  # noqa: PLC0415
    from pydantic_core import core_schema  # noqa: PLC0415

    reference = core_schema.definition_reference_schema(_core_ref(struct))
    if struct in _generating.get():
        return handler(reference)
    return handler(core_schema.definitions_schema(reference, [TypeAdapter(struct).core_schema]))


def _core_ref(struct: type[msgspec.Struct]) -> str:
    """Return the name by which pydantic finds a struct; its last part becomes the name of the component."""
    return f"{struct.__module__}.{struct.__qualname__}:{id(struct)}"


def _name_of(struct: type[msgspec.Struct], nested: dict[str, type[msgspec.Struct]]) -> str:
    return next(name for name, one in nested.items() if one is struct)


@cache
def _components(struct: type[msgspec.Struct]) -> tuple[dict[str, JSONSchema], dict[str, type[msgspec.Struct]]]:
    """Return the JSON schemas of a struct and of everything in it by their names, and the structs among them."""
    _, components = msgspec.json.schema_components([struct], ref_template="{name}")
    structs = {one.__name__: one for one in _structs_in(struct)}
    return components, {name: structs[name] for name in components if name in structs}


def _structs_in(struct: type[msgspec.Struct]) -> set[type[msgspec.Struct]]:
    found: set[type[msgspec.Struct]] = set()
    waiting: list[Any] = [msgspec.inspect.type_info(struct)]
    while waiting:
        info = waiting.pop()
        if isinstance(info, msgspec.inspect.StructType):
            if info.cls in found:
                continue
            found.add(info.cls)
        waiting += _parts(info)
    return found


def _parts(info: Any) -> list[Any]:
    """Return the types that a type consists of."""
    parts: list[Any] = list(getattr(info, "types", ()))
    parts += [field.type for field in getattr(info, "fields", ())]
    for name in ("item_type", "key_type", "value_type", "type"):
        inner = getattr(info, name, None)
        if isinstance(inner, msgspec.inspect.Type):
            parts.append(inner)
    item_types = getattr(info, "item_types", ())
    return [*parts, *item_types]
