"""Create a video in a conversation with the Video Agent, at a terminal.

    python examples/chat_session.py "A short video about our new app" -o app.mp4

The agent asks and you reply. `@chart.png` in a reply sends that file with it. An empty reply ends the program. The
session stays at HeyGen, and `--session ID` continues it.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from local import open_heygen, run, show

from heygen_async import NotFoundError

if TYPE_CHECKING:
    from heygen_async import AsyncHeyGen
    from heygen_async.types.video_agents import MessageSent, Session, SessionCreated


class Conversation:
    """The messages of a session, each printed once, in their order."""

    def __init__(self, heygen: AsyncHeyGen) -> None:
        self._heygen = heygen
        self._shown: set[tuple[str | None, str | None, int | None]] = set()

    async def show(self, session: Session) -> None:
        """Print the new messages and the resources that they name."""
        for message in session.conversation:
            key = (message.role, message.content, message.created_at)
            if key in self._shown:
                continue
            self._shown.add(key)
            print(f"{'you' if message.role == 'user' else 'HeyGen'}: {message.content}")
            for id in message.resource_ids or []:
                try:
                    resource = await self._heygen.video_agents.get_resource(session.session_id, id)
                except NotFoundError:
                    continue
                print(f"  [{resource.resource_type}] {resource.preview_url or resource.url or resource.resource_id}")


async def read_reply() -> tuple[str, list[Path]]:
    """Return a line from the terminal and the files that it names; an empty line at the end of the input."""
    try:
        line = await anyio.to_thread.run_sync(input, "> ", abandon_on_cancel=True)
    except EOFError:
        return "", []
    files = [Path(name) for name in re.findall(r"(?:^|\s)@(\S+)", line)]
    return line.strip(), files


async def main(prompt: str, session_id: str | None, output: str) -> None:
    async with open_heygen() as heygen:
        job: str | SessionCreated | MessageSent
        job = session_id or await heygen.video_agents.create(prompt=prompt, mode="chat")
        conversation = Conversation(heygen)
        while True:
            session = await heygen.wait_for_session(job, on_update=show)
            await conversation.show(session)
            if session.status == "completed":
                break
            message, files = await read_reply()
            if not message:
                print(f"The session stays at HeyGen: --session {session.session_id}")
                return
            job = await heygen.video_agents.send_message(session.session_id, message=message, files=files or None)
        video = await heygen.wait_for_video(session, on_update=show)
        print(await heygen.download(video, output, overwrite=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prompt", nargs="?", default="A short video about our new app")
    parser.add_argument("--session", help="continue this session")
    parser.add_argument("-o", "--output", default="chat.mp4")
    arguments = parser.parse_args()
    run(main(arguments.prompt, arguments.session, arguments.output))
