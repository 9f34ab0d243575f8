"""Descriptions of parameters and fields, and the line about an operation's endpoint and price, from the package."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, get_args, get_type_hints

import msgspec
from docstring_parser import DocstringStyle, parse

from heygen_async._http.operation import operation_of
from heygen_async._http.signatures import _unpacked_type as unpacked_type, unpacked_keywords
from heygen_async._jobs.wait_options import AndWait, WaitOptions
from heygen_async.operations import Operation, operations
from heygen_async.pricing import format_usd

REFERENCE = "https://developers.heygen.com/reference"
_URL = re.compile(r"https://developers\.heygen\.com/[\w/.-]*[\w/]")
_REPEATS = {
    "header": "a repeat under the same `idempotency_key` within 24 hours is not charged again",
    "guarded": "a repeat under the same `idempotency_key` within 24 hours is not charged again",
    "permanent": "a repeat under the same `idempotency_key` is never charged again",
    "body": "a repeat under the same `idempotency_key` is never charged again",
    "natural": "a repeat changes nothing",
    "none": "HeyGen does not recognise a repeat",
}


def described(docstring: str | None, section: str | None = None) -> dict[str, str]:
    """Return the descriptions of a docstring's Args and Attributes, or of one: `param` or `attribute`."""
    return {
        one.arg_name.lstrip("*"): " ".join((one.description or "").split())
        for one in parse(docstring or "", style=DocstringStyle.GOOGLE).params
        if section in {None, one.args[0]}
    }


def describe_parameters(function: Any, owner: type | None) -> dict[str, str]:
    """Return the descriptions of all parameters of a function.

    A `watch_…` method has those of the wait, an `…_and_wait` method those of the create, and a method that works "as
    `add` does" those of `add`.
    """
    name = function.__name__
    descriptions: dict[str, str] = {}
    if owner is not None and (other := re.search(r"as `(\w+)` does", function.__doc__ or "")):
        descriptions |= described(getattr(owner, other[1]).__doc__)
    if owner is not None and name.startswith("watch_"):
        descriptions |= described(getattr(owner, name.replace("watch_", "wait_for_", 1)).__doc__)
    if owner is not None and name.endswith("_and_wait"):
        descriptions |= described(getattr(owner, name.removesuffix("_and_wait")).__doc__)
    return descriptions | described(function.__doc__) | _keywords(function)


def _keywords(function: Any) -> dict[str, str]:
    """Return the descriptions of a function's unpacked keywords, with their ranges."""
    keywords = unpacked_keywords(function)
    owner = unpacked_type(function) if keywords else None
    options = described(WaitOptions.__doc__) | described(AndWait.__doc__) | described(owner.__doc__ if owner else None)
    return {name: describe_hint(hint) or options.get(name, "") for name, (hint, _) in keywords.items()}


def described_fields(owner: type) -> dict[str, str]:
    """Return the descriptions of the fields of a struct or `TypedDict`, with their ranges."""
    descriptions: dict[str, str] = {}
    for base in reversed(owner.__mro__):
        descriptions |= described(base.__dict__.get("__doc__"))
    for name, hint in _hints(owner).items():
        if text := describe_hint(hint):
            descriptions[name] = text
    return descriptions


def _hints(owner: type) -> Mapping[str, Any]:
    try:
        return get_type_hints(owner, include_extras=True)
    except NameError:  # a type that only checkers import
        return {}


def describe_hint(hint: Any) -> str:
    """Return the description in an `Annotated` hint, and the range that it allows."""
    while get_args(hint) and not hasattr(hint, "__metadata__"):
        if len(get_args(hint)) != 1:
            return ""
        (hint,) = get_args(hint)
    metas = [meta for meta in getattr(hint, "__metadata__", ()) if isinstance(meta, msgspec.Meta)]
    description = next((meta.description for meta in metas if meta.description), "")
    ranges = [text for meta in metas for text in _ranges(meta)]
    return " ".join([description, *(f"({text}.)" for text in ranges if text.split()[0] not in description)]).strip()


def _ranges(meta: msgspec.Meta) -> list[str]:
    if meta.ge is not None and meta.le is not None:
        return [f"{meta.ge:g} to {meta.le:g}"]
    if meta.max_length is not None:
        return [f"at most {meta.max_length} characters or items"]
    return []


@cache
def _operations_of(method: str, path: str) -> list[Operation]:
    """Return the operations of an endpoint: one for each kind of body."""
    return [one for one in operations().values() if (one.endpoint.method, one.endpoint.path) == (method, path)]


def endpoint_line(function: Any, owner: type | None) -> str:
    """Return the endpoint of a method with its price, its repeats and HeyGen's page as a line of Markdown."""
    record = operation_of(function)
    assert record is not None
    endpoint = record.endpoint
    parts = [f"`{endpoint.method} {endpoint.path}`", _price(endpoint.method, endpoint.path)]
    if endpoint.method != "GET" and endpoint.idempotency in _REPEATS:
        parts.append(_REPEATS[endpoint.idempotency])
    if endpoint.preview:
        parts.append("a preview of HeyGen's")
    parts.append(f"[HeyGen's page]({page_of(function, owner)})")
    return " · ".join(parts)


def _price(method: str, path: str) -> str:
    """Return the price class of an endpoint; of several kinds of body, with the lowest price."""
    billable = [one for one in _operations_of(method, path) if one.billable]
    if not billable:
        return "costs nothing"
    estimates = [one.estimate({}) for one in billable]
    rates = [one.usd_per_second for one in estimates if one.usd_per_second]
    flat = [one.usd for one in estimates if one.usd]
    if rates:
        return f"costs credit, from {format_usd(min(rates))} a second of the result"
    if flat:
        return f"costs credit, from {format_usd(min(flat))} each"
    return "costs credit; HeyGen publishes no rate in USD"


def page_of(function: Any, owner: type | None) -> str:
    """Return HeyGen's page about a method: the one in its docstring, in that of its class or in that of its file."""
    module = inspect.getmodule(function)
    for text in (function.__doc__, owner and owner.__doc__, module and module.__doc__):
        if found := _URL.search(text or ""):
            return found[0]
    return REFERENCE
