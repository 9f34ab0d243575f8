"""Ask the person at the MCP client before a billable or destructive call (elicitation).

Up to protocol version 2025-11-25 the server sends the question as a request and waits for the response. Since
2026-07-28 a server sends no requests. The call then returns the question and a sealed state, and the client calls again
with the person's answer and that state. The seal covers the arguments, so that an answer counts only for the call that
the person saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, TypeAlias

import msgspec
from mcp import types
from mcp.server.context import ServerRequestContext
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from ..agents import Tool
from ..client import AsyncHeyGen
from ..errors import ToolRefusedError
from ..types.base import JSONValue
from .bearer_tokens import user_of

Context: TypeAlias = "ServerRequestContext[AsyncHeyGen, Any]"

_FIELD = "confirm"
_ALWAYS = "do_not_ask_again"
_FORM = {
    "type": "object",
    "properties": {
        _FIELD: {"type": "boolean", "title": "Run it", "default": True},
        _ALWAYS: {"type": "boolean", "title": "Do not ask again in this session", "default": False},
    },
}
_MAX_SHOWN = 200  # Characters of each argument in the question.


#: The call that the server is handling.
current_call: ContextVar[tuple[Context, types.CallToolRequestParams]] = ContextVar("current_call")


class Question(Exception):  # noqa: N818  It is no error, but the result of the call.
    """Ends a call with a question: the client asks the person and calls again."""

    def __init__(self, form: types.ElicitRequestFormParams) -> None:
        super().__init__()
        requests: types.InputRequests = {_FIELD: types.ElicitRequest(params=form)}
        self.result: types.InputRequiredResult = types.InputRequiredResult(
            input_requests=requests, request_state=_FIELD
        )


async def confirm(tool: Tool, arguments: Mapping[str, JSONValue]) -> bool:
    """Return whether the person at the client of the current call agrees.

    Raises:
        ToolRefusedError: The client does not support questions. The message has the token of this call.
        Question: The client has to ask the person, and call again with the reply.
    """
    context, params = current_call.get()
    session = _session_of(context)
    if tool.confirmations is not None and session in tool.confirmations.sessions and not tool.operation.destructive:
        return True
    effect = "cannot be undone" if tool.operation.destructive else "is charged for"
    if tool.operation.billable:
        effect = f"costs {await tool.describe_price(arguments)}"
    if not _can_ask(context):
        raise _refusal(tool, arguments, effect)
    values = ", ".join(f"{name}={_shorten(value)}" for name, value in arguments.items())
    message = f"{tool.name} {effect}. Run it? {values}"
    form = types.ElicitRequestFormParams(message=message, requested_schema=_FORM)
    response: object
    if context.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        response = await context.session.elicit_form(form.message, form.requested_schema, context.request_id)
    elif params.request_state == _FIELD and params.input_responses:
        response = params.input_responses.get(_FIELD)
    else:
        raise Question(form)
    if not isinstance(response, types.ElicitResult) or response.action != "accept":
        return False
    content = response.content or {}  # Some clients show no form, only a button.
    if content.get(_FIELD, True) is not True:
        return False
    if content.get(_ALWAYS) is True and session is not None and tool.confirmations is not None:
        tool.confirmations.sessions.add(session)
    return True


def _session_of(context: Context) -> tuple[str, str] | None:
    """Return the user and the id of the client's session: empty over stdio, None for HTTP without sessions."""
    if context.request is None:
        return "", ""
    session = context.request.headers.get("mcp-session-id")
    return None if session is None else (user_of(context), session)


def _refusal(tool: Tool, arguments: Mapping[str, JSONValue], effect: str) -> ToolRefusedError:
    reason = f"{effect}, and this client cannot ask the person first"
    if tool.confirmations is None:
        return ToolRefusedError(tool.name, reason, "Ask the person to run it.")
    token = tool.confirmations.issue(tool.name, arguments)
    advice = (
        "Ask the person first, with the price. Only if the person agrees, call it again within 10 minutes "
        f"with the same arguments and confirmation_token={token!r}."
    )
    return ToolRefusedError(tool.name, reason, advice)


def _can_ask(context: Context) -> bool:
    capabilities = context.session.client_capabilities
    elicitation = capabilities.elicitation if capabilities else None
    # A client that names no mode supports forms.
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)


def _shorten(value: JSONValue) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}… ({len(text)} characters)"
