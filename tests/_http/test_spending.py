"""`heygen.spent`: what the creates of a client cost by the published rates."""

from __future__ import annotations

import pytest

from heygen_async import AsyncHeyGen, AvatarVideo, BadRequestError
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.files import UrlFile
from heygen_async.types.videos import CinematicVideo

CLIP = UrlFile(url="https://example.com/clip.mp4")
MINUTE = AvatarVideo(avatar_id="avatar_0", script="word " * 150)  # 60 s at 0.0667 USD


async def test_spent_adds_up_the_creates_of_all_views_of_a_client(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    assert (str(client.spent), client.spent.creates) == ("0.00 USD", 0)
    await client.videos.create(MINUTE)
    view = client.with_options(timeout=30)
    await view.videos.create(CinematicVideo(prompt="A street", avatar_id=["avatar_0"]))
    await view.video_agents.create(prompt="A 30-second tour")
    spent = client.spent
    assert (spent.usd, spent.creates, spent.unknown_creates) == (pytest.approx(4.002 + 7.0 + 0.999), 3, 0)
    assert spent.usd == pytest.approx(sum(charge.amount_usd for charge in api.ledger))
    assert view.spent == spent


async def test_creates_of_unknown_price_are_counted_apart(client: AsyncHeyGen) -> None:
    await client.lipsyncs.create(video=CLIP, audio=CLIP)
    await client.ai_clipping.create(video=CLIP)
    await client.templates.generate("template_0", variables={})
    async for _ in client.models.stream_speech(text="Hello there.", voice_id="voice_0000"):
        pass
    await client.videos.create(MINUTE)
    assert (client.spent.usd, client.spent.creates, client.spent.unknown_creates) == (4.002, 5, 4)
    assert str(client.spent) == "4.00 USD plus 4 creates of unknown price"


async def test_only_a_create_that_succeeded_is_counted(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    created = await client.videos.create(MINUTE)
    await client.wait_for_video(created)
    [_ async for _ in client.videos.list()]
    await client.folders.create(name="Tours")
    api.inject(Fault("status", status=400))
    with pytest.raises(BadRequestError):
        await client.videos.create(MINUTE)
    assert (client.spent.usd, client.spent.creates) == (4.002, 1)


@pytest.mark.parametrize("kind", ["lost_response", "corrupt"])
async def test_a_retried_create_is_counted_once(kind: str, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault(kind, operation="VideoCreate"))
    await client.videos.create(MINUTE)
    assert len(api.requests_for("VideoCreate")) == 2
    assert (client.spent.usd, client.spent.creates, len(api.ledger)) == (4.002, 1, 1)
