"""Fixtures of the MCP server's tests."""

from __future__ import annotations

import pytest
from mcp_support import (
    PROTOCOL_MODES,
)


@pytest.fixture(params=PROTOCOL_MODES)
def protocol_mode(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(autouse=True)
def quiet_client(caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG the official client and the server's transport log all that they get and send, presigned URLs too."""
    caplog.set_level("INFO", "mcp.client")
    caplog.set_level("INFO", "sse_starlette")
