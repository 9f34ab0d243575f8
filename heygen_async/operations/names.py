"""The nouns of the command line and the commands beside them, in a file that imports nothing of the SDK."""

from __future__ import annotations

import os

#: The nouns of HeyGen's own command line, where the rule would make others.
_COMMAND_NAMES = {
    "brand_glossaries": "brand glossaries",
    "brand_kits": "brand kits",
    "hyperframes": "hyperframes",
    "video_translations": "video-translate",
}
#: The commands that are no operations, with their descriptions.
COMMANDS = {
    "agents-md": "print a guide for coding agents",
    "api": "call any endpoint, and print its whole response",
    "auth": "sign in and out, and show the account and its balance",
    "batch": "run a job for each row of a CSV or JSON Lines file, resumable",
    "completion": "print the script that completes commands in a shell",
    "config": "set the output that commands print by default",
    "demo": "create a sample video with a local HeyGen, without a key",
    "doctor": "compare the responses of the API with its contract",
    "listen": "receive webhooks here, and print the events",
    "mcp": "serve HeyGen's tools to MCP hosts such as Claude and Cursor (extra `mcp`)",
    "upload": "upload files of any size",
    "watch": "follow a job until it ends, with a line for each poll",
    "worker": "execute the rows of `batch --engine temporal` on this machine (extra `temporal`)",
}
_DOCSTRING_START = '"""`heygen.'


def noun_of(resource: str) -> str:
    """Return the noun of a resource, of one or two words: `video-agent` for `video_agents`."""
    singular = f"{resource[:-3]}y" if resource.endswith("ies") else resource.removesuffix("s")
    return _COMMAND_NAMES.get(resource) or singular.replace("_", "-")


def command_resources() -> dict[str, tuple[str, str]]:
    """Return, by noun, the resource and its description, which is the first line of the resource's file."""
    found: dict[str, tuple[str, str]] = {}
    folder = os.path.join(os.path.dirname(os.path.dirname(__file__)), "resources")
    for name in os.listdir(folder):
        if name.endswith(".py"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                first_line = file.readline()
            if first_line.startswith(_DOCSTRING_START):
                description = first_line.rstrip().removesuffix('"""').partition("`: ")[2].rstrip(".")
                found[noun_of(name[:-3])] = name[:-3], description
    return found
