"""`python -m heygen_async.mcp`: run the MCP server."""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Run the server and return the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the server handles it: the imports take a second
    try:
        from .server import run_main
    except ImportError as error:
        print(error, file=sys.stderr)
        return 2
    return run_main()


if __name__ == "__main__":
    raise SystemExit(main())
