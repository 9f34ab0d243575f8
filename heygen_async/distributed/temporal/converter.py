"""Structs as Temporal's payloads: plain JSON, which Temporal's own tools show.

Any data converter can be extended, so that it also serves programs with converters of their own: those of Pydantic, or
with a codec that encrypts the payloads.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from temporalio.api.common.v1 import Payload
from temporalio.converter import CompositePayloadConverter, DataConverter

_METADATA = {"encoding": b"json/plain"}

if TYPE_CHECKING:
    _Base = CompositePayloadConverter
else:
    _Base = object  # a mixin of any payload converter


class StructPayloads(_Base):
    """The part of a payload converter that converts msgspec structs. All other values go to the class beside it."""

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        """Return a payload for each value."""
        return [
            Payload(metadata=_METADATA, data=msgspec.json.encode(value))
            if isinstance(value, msgspec.Struct)
            else super(StructPayloads, self).to_payloads([value])[0]
            for value in values
        ]

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        """Return the value of each payload."""
        hints: list[Any] = [*(type_hints or ())]
        hints += [None] * (len(payloads) - len(hints))
        return [
            msgspec.json.decode(payload.data, type=hint)
            if isinstance(hint, type) and issubclass(hint, msgspec.Struct)
            else super(StructPayloads, self).from_payloads([payload], None if hint is None else [hint])[0]
            for payload, hint in zip(payloads, hints, strict=False)
        ]


def converts_structs(converter: DataConverter) -> bool:
    """Return whether a data converter converts structs."""
    return issubclass(converter.payload_converter_class, StructPayloads)


def with_structs(converter: DataConverter | None) -> DataConverter:
    """Return a data converter that also converts structs."""
    converter = converter or DataConverter.default
    if converts_structs(converter):
        return converter
    original = converter.payload_converter_class
    extended = type(f"{original.__name__}WithStructs", (StructPayloads, original), {})
    return dataclasses.replace(converter, payload_converter_class=extended)
