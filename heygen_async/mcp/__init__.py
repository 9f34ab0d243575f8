"""The MCP server: `python -m heygen_async.mcp`."""
