"""Serve an app that creates a video from a JSON body and returns its state, with FastAPI, Litestar or aiohttp.

python examples/web_app.py --framework fastapi

One client serves all requests: it is opened when the app starts, and closed when it stops. The program sends
requests to its own app, prints the responses and ends; with --serve it goes on serving.
"""

import argparse
import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import aiohttp
import msgspec
from aiohttp import web
from local import open_heygen, run, serve_aiohttp, serve_asgi

from heygen_async import AsyncHeyGen, AvatarVideo, InvalidInputError
from heygen_async.types.videos import Video, VideoCreated

if TYPE_CHECKING:
    from fastapi import FastAPI
    from litestar import Litestar

HEYGEN = web.AppKey("heygen", AsyncHeyGen)


def fastapi_app() -> "FastAPI":
    """`/docs` shows each field of the body; an unknown or invalid one is a 422 that names it."""
    from fastapi import Body, FastAPI, Request
    from fastapi.responses import JSONResponse

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[dict[str, AsyncHeyGen]]:
        async with open_heygen() as heygen:
            yield {"heygen": heygen}

    app = FastAPI(lifespan=lifespan)

    @app.post("/videos")
    async def create(request: Request, body: Annotated[AvatarVideo, Body()]) -> VideoCreated:
        heygen: AsyncHeyGen = request.state.heygen
        return await heygen.videos.create(body)

    @app.get("/videos/{video_id}")
    async def show(request: Request, video_id: str) -> Video:
        heygen: AsyncHeyGen = request.state.heygen
        return await heygen.videos.get(video_id)

    @app.exception_handler(InvalidInputError)
    async def refuse(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=422)

    return app


def litestar_app() -> "Litestar":
    """Litestar reads and writes the structs itself; an invalid field is a 400 that names it."""
    from litestar import Litestar, get, post
    from litestar.datastructures import State
    from litestar.params import Body, FromPath

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncGenerator[None]:
        async with open_heygen() as heygen:
            app.state.heygen = heygen
            yield

    @post("/videos")
    async def create(state: State, data: Annotated[AvatarVideo, Body()]) -> VideoCreated:
        heygen: AsyncHeyGen = state.heygen
        return await heygen.videos.create(data)

    @get("/videos/{video_id:str}")
    async def show(state: State, video_id: FromPath[str]) -> Video:
        heygen: AsyncHeyGen = state.heygen
        return await heygen.videos.get(video_id)

    return Litestar([create, show], lifespan=[lifespan])


def aiohttp_app() -> web.Application:
    """aiohttp leaves the body to the app: msgspec reads it, and its error names the field."""

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        async with open_heygen() as heygen:
            app[HEYGEN] = heygen
            yield

    async def create(request: web.Request) -> web.Response:
        try:
            body = msgspec.json.decode(await request.read(), type=AvatarVideo)
            created = await request.app[HEYGEN].videos.create(body)
        except (msgspec.ValidationError, InvalidInputError) as error:
            raise web.HTTPUnprocessableEntity(text=str(error)) from error
        return web.json_response(text=created.to_json(), status=201)

    async def show(request: web.Request) -> web.Response:
        video = await request.app[HEYGEN].videos.get(request.match_info["video_id"])
        return web.json_response(text=video.to_json())

    app = web.Application()
    app.cleanup_ctx.append(lifespan)
    app.add_routes([web.post("/videos", create), web.get("/videos/{video_id}", show)])
    return app


def serving(framework: str, here: socket.socket) -> AbstractAsyncContextManager[None]:
    """Serve the app of a framework."""
    if framework == "aiohttp":
        return serve_aiohttp(aiohttp_app(), here)
    return serve_asgi(fastapi_app() if framework == "fastapi" else litestar_app(), here)


async def main(framework: str, port: int, *, serve: bool) -> None:
    here = socket.create_server(("127.0.0.1", port))
    address = f"http://127.0.0.1:{here.getsockname()[1]}/videos"
    # Each request has its own connection: the local HeyGen turns the clock, by which servers close idle ones.
    connector = aiohttp.TCPConnector(force_close=True)
    async with serving(framework, here), aiohttp.ClientSession(connector=connector) as visitor:
        video = {"type": "avatar", "avatar_id": "avatar_1", "script": "Good morning!"}
        async with visitor.post(address, json=video) as response:
            created = await response.json()
            print(response.status, created["video_id"])
        async with visitor.get(f"{address}/{created['video_id']}") as response:
            print(response.status, (await response.json())["status"])
        async with visitor.post(address, json=video | {"scrip": "A misspelt field"}) as response:
            print(response.status, "scrip" in await response.text())
        if serve:
            print(f"Serving {address}")
            await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--framework", choices=["fastapi", "litestar", "aiohttp"], default="fastapi")
    parser.add_argument("--port", type=int, default=0, help="the port (default: a free one)")
    parser.add_argument("--serve", action="store_true", help="go on serving")
    arguments = parser.parse_args()
    run(main(arguments.framework, arguments.port, serve=arguments.serve))
