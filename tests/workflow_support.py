"""A workflow of five nodes, and variations of it, for several test files."""

from __future__ import annotations

import copy
from typing import Any

GRAPH: dict[str, Any] = {
    "schema_version": "1.0.0",
    "inputs": {"topic": {"type": "text"}, "look": {"type": "avatar", "required": False}},
    "nodes": [
        {
            "id": "script",
            "type": "script_writer",
            "bindings": {"topic": {"kind": "run_input", "name": "topic"}},
        },
        {
            "id": "picture",
            "type": "image_generation",
            "bindings": {"prompt": {"kind": "literal", "value": "A calm sea"}},
        },
        {
            "id": "video",
            "type": "avatar_video",
            "variant": "avatar_iv",
            "bindings": {
                "script": {"kind": "node_output", "node_id": "script", "port": "script"},
                "background": {"kind": "node_output", "node_id": "picture", "port": "image"},
            },
        },
        {
            "id": "spanish",
            "type": "video_translation",
            "config": {"output_language": "Spanish"},
            "bindings": {"video": {"kind": "node_output", "node_id": "video", "port": "video"}},
        },
        {
            "id": "summary",
            "type": "merge",
            "depends_on": ["script"],
            "bindings": {
                "items": {
                    "kind": "object",
                    "fields": {
                        "texts": {
                            "kind": "list",
                            "items": [
                                {"kind": "node_output", "node_id": "script", "port": "script"},
                                {"kind": "literal", "value": None},
                            ],
                        }
                    },
                }
            },
        },
    ],
    "outputs": {
        "spanish": {"node_id": "spanish", "port": "video"},
        "video": {"node_id": "video", "port": "video"},
        "summary": {"node_id": "summary", "port": "result"},
    },
}


def changed(*path: str | int, value: Any) -> dict[str, Any]:
    """Return the graph with another value at a path."""
    graph = copy.deepcopy(GRAPH)
    place: Any = graph
    for step in path[:-1]:
        place = place[step]
    if isinstance(place, list) and path[-1] == len(place):
        place.append(value)
    else:
        place[path[-1]] = value
    return graph
