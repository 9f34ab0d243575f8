"""The MCP server: operations as tools of the Model Context Protocol, and finished videos as resources.

```json
{
  "mcpServers": {
    "heygen": {
      "command": "uvx",
      "args": ["--from", "heygen-async[mcp]", "heygen-async", "mcp"],
      "env": {"HEYGEN_API_KEY": "…"}
    }
  }
}
```

`heygen-async mcp` (or `python -m heygen_async.mcp`) serves over stdio, or with `--http` over streamable HTTP.
`create_server` gives the server to a program that has its own transport. Needs the extra `mcp`.

No call takes long, because hosts give up on slow calls and a repeated create would be paid for twice:

* A create that takes more than 3 s answers with a `request_id`, and `get_request` returns its result.
* A create that repeats one whose result was not delivered gets that result. `new=true` asks for another one.
* `wait_for_video`, `download_video` and the like return after `--max-wait` seconds at the latest (20 by default), and
  are called again. For a host that gives up after 5 s: `--max-wait 3`.

**Claude Desktop**, **Cursor** (`~/.cursor/mcp.json`) and other hosts with a file of servers take the entry above.

**VS Code** (`.vscode/mcp.json`) has the same entry under `"servers"`, with `"type": "stdio"`. **Claude Code**:

```sh
claude mcp add heygen --env HEYGEN_API_KEY=… -- uvx --from 'heygen-async[mcp]' heygen-async mcp
```

**The tools** are those of the toolset `video`, at most 14. Options select others, and limit what they do:

| option | effect |
|---|---|
| `--toolset NAME,NAME` | other toolsets of `heygen_async.agents`, such as `translation`, `all` or `search` |
| `--include NAME,NAME` | these tools too; without `--toolset` only these |
| `--exclude NAME,NAME` | without these tools |
| `--read-only` | without tools that change anything at HeyGen |
| `--files DIR` | uploads of files in this folder |
| `--output-dir DIR` | `download_video` and its like, into this folder |
| `--spending allow` | no question before billable and destructive calls; `deny` refuses them |
| `--budget USD` | the maximum that all calls together cost by the published rates, until the server ends |
| `--allow-unpriced` | within a budget, calls whose rate is not published run and are not counted |

```sh
heygen-async mcp --toolset video,translation --output-dir ~/Videos --budget 20
```

`create_server` takes the same as arguments.

**For several people**, over HTTP. Each user has a line `NAME:TOKEN` in a file, and pays with the server's key, or with
a key of their own: `NAME:TOKEN:HEYGEN_API_KEY`. HEYGEN_MCP_TOKEN in the environment is the token of a single user. An
address that other machines reach needs a token, and `0.0.0.0` the name in the clients' URLs. TLS is the task of a
reverse proxy.

```sh
heygen-async mcp --http --host 0.0.0.0 --allowed-host mcp.example.com --tokens users.txt
```

Equal creates are joined for each user. A user with a key of their own has a budget of their own. Without tokens, and
over stdio, all calls are of one user.

Files of the package
--------------------

* `server.py`: `create_server`, and the requests that list and call tools.
* `confirmation.py`: the question to the person before a billable or destructive call.
* `progress_reports.py`: progress notifications of a call that waits.
* `prompts.py`: prompts. `completion.py`: the completion of their arguments.
* `bearer_tokens.py`: the users of a server over HTTP, and their tokens.
* `protocol_errors.py`: errors of the API as errors of the protocol.
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
