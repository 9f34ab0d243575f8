"""The differences between the contract that the emulator follows and any OpenAPI document of HeyGen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from .openapi import build_document
from .openapi_reader import Entry, Operation, Place, read_operations

__all__ = ["Change", "Comparison", "compare"]

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference.

    Args:
        change: Whether only the other document has it, only the contract has it, or both have it in another form.
        subject: The kind of thing that differs.
        operation: The method and the path, such as `POST /v3/videos`.
        place: The part of the operation; None for the operation itself.
        field: The path of the field, such as `scenes[].type`; None for the operation itself.
        detail: The types of a new field, the enum value, or both sides of a change.
    """

    change: Literal["added", "removed", "changed"]
    subject: Literal["operation", "field", "value", "type", "required"]
    operation: str
    place: Place | None = None
    field: str | None = None
    detail: str | None = None

    def __str__(self) -> str:
        subject = {"field": "", "operation": ""}.get(self.subject, f"{self.subject}:")
        parts = (_SIGNS[self.change], self.operation, self.place, self.field, subject, self.detail)
        return " ".join(part for part in parts if part)


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a comparison.

    Args:
        changes: The differences.
        compared: The number of operations that both have.
        skipped: The number of operations of the other document that are not of v3.
    """

    changes: list[Change]
    compared: int
    skipped: int


def compare(document: object) -> Comparison:
    """Compare an OpenAPI document with the contract.

    Raises:
        ValueError: It is not an OpenAPI document, or too large.
    """
    ours, _ = read_operations(build_document(""))
    theirs, skipped = read_operations(document)
    changes = [
        Change(change="added", subject="operation", operation=theirs[key].name) for key in theirs if key not in ours
    ]
    changes += [
        Change(change="removed", subject="operation", operation=ours[key].name) for key in ours if key not in theirs
    ]
    both = [key for key in ours if key in theirs]
    for key in both:
        changes += _compare_operations(ours[key], theirs[key])
    return Comparison(changes=changes, compared=len(both), skipped=skipped)


def _compare_operations(ours: Operation, theirs: Operation) -> Iterator[Change]:
    for place, entries in ours.places.items():
        others = theirs.places[place]
        if place == "response" and not (entries and others):
            continue  # one of them does not describe the response
        where = {"operation": ours.name, "place": place}
        yield from _find_missing(others, entries, change="added", **where)
        yield from _find_missing(entries, others, change="removed", **where)
        for field in [field for field in entries if field in others]:
            yield from _compare_entries(entries[field], others[field], field=field, **where)


def _find_missing(entries: dict[str, Entry], others: dict[str, Entry], **where: Any) -> Iterator[Change]:
    """Yield the fields and variants that the others lack, but not the fields inside those."""
    for field, entry in entries.items():
        if field in others or not (entry.parent is None or entry.parent in others):
            continue
        if entry.tag_field is not None:
            yield Change(subject="value", field=entry.tag_field, detail=min(entry.values or ()), **where)
        else:
            yield Change(subject="field", field=field, detail=" or ".join(sorted(entry.types)) or None, **where)


def _compare_entries(ours: Entry, theirs: Entry, **where: Any) -> Iterator[Change]:
    if ours.types and theirs.types and ours.types != theirs.types:
        detail = f"{' or '.join(sorted(ours.types))} → {' or '.join(sorted(theirs.types))}"
        yield Change(change="changed", subject="type", detail=detail, **where)
    elif ours.values is None or theirs.values is None:
        if ours.values != theirs.values:
            before, after = (", ".join(sorted(values)) if values else "any" for values in (ours.values, theirs.values))
            yield Change(change="changed", subject="value", detail=f"{before} → {after}", **where)
    else:
        for value in sorted(theirs.values - ours.values):
            yield Change(change="added", subject="value", detail=value, **where)
        for value in sorted(ours.values - theirs.values):
            yield Change(change="removed", subject="value", detail=value, **where)
    if ours.is_required != theirs.is_required:
        detail = "required → optional" if ours.is_required else "optional → required"
        yield Change(change="changed", subject="required", detail=detail, **where)
