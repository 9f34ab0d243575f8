"""`python -m heygen_async.mcp`: every operation of HeyGen as a tool of an MCP server, over stdio or streamable HTTP.

The tools are those of `heygen_async.tools`; finished videos are resources. The key comes from the environment, never
from an argument, which every program of the machine could read.

What is charged for, or cannot be undone, runs when the person agrees, whom the client asks. Up to the protocol of
2025-11-25 the server sends it the question. Since 2026-07-28 a server sends no requests: the call is answered with the
question and a seal, and the client calls again with the answer and the seal, which fits the same arguments alone.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from functools import cached_property, partial
from logging import getLogger
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import anyio
import msgspec

from .. import __version__
from .._http.configuration import is_loopback
from ..agents import Spending, Tool, tools
from ..agents.messages import describe_error, describe_ids
from ..client import AsyncHeyGen
from ..errors import (
    BadRequestError,
    ConfigurationError,
    HeyGenError,
    InvalidInputError,
    NotFoundError,
    ToolRefusedError,
)
from ..operations.catalog import json_of

try:
    import uvicorn
    from mcp import MCPError, UriTemplate, stdio_server, types
    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
    from mcp.server.lowlevel.server import Server
    from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
    from mcp.server.transport_security import TransportSecuritySettings
    from mcp_types.version import MODERN_PROTOCOL_VERSIONS
except ImportError as _missing:
    raise ImportError(
        "heygen_async.mcp needs the package mcp, 2 or newer: pip install 'heygen-async[mcp]'"
    ) from _missing

if TYPE_CHECKING:
    from os import PathLike
    from types import FrameType

    from .._jobs.wait_options import JobUpdate
    from ..types.base import JSONValue

_Context: TypeAlias = "ServerRequestContext[AsyncHeyGen, Any]"

_ABOUT = (
    "HeyGen makes videos in which avatars speak, translates them, and more. What takes minutes answers at once with an "
    "id: ask for it again later, or call the tool with wait=true. Lists come in pages; give next_token as token."
)
_VIDEO = UriTemplate.parse("heygen://videos/{video_id}")
_JSON = "application/json"
_CONFIRM = "confirm"
_FORM = {"type": "object", "properties": {_CONFIRM: {"type": "boolean", "title": "Run it"}}, "required": [_CONFIRM]}
_SHOWN = 200  # characters of each argument, in the question
_CLOSING = 1  # seconds that open connections have at the end


def server(
    client: AsyncHeyGen,
    *,
    include: Iterable[str] | None = None,
    spending: Spending = "confirm",
    files: str | PathLike[str] | None = None,
) -> Server[AsyncHeyGen]:
    """An MCP server of HeyGen's operations, which opens the client when it begins and closes it at its end.

    Args:
        include: The names of the tools that are wanted; by default all of them.
        spending: Whether what is charged for, or cannot be undone, runs: `allow`, `confirm` (when the person, whom the
            client asks, agrees), or `deny`.
        files: The folder whose files may be uploaded, from which relative paths are taken; by default none may.

    Raises:
        ConfigurationError: There is no such tool.

    """
    offered = [msgspec.structs.replace(tool, spending=spending) for tool in tools(client, include=include, files=files)]
    handlers = _Handlers(client, {tool.name: tool for tool in offered})
    made = Server(
        "heygen",
        title="HeyGen",
        version=__version__,
        instructions=_ABOUT,
        lifespan=lambda _: client,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
        on_list_resources=handlers.list_videos,
        on_list_resource_templates=handlers.list_templates,
        on_read_resource=handlers.read_video,
    )
    made.get_tool_input_schema = handlers.input_schema  # an argument to newer versions alone
    made.middleware.append(RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience=made.name))
    return made


class _Handlers:
    """What is done with each request."""

    def __init__(self, client: AsyncHeyGen, offered: Mapping[str, Tool]) -> None:
        self._client = client
        self._tools = offered

    def input_schema(self, name: str) -> Mapping[str, Any] | None:
        return self._tools[name].input_schema if name in self._tools else None

    @cached_property
    def _listed(self) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in self._tools.values()])

    async def list_tools(self, *_: object) -> types.ListToolsResult:
        return self._listed

    async def call_tool(
        self, context: _Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        if params.name not in self._tools:
            raise MCPError(types.INVALID_PARAMS, f"There is no tool {params.name!r}; tools/list names all.")
        tool = msgspec.structs.replace(self._tools[params.name], confirm=partial(_confirmed, context, params))
        try:
            progress = _Progress(context)
            answer = await tool.run(params.arguments or {}, on_created=progress.begun, on_update=progress.update)
        except _Question as question:
            return question.result
        except HeyGenError as error:
            return types.CallToolResult(
                content=[types.TextContent(text=describe_error(error, tool.operation.wait))], is_error=True
            )
        return types.CallToolResult(content=[types.TextContent(text=_json(answer))], structured_content=answer)

    async def list_videos(self, _: _Context, params: types.PaginatedRequestParams | None) -> types.ListResourcesResult:
        with _protocol_errors():
            page = await self._client.videos.list(token=params.cursor if params else None)
        finished = [
            types.Resource(uri=_VIDEO.expand({"video_id": video.id}), name=video.title or video.id, mime_type=_JSON)
            for video in page.data
            if video.status == "completed"
        ]
        return types.ListResourcesResult(resources=finished, next_cursor=page.next_token if page.has_more else None)

    async def list_templates(self, *_: object) -> types.ListResourceTemplatesResult:
        about = "A video: its state, and URLs of its files that are good for a while from now."
        video = types.ResourceTemplate(uri_template=str(_VIDEO), name="video", description=about, mime_type=_JSON)
        return types.ListResourceTemplatesResult(resource_templates=[video])

    async def read_video(self, _: _Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        found = _VIDEO.match(params.uri)
        if found is None:
            raise MCPError(types.INVALID_PARAMS, f"There is no resource {params.uri!r}; videos are {_VIDEO}.")
        with _protocol_errors():
            video = await self._client.videos.get(str(found["video_id"]))
        content = types.TextResourceContents(uri=params.uri, mime_type=_JSON, text=_json(json_of(video)))
        return types.ReadResourceResult(contents=[content])


class _Question(Exception):  # noqa: N818  no error: it is what the call is answered with
    """The client has to ask the person, and call again."""

    def __init__(self, form: types.ElicitRequestFormParams) -> None:
        super().__init__()
        asked: types.InputRequests = {_CONFIRM: types.ElicitRequest(params=form)}
        self.result = types.InputRequiredResult(input_requests=asked, request_state=_CONFIRM)


async def _confirmed(
    context: _Context, params: types.CallToolRequestParams, tool: Tool, arguments: Mapping[str, JSONValue]
) -> bool:
    what = "cannot be undone" if tool.operation.destructive else "is charged for"
    capabilities = context.session.client_capabilities
    can = capabilities.elicitation if capabilities else None
    if can is None or (can.form is None and can.url is not None):  # who names no mode has forms
        raise ToolRefusedError(
            f"{tool.name} {what}, and this client cannot ask the person first; nothing was sent. "
            "Where it may run unasked, start the server with --spending allow."
        )
    given = ", ".join(f"{name}={_shown(value)}" for name, value in arguments.items())
    form = types.ElicitRequestFormParams(message=f"{tool.name} {what}. Run it? {given}", requested_schema=_FORM)
    answer: object
    if context.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        answer = await context.session.elicit_form(form.message, form.requested_schema, context.request_id)
    elif params.request_state == _CONFIRM and params.input_responses:
        answer = params.input_responses.get(_CONFIRM)
    else:
        raise _Question(form)
    agreed = answer.content if isinstance(answer, types.ElicitResult) and answer.action == "accept" else None
    return agreed is not None and agreed.get(_CONFIRM) is True


def _shown(value: JSONValue) -> str:
    text = _json(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"


class _Progress:
    """Tells a client that wants to know what was begun, and of every look: with the id, for who cancels."""

    def __init__(self, context: _Context) -> None:
        self._session = context.session
        self._last = -1.0

    async def begun(self, answer: dict[str, JSONValue]) -> None:
        """At once, before the first look."""
        await self._tell(0, None, f"begun: {describe_ids(answer)}")

    async def update(self, update: JobUpdate[Any]) -> None:
        """At every look."""
        now, of = (update.poll_count, None) if update.progress is None else (update.progress, 100)
        await self._tell(now, of, f"{update.kind} {update.id}: {update.state}")

    async def _tell(self, now: float, of: float | None, said: str) -> None:
        # Each number has to be above the one before, and a percentage may stand still for many looks.
        self._last = max(self._last + 0.001, now)
        await self._session.report_progress(self._last, of, said)


@contextmanager
def _protocol_errors() -> Generator[None]:
    try:
        yield
    except HeyGenError as error:
        asked_wrong = isinstance(error, BadRequestError | NotFoundError | InvalidInputError)
        code = types.INVALID_PARAMS if asked_wrong else types.INTERNAL_ERROR
        raise MCPError(code, describe_error(error)) from None


def _described(tool: Tool) -> types.Tool:
    hints = types.ToolAnnotations(
        title=tool.name.replace("_", " ").capitalize(),
        read_only_hint=not tool.operation.mutating,
        destructive_hint=tool.operation.destructive,
        idempotent_hint=tool.operation.idempotent,  # no key makes it so: a call without one is charged again
        open_world_hint=True,
    )
    return types.Tool(
        name=tool.name, description=tool.description, annotations=hints,
        input_schema=tool.input_schema, output_schema=tool.output_schema,
    )  # fmt: skip


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def _serve_stdio(served: Server[AsyncHeyGen]) -> int:
    loop = asyncio.get_running_loop()
    async with stdio_server() as (incoming, outgoing):
        with anyio.CancelScope() as life:
            _on_signals(lambda: loop.call_soon_threadsafe(life.cancel))
            await served.run(incoming, outgoing, served.create_initialization_options())
        if life.cancel_called:
            os._exit(0)  # the client is closed, but a thread reads stdin, and nothing else ends that
    return 0


async def _serve_http(served: Server[AsyncHeyGen], host: str, port: int) -> int:
    name = f"[{host}]" if ":" in host else host
    try:
        bound = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        return _wrong(f"Cannot listen at {name}:{port}: {error}.")
    if not is_loopback(host):
        _say("Other machines may reach this port; whoever does acts with your HeyGen key, and spends from its account.")
    names = [f"{one}{any_port}" for one in ("127.0.0.1", "localhost", "[::1]", name) for any_port in ("", ":*")]
    guard = TransportSecuritySettings(allowed_hosts=names, allowed_origins=[f"http://{one}" for one in names])
    app = served.streamable_http_app(transport_security=guard)
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=_CLOSING)
    _on_signals(lambda: None)  # uvicorn takes them over, and raises them again when it has ended
    _say(f"HeyGen's tools are at http://{name}:{bound.getsockname()[1]}/mcp")
    await _HTTP(config, served).serve(sockets=[bound])
    return 0


class _HTTP(uvicorn.Server):
    """Answers what is under way when it ends, which nothing else would before the connections are cut."""

    def __init__(self, config: uvicorn.Config, served: Server[AsyncHeyGen]) -> None:
        super().__init__(config)
        self._loop = asyncio.get_running_loop()
        self._under_way: set[anyio.CancelScope] = set()
        served.middleware.append(self._answer)

    async def _answer(self, ctx: _Context, call_next: CallNext) -> HandlerResult:
        said = ["The server ends; what was begun goes on at HeyGen, whose lists show it."]
        with anyio.CancelScope() as scope:
            self._under_way.add(scope)
            try:
                return await call_next(ctx)
            except asyncio.CancelledError as cancelled:
                said += getattr(cancelled, "__notes__", ())  # which name it
                raise
            finally:
                self._under_way.discard(scope)
        raise MCPError(types.INTERNAL_ERROR, " ".join(said))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        for scope in self._under_way:
            self._loop.call_soon_threadsafe(scope.cancel)
        getLogger("uvicorn.error").setLevel("CRITICAL")  # what the end cuts off is no error
        super().handle_exit(sig, frame)


def _on_signals(act: Callable[[], object]) -> None:
    def acted(_: int, __: FrameType | None) -> None:
        act()

    signal.signal(signal.SIGINT, acted)
    signal.signal(signal.SIGTERM, acted)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201  a program's output


def _wrong(text: str) -> int:
    _say(text)
    return 2


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port from 0 to 65535")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m heygen_async.mcp",
        description="HeyGen as an MCP server.",
        epilog="The key is HEYGEN_API_KEY of the environment.",
    )
    add = made.add_argument
    add("--transport", choices=["stdio", "http"], default="stdio", help="(default: stdio)")
    add("--host", default="127.0.0.1", help="where http listens, and what it may be called by (default: 127.0.0.1)")
    add("--port", type=_port, default=8000, help="its port, 0 for any that is free (default: 8000)")
    add("--include", nargs="+", metavar="NAME", help="the tools that are wanted (default: all)")
    spending = "what is charged for or cannot be undone: run it, ask the person first (default), or deny it"
    add("--spending", choices=["allow", "confirm", "deny"], default="confirm", help=spending)
    add("--files", type=Path, metavar="DIR", help="the folder whose files may be uploaded (default: none)")
    return made


def run_main() -> int:
    """Run this process's command line."""
    arguments = parser().parse_args()
    if not os.environ.get("HEYGEN_API_KEY"):
        return _wrong("There is no key: set HEYGEN_API_KEY to one from https://app.heygen.com/settings (API).")
    if arguments.files is not None and not arguments.files.is_dir():
        return _wrong(f"--files {arguments.files} is no folder.")
    try:
        served = server(AsyncHeyGen(), include=arguments.include, spending=arguments.spending, files=arguments.files)
    except ConfigurationError as error:
        return _wrong(str(error))
    if arguments.transport == "stdio":
        return asyncio.run(_serve_stdio(served))
    return asyncio.run(_serve_http(served, arguments.host, arguments.port))
