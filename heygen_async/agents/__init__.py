"""Tools for language models: every operation of the API, and every wait, as an async callable with a JSON Schema.

`tools()` builds the tools that a program offers to a model. A `Tool` takes JSON arguments and returns JSON. The program
decides three things that a model cannot change: which tools exist (`include`), whether billable and destructive ones
run (`spending`), and which local files may be uploaded (`files`).

* `toolsets.py`: `tools()`, which selects operations and applies the program's policy to them.
* `tool.py`: `Tool`, which checks, confirms and runs one call.
* `wait_tools.py`: the waits for jobs, such as `wait_for_video`. `actions.py`: tools that are no operation of the API.
* `adapters/`: tools for Pydantic AI, LangChain, OpenAI Agents, Anthropic, Google Gen AI and smolagents.
* `signatures.py`: a tool's Python signature, for frameworks that inspect functions.
* `file_access.py`: the check of local paths in arguments against the folder that the program allows.
* `schema_dialects.py`: tool definitions in the formats of OpenAI and Anthropic.
* `messages.py`: descriptions and errors for a model, with tool names in place of method names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .tool import Confirm as Confirm, Spending as Spending, Tool as Tool
    from .toolsets import tools as tools
else:
    from .._lazy import lazy_exports

    __getattr__, __dir__, __all__ = lazy_exports(
        __name__,
        {
            "tool": "Confirm Spending Tool",
            "toolsets": "tools",
        },
    )
