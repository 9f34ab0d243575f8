"""Build one tool, read one error, and sample arguments for the tests of tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heygen_async import (
    AsyncHeyGen,
    Tool,
    tools,
)

SPOKEN: dict[str, Any] = {"avatar_id": "avatar_1", "script": "Hello there."}


def tool(client: AsyncHeyGen, name: str, **options: Any) -> Tool:
    (created,) = tools(client, include=[name], **options)
    return created


def error_of(response: Mapping[str, Any]) -> str:
    """The words of an answer that is nothing but an error."""
    assert list(response) == ["error"]
    return str(response["error"])
