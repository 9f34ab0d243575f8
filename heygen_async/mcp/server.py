"""The server: list and call tools. It opens the client when it starts and closes it at its end."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import msgspec

from .. import __version__
from .._http.argument_checks import nearest_name
from ..agents import BoundedCalls, Spending, Tool, tools
from ..agents.callers import Caller, caller
from ..agents.messages import describe_error
from ..agents.spending import Confirmations
from ..client import AsyncHeyGen
from ..errors import HeyGenError
from ..types.redaction import format_value

try:
    from mcp import MCPError, types
    from mcp.server.lowlevel.server import Server
    from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity

    from .bearer_tokens import user_of
    from .completion import Completion
    from .confirmation import Question, confirm, current_call
    from .progress_reports import ProgressReports
    from .prompts import Prompts
    from .video_resources import VideoResources
except ImportError as _error:
    raise ImportError("heygen_async.mcp needs the package mcp, 2 or newer: pip install 'heygen-async[mcp]'") from _error

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Mapping
    from os import PathLike

    from .confirmation import Context

MAX_WAIT = 20.0
_INSTRUCTIONS = (
    "HeyGen makes videos in which avatars speak, translates them, and more. A tool that creates one returns its id at "
    "once: pass it to the tool wait_for_… that its description names. Lists are paginated; pass next_token as token."
)


def create_server(
    client: AsyncHeyGen,
    *,
    toolset: str | Iterable[str] | None = None,
    include: Iterable[str] | None = None,
    exclude: Iterable[str] = (),
    read_only: bool = False,
    spending: Spending = "confirm",
    files: str | PathLike[str] | None = None,
    output_dir: str | PathLike[str] | None = None,
    budget: float | None = None,
    allow_unpriced: bool = False,
    max_wait: float = MAX_WAIT,
    users: Mapping[str, AsyncHeyGen] | None = None,
) -> Server[AsyncHeyGen]:
    """Return an MCP server with tools of HeyGen. It opens the client when it starts and closes it at its end.

    Args:
        client: The client that the tools call.
        toolset: The names of one or more toolsets, as in `tools()`. Default: `video`, or with `include` no toolset.
        include: The names of more tools.
        exclude: The names of tools to leave out.
        read_only: Leave out what changes anything at HeyGen.
        spending: Whether billable and destructive tools run: `allow`, `confirm` (if the person at the MCP client
            agrees) or `deny`.
        files: The folder whose files may be uploaded. Relative paths start there. Default: no local files.
        output_dir: The folder into which `download_video` and its like save files. Default: there are no such tools.
        budget: The maximum that all tools together spend, in USD by the published rates. See
            `heygen_async.pricing`. A user with a client of their own has a budget of their own. Default: no limit.
        allow_unpriced: Let calls run whose rate is not published; the budget does not count them.
        max_wait: The maximum seconds of a call that waits for a job. Hosts give up on slow calls, some after 5 s.
        users: Over HTTP with bearer tokens: the client of each user, by name. Default: `client` for everybody.

    Raises:
        ConfigurationError: A name in `toolset`, `include` or `exclude` is unknown.
    """
    bounded = BoundedCalls(max_wait)
    clients = {"": client, **(users or {})}

    def client_of(context: Context) -> AsyncHeyGen:
        return clients[user_of(context)]

    asks = spending == "confirm"
    select = partial(
        tools, toolset="video" if toolset is None and include is None else toolset, include=include, exclude=exclude,
        read_only=read_only, files=files, output_dir=output_dir, spending=spending,
        confirm=confirm if asks else None, confirmations=Confirmations() if asks else None,
        budget=budget, allow_unpriced=allow_unpriced, bounded=bounded,
    )  # fmt: skip
    by_client = {one: select(one) for one in dict.fromkeys(clients.values())}
    handlers = _ToolHandlers({name: by_client[one] for name, one in clients.items()})
    videos, prompts = VideoResources(client_of), Prompts(handlers.reachable)
    server = Server(
        "heygen",
        title="HeyGen",
        version=__version__,
        instructions=_INSTRUCTIONS,
        lifespan=lambda _: _open(clients.values(), bounded),
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
        on_list_resources=videos.list_videos,
        on_list_resource_templates=videos.list_templates,
        on_read_resource=videos.read_video,
        on_list_prompts=prompts.list_prompts,
        on_get_prompt=prompts.get_prompt,
        on_completion=Completion(client_of).complete,
    )
    server.get_tool_input_schema = handlers.input_schema  # Only newer versions take it as an argument.
    server.middleware.append(RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience=server.name))
    return server


@asynccontextmanager
async def _open(clients: Iterable[AsyncHeyGen], bounded: BoundedCalls) -> AsyncGenerator[AsyncHeyGen]:
    """Open the clients, and at the end cancel the creates that still run and close the clients.

    The connections open at the first call, because hosts start many servers that are never called.
    """
    opened = list(dict.fromkeys(clients))
    async with AsyncExitStack() as stack:
        for client in opened:
            state = client._transport.shared_state  # noqa: SLF001
            await state.enter(lazily=True)
            stack.push_async_callback(state.leave)
        await stack.enter_async_context(bounded)
        yield opened[0]


class _ToolHandlers:
    """The handlers of `tools/list` and `tools/call`."""

    def __init__(self, offered: Mapping[str, Iterable[Tool]]) -> None:
        self._by_user = {user: {tool.name: tool for tool in tools} for user, tools in offered.items()}
        self._tools = self._by_user[""]
        #: The names of the tools, and of those that `call_tool` reaches.
        self.reachable: frozenset[str] = frozenset().union(*(tool.offered for tool in self._tools.values()))

    def input_schema(self, name: str) -> Mapping[str, Any] | None:
        return self._tools[name].input_schema if name in self._tools else None

    @cached_property
    def _list(self) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_definition(tool) for tool in self._tools.values()])

    async def list_tools(self, *_: object) -> types.ListToolsResult:
        return self._list

    async def call_tool(
        self, context: Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        if params.name not in self._tools:
            raise MCPError(types.INVALID_PARAMS, self._describe_unknown(params.name))
        user = user_of(context)
        caller.set(Caller(user, partial(_is_connected, context)))
        current_call.set((context, params))
        tool = self._by_user[user][params.name]
        reports = ProgressReports(context)
        try:
            async with reports.every_few_seconds():
                response = await tool.run(params.arguments or {}, on_update=reports.report_update)
        except Question as question:
            return question.result
        except HeyGenError as error:
            content = types.TextContent(text=describe_error(error, tool.offered))
            return types.CallToolResult(content=[content], is_error=True)
        text = msgspec.json.encode(response).decode()
        return types.CallToolResult(content=[types.TextContent(text=text)], structured_content=response)

    def _describe_unknown(self, name: str) -> str:
        if name in self.reachable:
            return f"{name} is no tool of its own: run call_tool with its name and its arguments."
        near = nearest_name(name, self._tools)
        advice = f"did you mean {near}?" if near else "tools/list names all tools."
        return f"There is no tool {format_value(name)}; {advice}"


async def _is_connected(context: Context) -> bool:
    """Return whether the client still receives the response of a request."""
    return context.request is None or not await context.request.is_disconnected()


def _definition(tool: Tool) -> types.Tool:
    hints = types.ToolAnnotations(
        title=tool.name.replace("_", " ").capitalize(),
        read_only_hint=not tool.operation.mutating,
        destructive_hint=tool.operation.destructive,
        idempotent_hint=tool.operation.idempotent,  # A key does not count: a call without one is charged again.
        open_world_hint=True,
    )
    return types.Tool(
        name=tool.name, description=tool.description, annotations=hints,
        input_schema=tool.input_schema, output_schema=tool.output_schema,
    )  # fmt: skip
