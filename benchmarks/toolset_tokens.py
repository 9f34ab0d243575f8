"""Count the tokens of each toolset in each dialect, offline: `python benchmarks/toolset_tokens.py`."""

from __future__ import annotations

import json
import tempfile
from typing import get_args

import bpe_openai

from heygen_async import AsyncHeyGen, ConfigurationError, tools
from heygen_async.agents.schema_dialects import Dialect, definitions
from heygen_async.agents.toolset_names import Toolset

DIALECTS: tuple[Dialect, ...] = ("mcp", "openai", "openai_strict", "anthropic", "gemini")
MAX_DEFAULT_TOKENS = 7_000  # of `video`, the toolset of the MCP server


def measure() -> dict[str, tuple[int, dict[str, int | None]]]:
    """Return the number of tools of each toolset, and its tokens by dialect; None where a host takes fewer tools."""
    encoding = bpe_openai.get_encoding("o200k_base")
    client = AsyncHeyGen("key")
    sizes: dict[str, tuple[int, dict[str, int | None]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in get_args(Toolset):
            offered = tools(client, toolset=name, files=folder, output_dir=folder)
            tokens: dict[str, int | None] = {}
            for dialect in DIALECTS:
                try:
                    text = json.dumps(definitions(offered, dialect), separators=(",", ":"), ensure_ascii=False)
                except ConfigurationError:
                    tokens[dialect] = None
                else:
                    tokens[dialect] = len(encoding.encode(text))
            sizes[name] = len(offered), tokens
    return sizes


if __name__ == "__main__":
    print("toolset", "tools", *DIALECTS, sep="\t")
    sizes = measure()
    for name, (count, tokens) in sizes.items():
        print(name, count, *("-" if one is None else one for one in tokens.values()), sep="\t")
    assert all(one is not None and one <= MAX_DEFAULT_TOKENS for one in sizes["video"][1].values())
