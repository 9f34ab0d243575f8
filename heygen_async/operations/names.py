"""What the resources are called on the command line, and what it has beside them: known before anything is imported."""

from __future__ import annotations

import os

#: The words of HeyGen's own command line, where the rule would make others.
_NOUNS = {"video_translations": "video-translate", "hyperframes": "hyperframes"}
#: Commands that are no operations.
COMMANDS = {
    "api": "ask any endpoint, and print its answer whole",
    "auth": "whose key it is, and what may still be spent",
    "batch": "a job for each row of a CSV or JSON Lines file, resumable",
    "completion": "the script that completes commands in a shell",
    "listen": "receive webhooks here, and print the events",
    "upload": "upload files of any size",
    "watch": "follow a job until it ends, a line a look",
}
_HEAD = '"""`heygen.'


def singular(noun: str) -> str:
    """`brand_glossaries` as `brand_glossary`."""
    return f"{noun[:-3]}y" if noun.endswith("ies") else noun.removesuffix("s")


def noun_of(resource: str) -> str:
    """`video_agents` as `video-agent`."""
    return _NOUNS.get(resource) or singular(resource).replace("_", "-")


def nouns() -> dict[str, tuple[str, str]]:
    """The resource of each noun, and what it is for: the first line of its file."""
    found: dict[str, tuple[str, str]] = {}
    folder = os.path.join(os.path.dirname(os.path.dirname(__file__)), "resources")
    for name in os.listdir(folder):
        if name.endswith(".py"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                head = file.readline()
            if head.startswith(_HEAD):
                about = head.rstrip().removesuffix('"""').partition("`: ")[2].rstrip(".")
                found[noun_of(name[:-3])] = name[:-3], about
    return found
