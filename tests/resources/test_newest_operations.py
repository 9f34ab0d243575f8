"""The operations that HeyGen added last, against the emulator, as a program uses them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from forged_api import forged_api
from support import PNG

from heygen_async import (
    AsyncHeyGen,
    BadRequestError,
    BytesFile,
    InsufficientCreditError,
    InvalidInputError,
    JobFailedError,
    NotFoundError,
    PermissionDeniedError,
    StaleEditVersionError,
)
from heygen_async.pricing import estimate
from heygen_async.testing import Fault, HeyGenEmulator, Plan
from heygen_async.types.avatars import LookFromTemplate, LookPack, PhotoAvatar
from heygen_async.types.templates import CharacterBinding, TextBinding
from heygen_async.types.videos import AvatarVideo

CLIP = "https://example.com/a.mp4"
PHOTO = PhotoAvatar(name="Ada", file=BytesFile(content=PNG, media_type="image/png"))


@pytest.fixture
async def look_id(client: AsyncHeyGen) -> str:
    """A look of the account."""
    return (await client.avatars.create_and_wait(PHOTO)).id


async def test_a_look_pack_makes_its_looks(client: AsyncHeyGen, api: HeyGenEmulator, look_id: str) -> None:
    pack = (await client.avatars.list_look_templates(type="look_pack", gender="female", limit=1)).data[0]
    assert (pack.type, pack.gender) == ("look_pack", "female")
    before = len(api.ledger)
    created = await client.avatars.looks.create(
        LookPack(reference_look_id=look_id, template_id=pack.id, aspect_ratio="9:16")
    )
    assert len(created.looks) == pack.looks_count == len(api.ledger) - before  # charged at once
    looks = await client.wait_for_all([created])
    assert [look.id for look in looks] == [look.id for look in created.looks]
    assert {(look.status, look.group_id) for look in looks} == {("completed", created.group_id)}


async def test_a_template_makes_two_looks(client: AsyncHeyGen, look_id: str) -> None:
    template = (await client.avatars.list_look_templates(type="template")).data[0]
    request = {"type": "template", "reference_look_id": look_id, "template_id": template.id}
    first, second = await client.avatars.looks.create_and_wait(request)
    assert first.id != second.id


@pytest.mark.parametrize(("kind", "credits"), [("look_pack", "1 API credit for each"), ("template", "2 API credits")])
def test_the_price_of_looks_is_in_credits(kind: str, credits: str) -> None:
    found = estimate("/v3/avatars/looks", {"type": kind, "reference_look_id": "l", "template_id": "t"})
    assert (found.usd, found.sure) == (None, "unknown")
    assert credits in found.why


async def test_a_look_that_failed_is_named_with_the_others(
    client: AsyncHeyGen, api: HeyGenEmulator, look_id: str
) -> None:
    api.plan(Plan(kind="avatar", fail_code="training_failed", fail_message="No face.", count=1))
    with pytest.raises(JobFailedError, match="No face") as caught:
        await client.avatars.looks.create_and_wait(
            LookFromTemplate(reference_look_id=look_id, template_id="template_1")
        )
    assert (len(caught.value.finished), len(caught.value.failed)) == (1, 1)


async def test_rejects_looks_of_an_unknown_kind(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    with pytest.raises(InvalidInputError, match="LookPack"):
        await client.avatars.looks.create({"type": "pack", "reference_look_id": "l", "template_id": "t"})
    assert api.requests == []


async def test_a_template_from_a_video(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    video = await client.videos.create(AvatarVideo(avatar_id="avatar_1", script="Hi.", title="Tour"))
    template = await client.templates.create(video_id=video.video_id, idempotency_key="once")
    assert (template.name, template.source_video_id, template.variables) == ("Tour", video.video_id, {})
    assert (await client.templates.create(video_id=video.video_id, idempotency_key="once")) == template
    assert template.id not in [one.id async for one in client.templates.list()]  # it has no variable
    assert (await client.templates.update(template.id, name="Our tour")).name == "Our tour"
    filled = await client.templates.update_variables(
        template.id,
        variables={
            "company": TextBinding(match="Acme"),
            "face": CharacterBinding(element_id="speaker"),
            "clip": {"type": "video", "element_id": "inset"},
        },
        expected_edit_version=template.edit_version,
    )
    assert filled.variables is not None
    assert filled.composition is not None
    assert set(filled.variables) == {"company", "face", "clip"}
    line = (filled.composition.scenes or [])[0].script or []
    assert (line[0].text, line[0].text_variables) == ("Hello {{company}}.", ["company"])
    assert (await client.templates.list(limit=1)).data[0].id == template.id
    await client.templates.generate_and_wait(template.id, variables={"company": "Beta Ltd."})
    assert (await client.templates.delete(template.id)).deleted
    with pytest.raises(NotFoundError):
        await client.templates.get(template.id)


async def test_variables_of_a_template_that_somebody_edited_stay(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    template = await client.templates.get("template_0")
    await client.templates.update_variables(template.id, variables={"name": TextBinding(match="Acme")})
    with pytest.raises(StaleEditVersionError, match="edit_version") as caught:
        await client.templates.update_variables(template.id, variables={}, expected_edit_version=template.edit_version)
    assert "attempt" not in str(caught.value)
    assert set((await client.templates.get(template.id)).variables or {}) == {"name"}
    cleared = await client.templates.update_variables(template.id, variables={})
    assert cleared.variables == {}


async def test_a_stale_version_after_a_lost_response_may_be_the_own_change(
    client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    template = await client.templates.get("template_0")
    api.inject(Fault("lost_response", operation="TemplateVariablesUpdate"))
    with pytest.raises(StaleEditVersionError, match="An earlier attempt of this call may have made the change"):
        await client.templates.update_variables(template.id, variables={}, expected_edit_version=template.edit_version)


@pytest.mark.parametrize("name", ["", "2nd", "first name", "größe", "a" * 65])
async def test_rejects_a_variable_name_before_sending(name: str, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    with pytest.raises(InvalidInputError, match="variables"):
        await client.templates.update_variables("template_0", variables={name: TextBinding(match="Acme")})
    assert api.requests == []


async def test_says_which_videos_become_templates(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("status", status=400, code="template_source_unsupported", operation="TemplateCreate"))
    with pytest.raises(BadRequestError, match="present editor"):
        await client.templates.create(video_id="video_1")


async def test_lists_and_deletes_proofreads(client: AsyncHeyGen) -> None:
    proofreads = client.video_translations.proofreads
    created = await proofreads.create(video=CLIP, output_languages=["German (Germany)"], title="Tour")
    await client.wait_for_proofread(created)
    (listed,) = await proofreads.list().collect()
    assert (listed.id, listed.status, listed.title) == (created.proofread_ids[0], "completed", "Tour")
    assert (await proofreads.delete(listed.id)).id == listed.id
    assert await proofreads.list().collect() == []
    with pytest.raises(NotFoundError):
        await proofreads.get(listed.id)


async def test_imports_a_brand_kit(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created = await client.brand_kits.create(url="https://example.com/about", name="Ours", idempotency_key="once")
    assert created.status == "loading"
    assert (await client.brand_kits.create(url="https://example.com", idempotency_key="once")) == created
    kit = await client.wait_for_brand_kit(created)
    assert (kit.status, kit.name) == ("completed", "Ours")
    assert created.brand_kit_id in [one.brand_kit_id async for one in client.brand_kits.list()]
    assert (await client.brand_kits.create_and_wait(url="https://example.org")).name == "example.org"


async def test_a_website_that_cannot_be_read(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(kind="brand_kit", states=[("loading", 5.0), ("error", 0.0)]))
    with pytest.raises(JobFailedError):
        await client.brand_kits.create_and_wait(url="https://example.com")
    with pytest.raises(BadRequestError, match="url"):
        await client.brand_kits.create(url="ftp://example.com")
    for wrong in ({"url": ""}, {"url": "https://e.com/" + "a" * 2048}, {"url": CLIP, "name": "n" * 257}):
        with pytest.raises(InvalidInputError):
            await client.brand_kits.create(**wrong)  # type: ignore[arg-type]


async def test_describes_the_key_that_calls(client: AsyncHeyGen) -> None:
    key = await client.api_keys.get_self()
    assert (key.status, key.scope_mode, key.scopes, key.expires) == ("active", "full", ["*:*"], None)


async def test_a_key_that_expires() -> None:
    async with forged_api() as (api, client):
        times = {"expires_at": "2027-01-31T12:00:00Z", "expires_in_seconds": 60}
        api.give({"data": {"status": "active", "scope_mode": "custom", "scopes": ["videos:read"], **times}})
        key = await client.api_keys.get_self()
    assert (key.expires, key.expires_in_seconds) == (datetime(2027, 1, 31, 12, tzinfo=UTC), 60)


async def test_a_server_without_the_endpoint_for_keys_leads_to_another(
    client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    api.inject(Fault("status", status=404, code="not_found", operation="ApiKeySelfGet"))
    with pytest.raises(NotFoundError, match=r"users\.me"):
        await client.api_keys.get_self()


@pytest.mark.parametrize("operation", ["AvatarLooksCreate", "BrandKitCreate"])
async def test_retries_a_lost_response_under_the_same_key(
    operation: str, client: AsyncHeyGen, api: HeyGenEmulator, look_id: str
) -> None:
    charged = len(api.ledger)
    api.inject(Fault("lost_response", operation=operation))
    calls: dict[str, Any] = {
        "AvatarLooksCreate": lambda: client.avatars.looks.create(
            LookFromTemplate(reference_look_id=look_id, template_id="template_0")
        ),
        "BrandKitCreate": lambda: client.brand_kits.create(url="https://example.com"),
    }
    await calls[operation]()
    first, second = (request.headers["Idempotency-Key"] for request in api.requests_for(operation))
    assert first == second
    assert len(api.ledger) - charged == (2 if operation == "AvatarLooksCreate" else 0)


async def test_looks_need_credit_and_an_own_avatar(client: AsyncHeyGen, api: HeyGenEmulator, look_id: str) -> None:
    public = (await client.avatars.looks.list(ownership="public", limit=1)).data[0].id
    with pytest.raises(PermissionDeniedError):
        await client.avatars.looks.create(LookPack(reference_look_id=public, template_id="look_pack_0"))
    api.state.balance = 1.0
    with pytest.raises(InsufficientCreditError):
        await client.avatars.looks.create(LookPack(reference_look_id=look_id, template_id="look_pack_0"))
