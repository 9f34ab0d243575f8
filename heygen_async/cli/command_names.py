"""Command names (`heygen-async video list`) in place of method names (`videos.list`) in descriptions and messages."""

from __future__ import annotations

from functools import cache

from ..operations.catalog import operations
from ..operations.text import replace_method_names

PROGRAM = "heygen-async"


def with_command_names(text: str, operation_path: str = "") -> str:
    """Replace method names of the client in a text by commands.

    Args:
        text: The text.
        operation_path: The path of the operation that the text describes. The text may name methods of the same
            resource without the resource.
    """
    named = replace_method_names(text, _commands, operation_path)
    named = named.replace("use pathlib.Path", "use the field's flag (in Python pathlib.Path)")
    return named.replace("base_url", "HEYGEN_BASE_URL").replace("again=True", "--again")


@cache
def _commands() -> dict[str, str]:
    names = {operation.path: " ".join([PROGRAM, *operation.command]) for operation in operations().values()}
    return {**names, "assets.upload": f"{PROGRAM} upload"}
