"""Command names (`heygen-async video list`) in place of method names (`videos.list`) in descriptions and messages."""

from __future__ import annotations

from ..operations.catalog import operations_at
from ..operations.text import replace_method_names

PROGRAM = "heygen-async"


def with_command_names(text: str, operation_path: str = "") -> str:
    """Replace method names of the client in a text by commands.

    Args:
        text: The text.
        operation_path: The path of the operation that the text describes. The text may name methods of the same
            resource without the resource.
    """
    named = replace_method_names(text, _command_of, operation_path)
    named = named.replace("use pathlib.Path", "use the field's flag (in Python pathlib.Path)")
    return named.replace("base_url", "HEYGEN_BASE_URL").replace("again=True", "--again")


def _command_of(path: str) -> str | None:
    """Return the command of a method of the client."""
    words = ("upload",) if path == "assets.upload" else next((one.command for one in operations_at(path)), None)
    return None if words is None else " ".join([PROGRAM, *words])
