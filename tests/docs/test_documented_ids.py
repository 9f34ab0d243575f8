"""The ids in the README, the docstrings and the examples exist in the local HeyGen, so that a copied line works there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from heygen_async.testing import HeyGenEmulator

HOME = Path(__file__).parents[2]
#: The kind of resources that a field names, by the end of the field's name.
KINDS = {
    "asset_id": "asset", "avatar_group_id": "avatar_group", "avatar_id": "avatar", "brand_glossary_id": "brand_glossary",
    "brand_kit_id": "brand_kit", "brand_voice_id": "brand_glossary", "character_id": "avatar", "folder_id": "folder",
    "group_id": "avatar_group", "look_id": "avatar", "output_language": "language", "style_id": "style",
    "talking_photo_id": "avatar", "template_id": "template", "voice_id": "voice",
}  # fmt: skip
FIELD = re.compile(rf"""\b\w*?(?P<field>{"|".join(KINDS)})s?["']?\s*[=:]\s*\[?\s*["'](?P<id>[\w .()-]+)["']""")
#: Calls whose first argument is an id: the method, and its kind.
CALLS = {"voices.get": "voice", "templates.get": "template", "templates.generate": "template", "looks.get": "avatar"}
CALL = re.compile(rf"""\b(?P<method>{"|".join(map(re.escape, CALLS))})\(\s*["'](?P<id>[\w-]+)["']""")
#: Options of the command line that take an id.
FLAG = re.compile(r"--(?P<field>avatar|voice|template|style|folder|brand-kit)-id[ =](?P<id>\w+)")


def texts() -> Iterator[tuple[str, str]]:
    """Yield the name and the content of the README and of each example, and each docstring."""
    yield "README.md", (HOME / "README.md").read_text(encoding="utf-8")
    for path in (HOME / "examples").rglob("*"):
        if path.suffix in {".csv", ".jsonl", ".md", ".py", ".sh"}:
            yield path.name, path.read_text(encoding="utf-8")
    for path in (HOME / "heygen_async").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if not any(pattern.search(source) for pattern in (FIELD, CALL, FLAG)):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield str(path.relative_to(HOME)), ast.get_docstring(node) or ""


def ids() -> Iterator[tuple[str, str, str]]:
    """Yield each id in these texts: its place, its kind and itself."""
    for place, text in texts():
        for found in FIELD.finditer(text):
            yield place, KINDS[found["field"]], found["id"]
        for found in CALL.finditer(text):
            yield place, CALLS[found["method"]], found["id"]
        for found in FLAG.finditer(text):
            yield place, found["field"].replace("-", "_"), found["id"]


async def test_every_documented_id_exists() -> None:
    found = set(ids())
    async with HeyGenEmulator() as api:
        missing = [(place, kind, id) for place, kind, id in sorted(found) if not api.state.exists(kind, id)]
    assert missing == []
    assert {kind for _, kind, _ in found} >= {"avatar", "voice"}
    assert {place for place, _, _ in found} >= {"README.md", "web_app.py"}
