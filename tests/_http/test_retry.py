"""What the SDK makes of a network and a server that misbehave: one row, one fault, over real HTTP."""

from __future__ import annotations

import asyncio

import pytest
from support import QUICK

from heygen_async import (
    AmbiguousRequestError,
    APIConnectionError,
    APIError,
    APITimeoutError,
    AsyncHeyGen,
    Backoff,
    BadRequestError,
    DecodeError,
    QuotaExceededError,
    RateLimitError,
    RedirectError,
    RequestInProgressError,
    ServerError,
    Timeout,
)
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.videos import AvatarVideo

SCRIPT = AvatarVideo(avatar_id="avatar_1", script="Hello there.")
PASSING = {
    "reset before the body": Fault("reset_before"),
    "reset after the work": Fault("lost_response"),
    "reset in the answer's body": Fault("reset_mid_body"),
    "answer cut short": Fault("truncate"),
    "garbled JSON": Fault("corrupt"),
    "HTML from a proxy": Fault("html"),
    "503 twice": Fault("status", status=503, count=2),
    "408": Fault("status", status=408),
    "500": Fault("status", status=500),
    "504": Fault("status", status=504, code="gateway_timeout"),
    "503 that asks to wait": Fault("status", status=503, retry_after=2),
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


@pytest.mark.parametrize("name", PASSING)
async def test_a_get_is_repeated_until_it_succeeds(name: str, api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    fault = api.inject(fresh(PASSING[name]))
    assert (await client.users.me()).username == "local"
    assert fault.hits == fault.count
    assert len(api.requests_for("UserMeGet")) == fault.hits + 1


@pytest.mark.parametrize("name", PASSING)
async def test_a_video_is_made_and_charged_once(name: str, api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    api.inject(fresh(PASSING[name]))
    created = await client.videos.create(SCRIPT)
    assert [charge.id for charge in api.ledger] == [created.video_id]
    assert len({request.headers["Idempotency-Key"] for request in api.requests_for("VideoCreate")}) == 1


@pytest.mark.parametrize("name", PASSING)
async def test_a_session_is_never_asked_for_twice_blindly(name: str, api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    fault = api.inject(fresh(PASSING[name]))
    refused = fault.status == 429 or fault.retry_after is not None
    if refused:
        await client.video_agents.create(prompt="A tour")
    else:
        with pytest.raises(AmbiguousRequestError, match=r"may have been done.*video_agents\.list") as caught:
            await client.video_agents.create(prompt="A tour")
        assert isinstance(caught.value, APIConnectionError | ServerError | DecodeError)
        assert len(api.requests_for("VideoAgentCreate")) == 1
    assert len(api.ledger) <= 1


async def test_a_server_that_is_down_is_asked_again_when_it_is_up(api: HeyGenEmulator) -> None:
    await api.down()
    async with AsyncHeyGen(api.key, base_url=api.url, retry=Backoff(initial=1, jitter=0)) as client:
        asked = asyncio.create_task(client.video_agents.create(prompt="A tour"))
        await asyncio.sleep(0.5)
        await api.up()
        created = await asked
    assert [charge.id for charge in api.ledger] == [created.session_id]


async def test_a_server_that_stays_down_is_told_as_that(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    await api.down()
    with pytest.raises(APIConnectionError, match="no connection to 127.0.0.1") as caught:
        await client.users.me()
    assert not isinstance(caught.value, AmbiguousRequestError)


async def test_reset_while_an_upload_is_sent(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    api.inject(Fault("reset_mid_request", operation="AssetCreate"))
    uploaded = await client.assets.create(b"\x89PNG\r\n\x1a\n" + bytes(3_000_000))
    assert uploaded.size_bytes == 3_000_008
    assert len([asset for asset in api.state.assets.values() if asset["usable"]]) == 1


async def test_a_silent_socket_ends_with_the_deadline(api: HeyGenEmulator) -> None:
    api.inject(Fault("silent", count=None))
    loop = asyncio.get_running_loop()
    async with AsyncHeyGen(api.key, base_url=api.url, timeout=5) as client:
        started = loop.time()
        with pytest.raises(APITimeoutError, match="no response within the timeout"):
            await client.users.me()
        assert loop.time() - started == pytest.approx(5, abs=0.1)
        with pytest.raises(AmbiguousRequestError) as caught:
            await client.video_agents.create(prompt="A tour")
        assert isinstance(caught.value, APITimeoutError)


async def test_a_silent_socket_is_given_up_for_another_try(api: HeyGenEmulator) -> None:
    api.inject(Fault("silent"))
    async with AsyncHeyGen(api.key, base_url=api.url, timeout=Timeout(total=30, read=4)) as client:
        assert (await client.users.me()).username == "local"


async def test_a_call_ends_with_its_time_whatever_it_waits_for(api: HeyGenEmulator) -> None:
    loop = asyncio.get_running_loop()
    api.inject(Fault("silent", count=None))
    async with AsyncHeyGen(api.key, base_url=api.url, timeout=3, max_connections=1) as client:
        started = loop.time()
        ends = await asyncio.gather(*(client.users.me() for _ in range(3)), return_exceptions=True)
        assert loop.time() - started == pytest.approx(3, abs=0.1)
    assert [isinstance(end, APITimeoutError) for end in ends] == [True] * 3
    assert [("all connections allowed by max_connections were in use" in str(end)) for end in ends] == [
        False,
        True,
        True,
    ]


async def test_nothing_is_sent_when_no_time_is_left(api: HeyGenEmulator) -> None:
    async def slow(_: object) -> None:
        await asyncio.sleep(5)

    async with AsyncHeyGen(api.key, base_url=api.url, timeout=2, on_request=slow) as client:
        with pytest.raises(APITimeoutError) as caught:
            await client.video_agents.create(prompt="A tour")
    assert not isinstance(caught.value, AmbiguousRequestError)
    assert api.requests == []


async def test_a_key_is_told_whatever_the_last_try_met(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(api.key, base_url=api.url, max_retries=1, retry=QUICK) as client:
        api.inject(Fault("lost_response"))
        api.inject(Fault("status", status=429, code="rate_limit_exceeded"))
        with pytest.raises(RateLimitError, match="It may have been done") as caught:
            await client.videos.create(SCRIPT)
        await client.videos.create(SCRIPT, idempotency_key=caught.value.idempotency_key)
    assert len(api.ledger) == 1


async def test_a_lost_answer_that_stays_lost_gives_the_key_to_ask_again_with(
    api: HeyGenEmulator, client: AsyncHeyGen
) -> None:
    fault = api.inject(Fault("lost_response", count=None))
    with pytest.raises(APIConnectionError, match="to repeat it safely") as caught:
        await client.videos.create(SCRIPT)
    fault.count = 0
    assert caught.value.idempotency_key
    await client.videos.create(SCRIPT, idempotency_key=caught.value.idempotency_key)
    assert len(api.ledger) == 1


async def test_request_in_progress_is_waited_out(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    api.inject(Fault("status", status=409, code="request_in_progress", count=6))
    await client.videos.create(SCRIPT)
    assert len(api.requests_for("VideoCreate")) == 7


async def test_request_in_progress_ends_with_the_deadline(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    api.inject(Fault("status", status=409, code="request_in_progress", count=None))
    with pytest.raises(RequestInProgressError):
        await client.videos.create(SCRIPT)


@pytest.mark.parametrize("code", ["quota_exceeded", "QUOTA_EXCEEDED"])
async def test_what_waiting_does_not_cure_is_not_repeated(code: str, api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    api.inject(Fault("status", status=429, code=code, retry_after=1, count=None))
    with pytest.raises(QuotaExceededError):
        await client.users.me()
    assert len(api.requests) == 1


async def test_a_pause_that_outlasts_the_call_is_not_begun(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    api.inject(Fault("status", status=429, code="rate_limit_exceeded", retry_after=60, count=None))
    with pytest.raises(RateLimitError) as caught:
        await client.users.me()
    assert caught.value.retry_after == 60
    with pytest.raises(APITimeoutError, match="asked this client to pause"):
        await client.users.me()
    assert len(api.requests) == 1


async def test_one_429_holds_back_a_thousand_tasks(api: HeyGenEmulator) -> None:
    fault = api.inject(Fault("status", status=429, code="rate_limit_exceeded", retry_after=1, count=None))
    async with AsyncHeyGen(api.key, base_url=api.url, max_connections=20) as client:
        asked = [asyncio.create_task(client.users.me()) for _ in range(1000)]
        while len(api.requests) < 20:
            await asyncio.sleep(0)
        fault.count = fault.hits
        await asyncio.gather(*asked)
        paused = [request for request in api.requests if request.status == 429]
        over = min(request.time for request in paused) + 1
        assert len(paused) <= 20
        assert not [request for request in api.requests if request.status == 200 and request.time < over - 0.05]


async def test_a_503_that_asks_to_wait_holds_back_everybody(api: HeyGenEmulator) -> None:
    api.inject(Fault("status", status=503, retry_after=20))
    came = asyncio.Event()
    async with AsyncHeyGen(api.key, base_url=api.url, on_response=lambda _: came.set()) as client:
        first = asyncio.create_task(client.users.me())
        await came.wait()
        await asyncio.gather(first, *(client.voices.list() for _ in range(20)))
    assert min(request.time for request in api.requests[1:]) - api.requests[0].time >= 20


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_the_key_does_not_follow_a_redirect_to_another_host(
    status: int, api: HeyGenEmulator, client: AsyncHeyGen
) -> None:
    async with HeyGenEmulator() as other:
        api.inject(Fault("redirect", status=status, headers={"Location": f"{other.url}/v3/users/me"}))
        with pytest.raises(RedirectError, match="Set base_url"):
            await client.users.me()
        assert other.requests == []


async def test_a_redirect_within_the_host_is_followed(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    api.inject(Fault("redirect", status=307, path="/v3/videos", headers={"Location": "/v3/users/me"}))
    with pytest.raises(DecodeError):  # the account is no page of videos, so it was followed
        await client.videos.list()
    assert [request.path for request in api.requests] == ["/v3/videos", "/v3/users/me"]


@pytest.mark.parametrize("location", ["mailto:x", "about:blank", "https:///x", "http://[::1"])
async def test_a_redirect_that_leads_nowhere_is_told(location: str, api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    api.inject(Fault("redirect", headers={"Location": location}))
    with pytest.raises(RedirectError):
        await client.users.me()


async def test_a_redirect_that_goes_round_ends(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    api.inject(Fault("redirect", count=None, headers={"Location": "/v3/users/me"}))
    with pytest.raises(RedirectError):
        await client.users.me()


async def test_an_outage_adds_a_tenth_to_the_load(api: HeyGenEmulator, client: AsyncHeyGen) -> None:
    api.inject(Fault("status", status=500, count=None))
    for _ in range(300):
        with pytest.raises(ServerError):
            await client.users.me()
    assert len(api.requests) <= 300 * 1.1 + 10


async def test_no_try_is_made_that_hooks_do_not_see(api: HeyGenEmulator) -> None:
    tried = []
    api.inject(Fault("reset_before", count=None))
    async with AsyncHeyGen(api.key, base_url=api.url, retry=QUICK, on_request=tried.append) as client:
        for _ in range(5):
            with pytest.raises(APIConnectionError):
                await client.users.me()
    assert len(api.requests) == len(tried)


async def test_a_500_answer_keeps_its_facts(api: HeyGenEmulator) -> None:
    api.inject(Fault("html", count=None))
    async with AsyncHeyGen(api.key, base_url=api.url, max_retries=0) as client:
        with pytest.raises(ServerError, match="502 Bad Gateway") as caught:
            await client.users.me()
    assert (caught.value.status, caught.value.code, caught.value.path) == (502, None, "/v3/users/me")
    assert "<title>" in str(caught.value.body)


async def test_hooks_see_each_attempt(api: HeyGenEmulator) -> None:
    sent, came = [], []

    async def on_response(response: object) -> None:
        came.append(response)

    api.inject(Fault("status", status=500))
    async with AsyncHeyGen(
        api.key, base_url=api.url, retry=QUICK, on_request=sent.append, on_response=on_response
    ) as c:
        await c.users.me()
    assert [info.attempt for info in sent] == [1, 2]
    assert [answer.status for answer in came] == [500, 200]
    assert sent[0].url == f"{api.url}/v3/users/me"


async def test_a_thousand_random_resets_charge_nothing_twice(api: HeyGenEmulator) -> None:
    """Random socket faults at every stage: each video that the caller knows of was charged once, and no other."""
    api.state.concurrency_limit, api.state.balance = 10_000, 1e6
    for number, kind in enumerate(["reset_before", "lost_response", "reset_mid_body", "truncate", "corrupt"]):
        api.inject(Fault(kind, count=None, probability=0.015, seed=number))
    async with AsyncHeyGen(api.key, base_url=api.url, retry=QUICK) as client:
        known, lost = set(), set()

        async def one(number: int) -> None:
            key = f"row-{number}"
            try:
                known.add((key, (await client.videos.create(SCRIPT, idempotency_key=key)).video_id))
            except APIConnectionError as error:
                assert error.idempotency_key == key
                lost.add(key)
            except DecodeError:
                lost.add(key)

        for start in range(0, 1000, 50):
            await asyncio.gather(*(one(number) for number in range(start, start + 50)))
    charged = [charge.key for charge in api.ledger]
    assert len(charged) == len(set(charged))
    assert {key for key, _ in known} <= set(charged) <= {key for key, _ in known} | lost
    assert len(known) > 950


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(400, "invalid_parameter", BadRequestError), (413, "hyperframes_project_too_large", BadRequestError)],
)
async def test_final_answers_are_not_repeated(
    status: int, code: str, kind: type[APIError], api: HeyGenEmulator, client: AsyncHeyGen
) -> None:
    api.inject(Fault("status", status=status, code=code, count=None))
    with pytest.raises(kind) as caught:
        await client.users.me()
    assert (caught.value.code, len(api.requests)) == (code, 1)
