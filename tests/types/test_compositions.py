"""Scenes of videos and templates: what HeyGen's editor holds, typed, and kept in whatever form it comes."""

from __future__ import annotations

from typing import Any

import pytest
from forged_api import forged_api

from heygen_async import AsyncHeyGen, HeyGenError
from heygen_async.types.compositions import CompositionScene, SceneElement


def scenes(*scenes: Any) -> dict[str, Any]:
    return {"data": {"video_id": "v", "edit_version": "1", "video": {}, "scenes": [*scenes]}}


async def test_a_template_names_what_its_variables_may_replace(client: AsyncHeyGen) -> None:
    template = await client.templates.get("template_0")
    assert template.composition is not None
    first, last = template.composition.scenes or ()
    assert first.background is not None
    assert (first.background.type, first.background.variable) == ("image", "picture")
    avatar, group = first.elements or ()
    assert (avatar.type, avatar.bindable_as, group.type) == ("avatar", ["character"], "group")
    assert [(child.type, child.variable) for child in group.children or ()] == [("video", "clip"), ("text", None)]
    assert [part.text for part in last.script or ()] == ["Goodbye."]
    assert (template.edit_version, template.source_video_id) == ("edit_0", None)


async def test_an_element_of_an_unknown_type_is_kept() -> None:
    element = {
        "id": "e",
        "type": "hologram",
        "depth": 3,
        "children": [{"id": "c", "type": "image", "url": "https://e.com/"}],
    }
    async with forged_api(strict=True) as (api, client):
        api.give(scenes({"id": "s", "elements": [element]}))
        scene = (await client.videos.get_scenes("v")).scenes[0]
    [hologram] = scene.elements or ()
    assert (hologram.type, hologram.type.is_known) == ("hologram", False)
    assert [child.url for child in hologram.children or ()] == ["https://e.com/"]


async def test_a_scene_of_another_form_stays_as_it_came() -> None:
    async with forged_api() as (api, client):
        api.give(scenes({"id": "s"}, {"number": 7, "parts": []}))
        first, second = (await client.videos.get_scenes("v")).scenes
    assert isinstance(first, CompositionScene)
    assert second == {"number": 7, "parts": []}


@pytest.mark.parametrize("depth", [50, 400, 5_000])
async def test_elements_inside_each_other_without_end_are_no_crash(depth: int) -> None:
    elements = '[{"id":1,"type":"group","children":' * depth + "[]" + "}]" * depth
    body = '{"data":{"id":"t","name":"T","composition":{"scenes":[{"id":"s","elements":' + elements + "}]}}}"
    async with forged_api() as (api, client):
        api.give(body.encode())
        try:
            template = await client.templates.get("t")
        except HeyGenError:
            assert depth > 50
        else:
            [element] = template.composition.scenes[0].elements
            assert depth > 50 or isinstance(element, SceneElement)
