"""`python -m heygen_async.mcp`: run the MCP server."""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Run the server and return the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # The imports take a second. Ctrl-C ends them without a traceback.
    try:
        from .command import run
    except ImportError as error:
        print(error, file=sys.stderr)
        return 2
    return run(sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(main())
