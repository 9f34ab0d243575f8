"""Serve a webhook that HeyGen calls when a video is finished, with FastAPI, Starlette or aiohttp.

python examples/webhook_server.py --framework fastapi

HeyGen calls only public https URLs. With a key, pass the URL that leads to this machine as --url. The local HeyGen
needs none.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
from contextlib import AbstractAsyncContextManager

from local import open_heygen, run, serve_aiohttp, serve_asgi

from heygen_async import WebhookReceiver
from heygen_async.types.videos import AvatarVideo
from heygen_async.types.webhooks import VideoFailEvent, VideoSuccessEvent

PATH = "/webhooks/heygen"


def serving(framework: str, receiver: WebhookReceiver, here: socket.socket) -> AbstractAsyncContextManager[None]:
    """Serve the receiver at its path."""
    if framework == "aiohttp":
        from aiohttp import web

        app = web.Application()
        app.router.add_route("*", PATH, receiver.aiohttp_handler)
        return serve_aiohttp(app, here)
    from fastapi import FastAPI
    from starlette.applications import Starlette
    from starlette.routing import Route

    app_type = FastAPI if framework == "fastapi" else Starlette
    return serve_asgi(app_type(routes=[Route(PATH, receiver)]), here)


async def main(framework: str, url: str | None, port: int) -> None:
    done = asyncio.Event()
    receiver = WebhookReceiver(None)  # the endpoint below has the secret

    @receiver.on("avatar_video.success")
    async def on_success(event: VideoSuccessEvent) -> None:
        print(f"{event.event_data.video_id} is done: {event.event_id}, verified: {event.verified}")
        done.set()

    @receiver.on("avatar_video.fail")
    async def on_failure(event: VideoFailEvent) -> None:
        print(f"{event.event_data.video_id} failed: {event.event_data.msg}")
        done.set()

    here = socket.create_server(("127.0.0.1", port))
    async with open_heygen() as heygen, receiver, serving(framework, receiver, here):
        address = url or f"http://127.0.0.1:{here.getsockname()[1]}{PATH}"
        endpoint = await heygen.webhooks.endpoints.create(
            url=address, events=["avatar_video.success", "avatar_video.fail"]
        )
        try:
            receiver.add_secret(endpoint.secret or "")
            await heygen.videos.create(AvatarVideo(avatar_id="avatar_1", script="Good morning!"))
            await done.wait()
        finally:
            await heygen.webhooks.endpoints.delete(endpoint.endpoint_id)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--framework", choices=["fastapi", "starlette", "aiohttp"], default="fastapi")
    parser.add_argument("--url", help="the public https URL that leads to this machine's port")
    parser.add_argument("--port", type=int, default=0, help="the port (default: a free one)")
    arguments = parser.parse_args()
    run(main(arguments.framework, arguments.url, arguments.port))
