"""Errors of the API as errors of the protocol, for handlers that return no tool result."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mcp import MCPError, types

from ..agents.messages import describe_error
from ..errors import BadRequestError, HeyGenError, InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def protocol_errors() -> Generator[None]:
    """Raise errors of the API as errors of the protocol."""
    try:
        yield
    except HeyGenError as error:
        is_invalid = isinstance(error, BadRequestError | NotFoundError | InvalidInputError)
        raise MCPError(types.INVALID_PARAMS if is_invalid else types.INTERNAL_ERROR, describe_error(error)) from None
