"""The variables, scenes and composition of the sample templates: a variable of every kind."""

from __future__ import annotations

from typing import Any

__all__ = ["COMPOSITION", "SCENES", "VARIABLES"]

_FILE = {"url": "https://static.example.com/templates/default.png", "fit": "cover"}
VARIABLES: dict[str, dict[str, Any]] = {
    "first_name": {"name": "first_name", "type": "text", "properties": {"content": "there"}},
    "picture": {"name": "picture", "type": "image", "properties": _FILE},
    "clip": {"name": "clip", "type": "video", "properties": _FILE},
    "music": {"name": "music", "type": "audio", "properties": {"url": "https://static.example.com/templates/bed.mp3"}},
    "presenter": {
        "name": "presenter",
        "type": "character",
        "properties": {"character_id": "avatar_1", "type": "avatar"},
    },
    "speaker": {"name": "speaker", "type": "voice", "properties": {"voice_id": "voice_0000"}},
}
SCENES: list[dict[str, Any]] = [
    {
        "scene_id": "scene_1",
        "script": "Hello {{first_name}}.",
        "variables": [{"name": name, "variable_type": value["type"]} for name, value in VARIABLES.items()],
    },
    {"scene_id": "scene_2", "script": "Goodbye.", "variables": []},
]
#: The scenes with the nodes that variables may replace: each node names the types that it accepts, and its variable.
COMPOSITION: dict[str, Any] = {
    "background_audio": [
        {
            "type": "audio",
            "id": "music",
            "url": "https://static.example.com/templates/bed.mp3",
            "bindable_as": ["audio"],
            "variable": "music",
            "text_variables": [],
        }
    ],
    "scenes": [
        {
            "id": "scene_1",
            "background": {
                "type": "image",
                "id": "backdrop",
                "url": _FILE["url"],
                "bindable_as": ["image", "video"],
                "variable": "picture",
                "text_variables": [],
            },
            "elements": [
                {
                    "type": "avatar",
                    "id": "speaker",
                    "avatar_id": "avatar_1",
                    "bindable_as": ["character"],
                    "variable": "presenter",
                    "text_variables": [],
                },
                {
                    "type": "group",
                    "id": "frame",
                    "children": [
                        {"type": "video", "id": "inset", "bindable_as": ["video"], "variable": "clip"},
                        {"type": "text", "id": "greeting", "text": "{{first_name}}", "text_variables": ["first_name"]},
                    ],
                },
            ],
            "script": [
                {
                    "type": "text",
                    "id": "welcome",
                    "text": "Hello {{first_name}}.",
                    "voice_id": "voice_0000",
                    "bindable_as": ["voice"],
                    "variable": "speaker",
                    "text_variables": ["first_name"],
                }
            ],
        },
        {
            "id": "scene_2",
            "background": {"type": "color", "color": "#1a2b3c"},
            "elements": [],
            "script": [{"type": "text", "id": "farewell", "text": "Goodbye.", "text_variables": []}],
        },
    ],
}
