"""Ask the person at the MCP client before a billable or destructive call (elicitation).

Up to protocol version 2025-11-25 the server sends the question as a request and waits for the response. Since
2026-07-28 a server sends no requests. The call then returns the question and a sealed state, and the client calls again
with the person's answer and that state. The seal covers the arguments, so that an answer counts only for the call that
the person saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec
from mcp import types
from mcp.server.context import ServerRequestContext
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from .._http.worker_threads import run_in_thread
from ..agents import Tool
from ..client import AsyncHeyGen
from ..errors import ToolRefusedError
from ..pricing import rates
from ..types.base import JSONValue

Context: TypeAlias = "ServerRequestContext[AsyncHeyGen, Any]"

_FIELD = "confirm"
_FORM = {"type": "object", "properties": {_FIELD: {"type": "boolean", "title": "Run it"}}, "required": [_FIELD]}
_MAX_SHOWN = 200  # Characters of each argument in the question.


class Question(Exception):  # noqa: N818  It is no error, but the result of the call.
    """Ends a call with a question: the client asks the person and calls again."""

    def __init__(self, form: types.ElicitRequestFormParams) -> None:
        super().__init__()
        requests: types.InputRequests = {_FIELD: types.ElicitRequest(params=form)}
        self.result: types.InputRequiredResult = types.InputRequiredResult(
            input_requests=requests, request_state=_FIELD
        )


async def confirm(
    context: Context, params: types.CallToolRequestParams, tool: Tool, arguments: Mapping[str, JSONValue]
) -> bool:
    """Return whether the person agrees to the call.

    Raises:
        ToolRefusedError: The client does not support questions.
        Question: The client has to ask the person, and call again with the reply.
    """
    effect = "cannot be undone" if tool.operation.destructive else "is charged for"
    if not _can_ask(context):
        reason = f"{effect}, and this client cannot ask the person first"
        advice = "To run it without a question, start the server with --spending allow."
        raise ToolRefusedError(tool.name, reason, advice)
    values = ", ".join(f"{name}={_shorten(value)}" for name, value in arguments.items())
    price = ""
    if tool.operation.billable:
        await run_in_thread(rates)
        price = f" Price: {tool.operation.estimate(arguments)}."
    message = f"{tool.name} {effect}.{price} Run it? {values}"
    form = types.ElicitRequestFormParams(message=message, requested_schema=_FORM)
    response: object
    if context.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        response = await context.session.elicit_form(form.message, form.requested_schema, context.request_id)
    elif params.request_state == _FIELD and params.input_responses:
        response = params.input_responses.get(_FIELD)
    else:
        raise Question(form)
    content = response.content if isinstance(response, types.ElicitResult) and response.action == "accept" else None
    return content is not None and content.get(_FIELD) is True


def _can_ask(context: Context) -> bool:
    capabilities = context.session.client_capabilities
    elicitation = capabilities.elicitation if capabilities else None
    # A client that names no mode supports forms.
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)


def _shorten(value: JSONValue) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}… ({len(text)} characters)"
