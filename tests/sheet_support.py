"""Sheets of every kind for the batch tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

#: One row of each kind, by column.
ROWS: Mapping[str, Mapping[str, str]] = {
    "videos": {"avatar_id": "avatar_1", "script": "Hello there."},
    "video_agents": {"prompt": "A tour"},
    "video_translations": {"video": "https://example.com/a.mp4", "output_languages": "German"},
    "lipsyncs": {"video": "https://example.com/a.mp4", "audio": "https://example.com/a.mp3"},
    "hyperframes": {"project": "https://example.com/a.zip"},
    "background_removals": {"video": "https://example.com/a.mp4"},
    "ai_clipping": {"video": "https://example.com/a.mp4"},
    "templates": {
        "template_id": "template_1",
        "variables": '{"name": {"name": "name", "type": "text", "properties": {"content": "Ada"}}}',
    },
    "video_quality": {
        "prompt": "A calm sea",
        "model_a": "one",
        "model_b": "two",
        "video_a": "https://example.com/a.mp4",
        "video_b": "https://example.com/b.mp4",
        "question_id": "craft",
    },
    "avatars": {"type": "prompt", "name": "Ada", "prompt": "A woman"},
    "voices": {"text": "Hello there.", "voice_id": "voice_0000"},
}


def write_sheet(path: Path, row: Mapping[str, str]) -> None:
    if path.suffix == ".jsonl":
        path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    else:
        cells = (f'"{cell}"' for cell in (cell.replace('"', '""') for cell in row.values()))
        path.write_text(f"{','.join(row)}\n{','.join(cells)}\n", encoding="utf-8")
