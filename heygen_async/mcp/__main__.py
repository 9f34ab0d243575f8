"""`python -m heygen_async.mcp`: run the MCP server."""

from __future__ import annotations

import sys

from ..cli.signals import exit_at_signals


def main() -> int:
    """Run the server and return the exit code."""
    exit_at_signals()  # The imports take a second.
    try:
        from .command import run
    except ImportError as error:
        print(error, file=sys.stderr)
        return 2
    return run(sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(main())
