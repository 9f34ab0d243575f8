"""Tools for language models: every operation of the API, and every wait, as an async callable with a JSON Schema.

`tools()` builds the tools that a program offers to a model. A `Tool` takes JSON arguments and returns JSON. The program
decides three things that a model cannot change: which tools exist (`include`), whether billable and destructive ones
run (`spending`, `budget`), and which local files may be uploaded (`files`).

`spending="confirm"` calls a function of the program before each billable or destructive call. It can show the price:

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

With `budget`, the tools of one `tools()` call together spend at most that many USD by the published rates. A call of
unknown price is refused, unless `allow_unpriced=True`. A failed create gives its price back; an unknown outcome keeps
it.

* `toolsets.py`: `tools()`, which selects operations and applies the program's policy to them.
* `tool.py`: `Tool`, which checks, confirms and runs one call.
* `wait_tools.py`: the waits for jobs, such as `wait_for_video`. `actions.py`: tools that are no operation of the API.
* `adapters/`: tools for Pydantic AI, LangChain, OpenAI Agents, Anthropic, Google Gen AI and smolagents.
* `signatures.py`: a tool's Python signature, for frameworks that inspect functions.
* `spending.py`: a budget, the price as a person reads it, and confirmation tokens.
* `bounded_calls.py`: creates that outlast the call that started them, and are not repeated.
* `file_access.py`: the check of local paths in arguments against the folder that the program allows.
* `schema_dialects.py`: tool definitions in the formats of OpenAI and Anthropic.
* `messages.py`: descriptions and errors for a model, with tool names in place of method names.
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
