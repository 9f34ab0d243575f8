"""A field that HeyGen has deprecated is marked in the schema, still sent, and warned about once by each client."""

from __future__ import annotations

import warnings
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from heygen_async import AsyncHeyGen
from heygen_async.operations import operations
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.base import get_tag
from heygen_async.types.videos import AvatarScene, ImageInput, StudioVideo

FILE = "https://example.com/a.mp4"
TRANSLATION: dict[str, Any] = {"video": FILE, "output_languages": ["Spanish (Spain)"]}
Send = Callable[[AsyncHeyGen], Awaitable[object]]
USES: dict[str, tuple[str, Send]] = {
    "generate_template": (
        "brand_voice_id",
        lambda c: c.templates.generate("template_0", variables={}, brand_voice_id="glossary_00"),
    ),
    "create_video_translation": (
        "enable_caption",
        lambda c: c.video_translations.create(**TRANSLATION, enable_caption=True),
    ),
    "create_video_translation_proofread": (
        "brand_voice_id",
        lambda c: c.video_translations.proofreads.create(**TRANSLATION, title="T", brand_voice_id="glossary_00"),
    ),
}


@pytest.mark.parametrize("operation", USES)
async def test_a_client_warns_once_of_a_deprecated_field_and_sends_it(
    operation: str, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    field, send = USES[operation]
    with pytest.warns(DeprecationWarning, match=f"^{field} is deprecated") as caught:
        await send(client)
    assert caught[0].filename == __file__
    await send(client)  # a second warning would be an error
    assert [field in request.json for request in api.requests if request.method == "POST"] == [True, True]


@pytest.mark.parametrize("operation", USES)
def test_the_schema_marks_a_deprecated_field(operation: str) -> None:
    properties: Any = operations()[operation].input_schema["properties"]
    assert properties[USES[operation][0]]["deprecated"] is True
    assert [name for name, field in properties.items() if name.startswith("video") and "deprecated" in field] == []


async def test_warns_of_a_deprecated_field_in_a_batch(client: AsyncHeyGen) -> None:
    with pytest.warns(DeprecationWarning, match="^brand_voice_id is deprecated. Use `brand_glossary_id`"):
        await client.video_translations.create_batch(
            video_translations=[TRANSLATION | {"brand_voice_id": "glossary_00"}] * 2
        )


async def test_another_client_warns_again(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    for heygen in (client, AsyncHeyGen(api.key, base_url=api.url)):
        async with heygen:
            with pytest.warns(DeprecationWarning, match="^brand_voice_id"):
                await heygen.templates.generate("template_0", variables={}, brand_voice_id="glossary_00")


async def test_none_is_no_use(client: AsyncHeyGen) -> None:
    await client.templates.generate("template_0", variables={}, brand_voice_id=None)


async def test_a_picture_that_speaks_in_a_scene_is_sent_with_a_warning(
    client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    scene = AvatarScene(input=ImageInput(image=FILE, script="Hello.", voice_id="voice_0000"))
    with (
        pytest.warns(DeprecationWarning, match="^ImageInput is deprecated. Create a photo avatar"),
        pytest.raises(Exception, match="'scenes\\[0\\].input.type' must be one of: avatar"),
    ):
        await client.videos.create(StudioVideo(scenes=[scene]))
    assert api.requests_for("VideoCreate")[0].json["scenes"][0]["input"]["type"] == get_tag(scene.input) == "image"


async def test_a_voice_by_keywords_is_sent_with_a_warning(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    with pytest.warns(DeprecationWarning, match="Pass an InstantVoice or a ProfessionalVoice"):
        await client.models.voices.create(mode="professional", audio=[FILE], name="Mine")
    assert api.requests_for("ModelVoiceCreate")[0].json["name"] == "Mine"


async def test_a_request_without_deprecated_fields_does_not_warn(client: AsyncHeyGen) -> None:
    with warnings.catch_warnings(record=True) as caught:
        await client.templates.generate("template_0", variables={}, brand_glossary_id=None, title="T")
    assert caught == []
