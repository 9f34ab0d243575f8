"""Import every module of the installed package, but those that say that they need more.

Run by `nox -s minimal` in an environment with only the declared dependencies.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import heygen_async

# Modules whose names start like these are imported only by someone who has installed the extra, or pytest.
NEEDS_MORE = (
    "heygen_async._http.socks",
    "heygen_async._http.telemetry",
    "heygen_async.agents.adapters.",
    "heygen_async.distributed.temporal",
    "heygen_async.mcp.",
    "heygen_async.progress",
    "heygen_async.testing.pytest_plugin",
)


def main() -> str | None:
    """Return an error message when a module that needs no extra cannot be imported."""
    imported, broken = 0, []
    for module in walk_packages(heygen_async.__path__, "heygen_async."):
        if module.name.startswith(NEEDS_MORE):
            continue
        try:
            import_module(module.name)
        except ImportError as error:
            broken.append(f"{module.name}: {error}")
        imported += 1
    print(f"Imported {imported} modules of {Path(heygen_async.__file__).parent}.")
    return "\n".join(broken) or None


if __name__ == "__main__":
    sys.exit(main())
