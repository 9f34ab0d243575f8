"""Write the declarations of waits at the end of `heygen_async/_jobs/registry.py`, from its entries.

`wait_for_lipsync` and its like are built from the entries when the client is imported. Type checkers and editors run no
code, so they read these declarations. Run this file after a change of the entries.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from heygen_async._jobs import registry
from heygen_async._jobs.kinds import JobKind

MARK = "# Written by tests/_jobs/write_declarations.py.\n"
WIDTH = 112  # of a line, without its indentation
HEAD = '''if TYPE_CHECKING:
    #: The result of a wait that has a URL to download.
    JobWithURL: TypeAlias = (
        {with_url}
    )

    class DeclaredWaits:
        """The client's waits that are built from the entries, as type checkers and editors see them."""

'''


def declarations() -> str:
    """Return the block that belongs after the mark."""
    waits = "".join(_declared(kind) for kind in registry.KINDS if kind.about)
    with_url = [kind.final_result or kind.result for kind in registry.KINDS if kind.url_fields]
    return HEAD.format(with_url="\n        | ".join(with_url)) + textwrap.indent(waits, " " * 8)


def rewritten(source: str) -> str:
    """Return the registry's source with the block replaced."""
    return source.partition(MARK)[0] + MARK + declarations()


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
    path = Path(registry.__file__)
    path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")
