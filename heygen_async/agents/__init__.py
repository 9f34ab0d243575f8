"""Tools for language models: every operation of the API, and every wait, as an async callable with a JSON Schema.

```python
import asyncio
from collections.abc import Mapping

from heygen_async import AsyncHeyGen, Tool, tools


async def confirm(tool: Tool, arguments: Mapping[str, object]) -> bool:
    price = await tool.describe_price(arguments)  # such as "about $0.60 of $12.40"
    return await asyncio.to_thread(input, f"{tool.name} costs {price}. Run it? [y/N] ") == "y"


def offered(heygen: AsyncHeyGen) -> list[Tool]:
    return tools(heygen, include=["create_video_agent"], spending="confirm", confirm=confirm, budget=5)
```

`tools()` builds the tools that a program offers to a model. A `Tool` takes JSON arguments and returns JSON. The program
decides three things that a model cannot change. It decides which tools exist (`toolset`, `include`, `read_only`),
whether billable and destructive ones run (`spending`, `budget`), and which local files may be uploaded (`files`).

`spending="confirm"` calls a function of the program before each billable or destructive call. As above, it can show the
price.

With `budget`, the tools of one `tools()` call together spend at most that many USD; see `heygen_async.pricing`. A
failed create gives its price back; an unknown outcome keeps it. A budget permits nothing: with the default
`spending="deny"` every billable call is refused, so pass `spending="allow"` or `"confirm"` too.

`tools(client, toolset="video")` returns the few tools that lead from a prompt to a file, about 5,000 tokens. All tools
are 40,000 tokens and more than OpenAI's API takes; `tools(client)` returns them for programs that select on their own.

| toolset | tools |
|---|---|
| `video` | videos by the agent, an avatar or a picture, and all that they need: at most 14 tools |
| `translation` | translations, their proofreads, lipsyncs, glossaries |
| `avatars` | avatars, their looks, live streams |
| `audio` | voices, speech, sounds, podcasts, HeyGen's voice model |
| `assets` | files, folders, brand kits |
| `workflows` | workflows, templates, renders, clips and other edits, generated clips and pictures |
| `admin` | account, API key, webhooks |
| `all` | every tool, the default |
| `search` | `search_tools` and `call_tool`, which reach every tool in the context of two |

`output_dir=` adds `download_video` and its like, `files=` adds uploads. A text of a tool names only tools that are
offered beside it.

Each host of models has its own rules for schemas. `tool.input_schema` is JSON Schema 2020-12, as MCP and Anthropic take
it; `to_openai(strict=True)` and `to_gemini()` return the other dialects. There, a map of values such as `variables`
is offered as `variables_json`, a JSON object as text. Null in an optional argument means not given; the names in
`clear` are emptied, where a tool has it.

Files of the package
--------------------

* `toolsets.py`: `tools()`, which selects operations and applies the program's policy to them.
* `tool.py`: `Tool`, which checks, confirms and runs one call.
* `wait_tools.py`: the waits for jobs, such as `wait_for_video`. `actions.py`: tools that are no operation of the API.
* `adapters/`: tools for Pydantic AI, LangChain, OpenAI Agents, Anthropic, Google Gen AI and smolagents.
* `signatures.py`: a tool's Python signature, for frameworks that inspect functions.
* `spending.py`: a budget, the price as a person reads it, and confirmation tokens.
* `bounded_calls.py`: creates that outlast the call that started them, and are not repeated. `callers.py`: whose calls
  they are.
* `file_access.py`: the check of local paths in arguments against the folder that the program allows.
* `toolset_names.py`: the tools of each toolset, and those that lead nowhere.
* `tool_search.py`: `search_tools` and `call_tool`. `download_tools.py`: `download_video` and its like.
* `tool_schemas.py`: the JSON Schema of a tool. `schema_dialects.py`: definitions for OpenAI, Anthropic and Gemini.
* `tool_texts.py`: descriptions, with the texts of `tool_descriptions.py`. `offered_texts.py`: only offered names.
* `messages.py`: errors for a model, with tool names in place of method names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .bounded_calls import BoundedCalls as BoundedCalls
    from .tool import Confirm as Confirm, Spending as Spending, Tool as Tool
    from .toolsets import tools as tools
else:
    from .._lazy import lazy_exports

    __getattr__, __dir__, __all__ = lazy_exports(
        __name__,
        {
            "bounded_calls": "BoundedCalls",
            "tool": "Confirm Spending Tool",
            "toolsets": "tools",
        },
    )
