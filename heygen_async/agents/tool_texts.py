"""Texts about tools for a model: what a tool does, when to use another, its price and duration, and the next call.

The catalog describes methods to programmers. `tool_descriptions.py` has the texts of the tools that need more; all
others are built from the catalog, so a new operation has a text too. Every text passes the same filter: it has no
words of Python, no address, and no name of a tool that is not offered beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING

from .messages import with_tool_names
from .offered_texts import offered_only, split_sentences
from .tool_descriptions import DESCRIPTIONS, PARAMETERS, PRICES

if TYPE_CHECKING:
    from ..operations.operation import Operation
    from .actions import Action

MIN_LENGTH, MAX_LENGTH = 40, 300

_FOR_PROGRAMMERS = re.compile(
    r"https?://|\b(?:await|async|clients?|structs?|python|pathlib|None|UNSET|callback_url|webhook event)\b"
    r"|[A-Za-z]+Error\b"
)
_PROGRAM_WORDS = {"True": "true", "False": "false"}
#: The waits whose jobs may end within seconds. All other jobs take minutes.
_QUICK_WAITS = frozenset({"asset", "brand_kit", "voice", "model_voice"})


def describe_tool(operation: Operation | Action, offered: Collection[str]) -> str:
    """Return the description of a tool, 40 to 300 characters.

    Args:
        operation: The operation or the action of the tool.
        offered: The names of the tools that the model has. Other names do not stand in the description.
    """
    tail = offered_only(" ".join(_facts(operation)), offered)
    text = DESCRIPTIONS.get(operation.name) or plain(with_tool_names(operation.description, operation.path))
    kept = offered_only(text, offered)
    available = MAX_LENGTH - len(tail) - 1
    while len(kept) > available and (shorter := " ".join(split_sentences(kept)[:-1])):
        kept = shorter
    description = f"{kept} {tail}".strip()
    return description if len(description) >= MIN_LENGTH else f"{description} {_filler(operation)}"


def describe_parameter(operation: Operation | Action, offered: Collection[str]) -> Callable[[str, str], str]:
    """Return a function that returns the description of a parameter for its name and the catalog's description."""

    def describe(name: str, description: str) -> str:
        own = PARAMETERS.get(f"{operation.name}.{name}")
        shared = PARAMETERS.get(name) if own is None else own
        text = shared or plain(with_tool_names(description, operation.path))
        return offered_only(text, offered)

    return describe


def plain(text: str) -> str:
    """Return a text of the catalog without the sentences and the marks that only programmers read."""
    sentences = [one for one in split_sentences(text) if not _FOR_PROGRAMMERS.search(one)]
    joined = " ".join(sentences).replace("`", "")
    for word, other in _PROGRAM_WORDS.items():
        joined = re.sub(rf"\b{word}\b", other, joined)
    return joined.rstrip("; ") + "." if joined.endswith(";") else joined


def _facts(operation: Operation | Action) -> Iterator[str]:
    """Yield the sentences about the price, the duration, the next call and the end of a tool."""
    if operation.billable:
        price = PRICES.get(operation.name)
        yield f"Costs about ${price[0]:.{0 if price[0] >= 1 else 2}f} a {price[1]}." if price else "Costs credit."
    if operation.long_running and operation.wait:
        duration = "seconds to minutes" if operation.wait.removeprefix("wait_for_") in _QUICK_WAITS else "minutes"
        yield f"Takes {duration}: returns an id at once."
        yield f"Next: {operation.wait} with that id."
    if operation.destructive:
        yield "It cannot be undone: ask the person first."


def _filler(operation: Operation | Action) -> str:
    """Return a sentence for a description that is too short."""
    if operation.paginated:
        return "Returns one page; pass next_token as token for the next page."
    if operation.mutating:
        return "Changes only the fields that are given."
    return "Returns its current state and its details."
