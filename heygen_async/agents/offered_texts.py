"""Texts without the names of tools that a model does not have.

A program may offer a few tools. Advice to call another one would lead a model to a call that fails.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from ..operations.names import OPERATION_NAMES

_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_SOURCE = re.compile(r",? (?:from|by|of) [a-z]+_[a-z_]+(?:(?:, | or | and )[a-z]+_[a-z_]+)*(?=[.,;)]|$)")
_WORD = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+")  # \b: a word is tried once, not at each of its letters
_ACTION = re.compile(r"(?:wait_for|download)_[a-z_]+")
_OPERATIONS = frozenset(name for names in OPERATION_NAMES.values() for name in names.split())
_OTHER_ACTIONS = frozenset({"search_tools", "call_tool", "get_request"})


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    return _SENTENCE.split(text)


def offered_only(text: str, offered: Collection[str]) -> str:
    """Return a text without the sources and the sentences that name tools that are not offered.

    Args:
        text: The text, with names of tools.
        offered: The names of the offered tools. All are offered if it is empty.
    """
    if not offered or not (missing := _tools_in(text).difference(offered)):
        return text
    without = _SOURCE.sub(lambda source: "" if _tools_in(source[0]) & missing else source[0], text)
    kept = ""
    for one in split_sentences(without):
        if _tools_in(one).difference(offered):
            kept = f"{kept[:-1]}." if kept.endswith(";") else kept  # the rest of the sentence is left out
        else:
            kept += f" {one if kept.endswith(';') else one[:1].upper() + one[1:]}" if kept else one
    return kept


def name_offered_only(text: str, offered: Collection[str]) -> str:
    """Return an error text without advice about tools that are not offered. The first sentence stays."""
    if not offered:
        return text
    first, *others = text.split("\n")
    problem, *advice = split_sentences(first)
    lines = [offered_only(" ".join([_in_words(problem, offered), *advice]), offered)]
    lines += filter(None, (offered_only(one, offered) for one in others))
    return "\n".join(lines)


def _in_words(text: str, offered: Collection[str]) -> str:
    missing = _tools_in(text).difference(offered)
    return _WORD.sub(lambda word: word[0].replace("_", " ") if word[0] in missing else word[0], text)


def _tools_in(text: str) -> set[str]:
    words = set(_WORD.findall(text))
    return {word for word in words if word in _OPERATIONS or word in _OTHER_ACTIONS or _ACTION.fullmatch(word)}
