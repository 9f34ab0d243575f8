"""Write `heygen_async/_jobs/declared_waits.py`, the declarations of waits, from the entries of `registry.py`.

`wait_for_lipsync` and its like are built from the entries when the client is imported. Type checkers and editors run no
code, so they read these declarations. Run this file after a change of the entries.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from heygen_async._jobs import registry
from heygen_async._jobs.kinds import JobKind

WIDTH = 116  # of a line, without its indentation
TEXT = '''"""The client's waits that are built from the registry's entries, as type checkers and editors see them.

`tests/_jobs/write_declarations.py` writes this file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ..legacy.types import {legacy}
    from ..types import (
        {modules},
    )
    from .wait_protocols import WaitMethod, WatchMethod

    #: The result of a wait that has a URL to download.
    JobWithURL: TypeAlias = (
        {with_url}
    )


class DeclaredWaits:
    """The client's waits that are built from the entries."""

{waits}'''


def declarations() -> str:
    """Return the text of the file."""
    waits = "".join(_declared(kind) for kind in registry.KINDS if kind.about)
    with_url = [kind.final_result or kind.result for kind in registry.KINDS if kind.url_fields]
    declared = [
        name for kind in registry.KINDS if kind.about for name in (*kind.created, kind.result, kind.final_result)
    ]
    files = {name.partition(".")[0] for name in [*declared, *with_url] if name}
    legacy = {file for file in files if file.startswith("legacy_")}
    return TEXT.format(
        legacy=", ".join(f"{file.removeprefix('legacy_')} as {file}" for file in sorted(legacy)),
        modules=",\n        ".join(sorted(files - legacy)),
        with_url="\n        | ".join(with_url),
        waits=textwrap.indent(waits, " " * 4),
    )


def _declared(kind: JobKind[object]) -> str:
    created = kind.created or ("str",)
    final = kind.final_result or kind.result
    return (
        _attribute(f"wait_for_{kind.wait}: WaitMethod", created, final)
        + f'"""{kind.about}"""\n'
        + _attribute(f"watch_{kind.wait}: WatchMethod", created, kind.result)
    )


def _attribute(head: str, created: tuple[str, ...], result: str) -> str:
    inside = f"{' | '.join(created)}, {result}"
    if len(line := f"{head}[{inside}]") <= WIDTH:
        return f"{line}\n"
    if len(inside) > WIDTH - 4:
        inside = "\n    | ".join(created) + f",\n    {result},"
    return f"{head}[\n    {inside}\n]\n"


if __name__ == "__main__":
    Path(registry.__file__).with_name("declared_waits.py").write_text(declarations(), encoding="utf-8")
