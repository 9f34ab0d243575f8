"""The MCP server: every operation as a tool of the Model Context Protocol, and finished videos as resources.

`python -m heygen_async.mcp` serves over stdio or streamable HTTP. `create_server` gives the server to a program that
has its own transport. Needs the extra `mcp`. (The distribution `mcp` is imported by its absolute name.)

* `server.py`: `create_server`, and the requests that list and call tools.
* `confirmation.py`: the question to the person before a billable or destructive call.
* `progress_reports.py`: progress notifications of a call that waits.
* `video_resources.py`: finished videos as resources.
* `transports.py`: stdio and HTTP, and a clean shutdown at a signal.
* `command.py`, `__main__.py`: the command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .server import create_server as create_server
else:
    from .._lazy import lazy_exports

    __getattr__, __dir__, __all__ = lazy_exports(__name__, {"server": "create_server"})
