"""Which requests are sent again after which failures."""

from __future__ import annotations

import pytest

from heygen_async import (
    AmbiguousRequestError,
    APIConnectionError,
    APIError,
    AsyncHeyGen,
    BadRequestError,
    DecodeError,
    QuotaExceededError,
    RequestInfo,
    RequestInProgressError,
    ServerError,
)
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.videos import AvatarVideo

SCRIPT = AvatarVideo(avatar_id="avatar_1", script="Hello there.")
TRANSIENT = {
    "reset before the body": Fault("reset_before"),
    "reset after the work": Fault("lost_response"),
    "reset in the body of the response": Fault("reset_mid_body"),
    "response cut short": Fault("truncate"),
    "invalid JSON": Fault("corrupt"),
    "HTML from a proxy": Fault("html"),
    "503 twice": Fault("status", status=503, count=2),
    "408": Fault("status", status=408),
    "500": Fault("status", status=500),
    "504": Fault("status", status=504, code="gateway_timeout"),
    "503 with Retry-After": Fault("status", status=503, retry_after=2),
    "429 in seconds": Fault("status", status=429, code="rate_limit_exceeded", retry_after=3),
    "429 as a date": Fault("status", status=429, code="rate_limit_exceeded", retry_after=3, retry_after_date=True),
    "429 without a time": Fault("status", status=429, code="rate_limit_exceeded"),
}


def fresh(fault: Fault) -> Fault:
    """The same fault, not used yet."""
    return Fault(
        fault.kind,
        count=fault.count,
        status=fault.status,
        code=fault.code,
        retry_after=fault.retry_after,
        retry_after_date=fault.retry_after_date,
    )


@pytest.mark.parametrize("name", TRANSIENT)
async def test_get_request_is_repeated_until_it_succeeds(name: str, api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    fault = api.inject(fresh(TRANSIENT[name]))
    assert (await client.users.me()).username == "local"
    assert fault.hits == fault.count
    assert len(api.requests_for("UserMeGet")) == fault.hits + 1


@pytest.mark.parametrize("name", TRANSIENT)
async def test_video_is_created_and_charged_once(name: str, api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    api.inject(fresh(TRANSIENT[name]))
    created = await client.videos.create(SCRIPT)
    assert [charge.id for charge in api.ledger] == [created.video_id]
    assert len({request.headers["Idempotency-Key"] for request in api.requests_for("VideoCreate")}) == 1


@pytest.mark.parametrize("name", TRANSIENT)
async def test_request_without_idempotency_is_not_repeated_after_an_unknown_outcome(
    name: str, api: HeyGenEmulator, client: AsyncHeyGen
) -> None:
    fault = api.inject(fresh(TRANSIENT[name]))
    refused = fault.status == 429 or fault.retry_after is not None
    if refused:
        await client.video_agents.create(prompt="A tour")
    else:
        with pytest.raises(AmbiguousRequestError, match=r"may have been done.*video_agents\.list") as caught:
            await client.video_agents.create(prompt="A tour")
        assert isinstance(caught.value, APIConnectionError | ServerError | DecodeError)
        assert len(api.requests_for("VideoAgentCreate")) == 1
    assert len(api.ledger) <= 1


async def test_request_that_was_not_sent_is_repeated_until_the_server_is_up(api: HeyGenEmulator) -> None:
    await api.down()

    async def start_server(info: RequestInfo) -> None:
        if info.attempt == 2:
            await api.up()

    async with AsyncHeyGen(api.key, base_url=api.url, on_request=start_server) as client:
        created = await client.video_agents.create(prompt="A tour")
    assert [charge.id for charge in api.ledger] == [created.session_id]


async def test_request_in_progress_is_repeated_without_a_limit_of_attempts(
    api: HeyGenEmulator, client: AsyncHeyGen
) -> None:
    api.inject(Fault("status", status=409, code="request_in_progress", count=6))
    await client.videos.create(SCRIPT)
    assert len(api.requests_for("VideoCreate")) == 7


async def test_request_in_progress_ends_with_the_deadline(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    api.inject(Fault("status", status=409, code="request_in_progress", count=None))
    with pytest.raises(RequestInProgressError):
        await client.videos.create(SCRIPT)


@pytest.mark.parametrize("code", ["quota_exceeded", "QUOTA_EXCEEDED"])
async def test_used_up_quota_is_not_retried(code: str, api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    api.inject(Fault("status", status=429, code=code, retry_after=1, count=None))
    with pytest.raises(QuotaExceededError):
        await client.users.me()
    assert len(api.requests) == 1


async def test_retries_add_at_most_a_tenth_to_the_load(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    api.inject(Fault("status", status=500, count=None))
    for _ in range(300):
        with pytest.raises(ServerError):
            await client.users.me()
    assert len(api.requests) <= 300 * 1.1 + 10


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(400, "invalid_parameter", BadRequestError), (413, "hyperframes_project_too_large", BadRequestError)],
)
async def test_final_responses_are_not_retried(
    status: int, code: str, kind: type[APIError], api: HeyGenEmulator, client: AsyncHeyGen
) -> None:
    api.inject(Fault("status", status=status, code=code, count=None))
    with pytest.raises(kind) as caught:
        await client.users.me()
    assert (caught.value.code, len(api.requests)) == (code, 1)
