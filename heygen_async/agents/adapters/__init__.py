"""The tools of `heygen_async.tools` in the forms that agent frameworks take.

```python
from heygen_async import AsyncHeyGen, tools
from heygen_async.agents.adapters import pydantic_ai_toolset
from pydantic_ai import Agent


def producer(heygen: AsyncHeyGen) -> Agent:
    return Agent(toolsets=[pydantic_ai_toolset(tools(heygen, include=["list_voices", "create_video_agent"]))])
```

* `pydantic_ai_adapter.py`: `pydantic_ai_toolset`, a `FunctionToolset` for `Agent(toolsets=[…])` of Pydantic AI.
* `langchain_adapter.py`: `langchain_tools` for `create_agent(model, tools)` of LangChain and for LangGraph.
* `openai_agents_adapter.py`: `openai_agents_tools` for `Agent(tools=…)` of the OpenAI Agents SDK.
* `anthropic_adapter.py`: `anthropic_tools` for `client.beta.messages.tool_runner(tools=…)` of Anthropic's client.
* `genai_adapter.py`: `genai_tool` for `GenerateContentConfig(tools=[…])` of Google's Gen AI SDK, and `run_genai_calls`.
* `smolagents_adapter.py`: `smolagents_tools` for `ToolCallingAgent(tools, model)` of smolagents, in a thread.

The tools for the OpenAI Agents SDK are strict, and those for Gemini follow its rules for schemas. In both, a map of
values is a JSON object as text. The tool converts it back.

Each adapter imports its framework when it is first used; install the framework with pip. A tool's error is a result
that the model reads, so that it can correct its call. For a framework that takes a Python function, pass
`tool.function`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .anthropic_adapter import anthropic_tools as anthropic_tools
    from .genai_adapter import genai_tool as genai_tool, run_genai_calls as run_genai_calls
    from .langchain_adapter import langchain_tools as langchain_tools
    from .openai_agents_adapter import openai_agents_tools as openai_agents_tools
    from .pydantic_ai_adapter import pydantic_ai_toolset as pydantic_ai_toolset
    from .smolagents_adapter import smolagents_tools as smolagents_tools
else:
    from ..._lazy import lazy_exports

    __getattr__, __dir__, __all__ = lazy_exports(
        __name__,
        {
            "anthropic_adapter": "anthropic_tools",
            "genai_adapter": "genai_tool run_genai_calls",
            "langchain_adapter": "langchain_tools",
            "openai_agents_adapter": "openai_agents_tools",
            "pydantic_ai_adapter": "pydantic_ai_toolset",
            "smolagents_adapter": "smolagents_tools",
        },
    )
