"""Token refresh: once for all tasks, in time, and with no token lost."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from oauth_support import RecordingTokenStore, issue_tokens
from support import tasks

from heygen_async import (
    APITimeoutError,
    AsyncHeyGen,
    AuthenticationError,
    ConfigurationError,
    OAuthTokens,
    RateLimitError,
    ServerError,
)
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.avatar_realtime import TextStream


async def test_requests_carry_the_token_and_no_api_key(api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", "not_this_one")
    tokens = issue_tokens(api)
    async with AsyncHeyGen(auth=tokens, base_url=api.url) as heygen:
        assert heygen.tokens is tokens
        await heygen.users.me()
        await heygen.with_options(timeout=5).video_agents.create(prompt="A tour")
    assert [r.headers["Authorization"] for r in api.requests] == [f"Bearer {tokens.access_token}"] * 2
    assert not any("X-Api-Key" in r.headers for r in api.requests)
    with pytest.raises(ConfigurationError, match="not both"):
        AsyncHeyGen("key", auth=tokens)


async def test_500_tasks_cause_one_refresh(api: HeyGenEmulator) -> None:
    api.oauth.token_seconds = 600
    async with AsyncHeyGen(auth=issue_tokens(api), base_url=api.url) as heygen:
        await heygen.users.me()
        api.oauth.end_access()  # long before its time
        assert len(await asyncio.gather(*[heygen.users.me() for _ in range(500)])) == 500
        assert api.oauth.refreshes == 1
        assert len([r for r in api.requests_for("UserMeGet") if r.status == 401]) <= 100  # no more than were in flight
        before = len(api.requests)
        api.clock.advance(570)  # to half a minute before its time
        assert len(await asyncio.gather(*[heygen.users.me() for _ in range(500)])) == 500
        assert api.oauth.refreshes == 2
        assert not [r for r in api.requests[before:] if r.status == 401]


async def test_100_jobs_survive_repeated_expiry() -> None:
    async with HeyGenEmulator(autojump=True, concurrency_limit=1000, balance=1000) as api:
        api.oauth.token_seconds = 20
        async with AsyncHeyGen(auth=issue_tokens(api), base_url=api.url) as heygen:

            async def create_video(number: int) -> str:
                session = await heygen.video_agents.create(prompt=f"Tour {number}")
                return (await heygen.wait_for_video(session)).id

            video_ids = await asyncio.gather(*[create_video(number) for number in range(100)])
        assert len(set(video_ids)) == len(api.ledger) == 100
        assert api.oauth.refreshes >= 3
        assert not [r for r in api.requests if r.status not in {200, 202}]


async def test_refused_refresh_asks_to_sign_in_again(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=issue_tokens(api), base_url=api.url) as heygen:
        api.oauth.revoke()
        outcomes = await asyncio.gather(*[heygen.users.me() for _ in range(50)], return_exceptions=True)
        assert all(isinstance(outcome, AuthenticationError) and "Sign in again" in str(outcome) for outcome in outcomes)
        assert len({id(outcome) for outcome in outcomes}) == 50
        with pytest.raises(AuthenticationError, match="Sign in again"):
            await heygen.users.me()
    assert len(api.requests_for("OAuthRefresh")) == 1
    assert "HEYGEN_API_KEY" not in str(outcomes[0])


async def test_token_without_refresh_token_is_used_until_it_is_rejected(api: HeyGenEmulator) -> None:
    late = time.time() - 60
    async with AsyncHeyGen(auth=issue_tokens(api, refresh_token=None, expires_at=late), base_url=api.url) as heygen:
        await heygen.users.me()
        api.oauth.end_access()
        with pytest.raises(AuthenticationError, match="Sign in again"):
            await heygen.users.me()
    assert not api.requests_for("OAuthRefresh")


async def test_token_rejected_after_its_refresh_is_an_error(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=issue_tokens(api), base_url=api.url) as heygen:
        api.inject(Fault("status", status=401, code="unauthorized", operation="UserMeGet", count=None))
        with pytest.raises(AuthenticationError, match="Sign in again"):
            await heygen.users.me()
    assert (len(api.requests_for("UserMeGet")), api.oauth.refreshes) == (2, 1)


async def test_rejection_of_new_tokens_causes_one_refresh_in_50_calls(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=issue_tokens(api), base_url=api.url) as heygen:
        fault = api.inject(Fault("status", status=401, code="unauthorized", operation="UserMeGet", count=None))
        for _ in range(25):
            with pytest.raises(AuthenticationError, match="Sign in again"):
                await heygen.users.me()
        outcomes = await asyncio.gather(*[heygen.users.me() for _ in range(25)], return_exceptions=True)
        assert all(isinstance(outcome, AuthenticationError) for outcome in outcomes)
        assert "was refreshed 0 s ago, so it is not refreshed again" in str(outcomes[0])
        assert (api.oauth.refreshes, fault.hits) == (1, 51)
        api.clear_faults()
        await heygen.users.me()  # the API accepts the token after all
    assert api.oauth.refreshes == 1


async def test_processes_do_not_refresh_the_new_tokens_of_each_other(api: HeyGenEmulator) -> None:
    store = RecordingTokenStore(issue_tokens(api))
    async with (
        AsyncHeyGen(auth=store, base_url=api.url) as first,
        AsyncHeyGen(auth=store, base_url=api.url) as second,
    ):
        api.inject(Fault("status", status=401, code="unauthorized", operation="UserMeGet", count=None))
        for _ in range(10):
            for heygen in (first, second):
                with pytest.raises(AuthenticationError):
                    await heygen.users.me()
    assert api.oauth.refreshes <= 2


async def test_rejection_by_one_endpoint_causes_one_refresh(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=issue_tokens(api), base_url=api.url) as heygen:
        api.inject(Fault("status", status=401, code="unauthorized", operation="UserMeGet", count=None))
        for _ in range(10):
            await heygen.voices.list()
            with pytest.raises(AuthenticationError):
                await heygen.users.me()
    assert api.oauth.refreshes == 1


async def test_new_tokens_that_were_accepted_are_refreshed_after_a_rejection(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=issue_tokens(api, expires_at=time.time() - 1), base_url=api.url) as heygen:
        for refreshes in (1, 2, 3):
            await heygen.users.me()
            assert api.oauth.refreshes == refreshes
            api.oauth.end_access()


async def test_rejection_of_new_tokens_ends_with_another_sign_in(api: HeyGenEmulator) -> None:
    store = RecordingTokenStore(issue_tokens(api, expires_at=time.time() - 1))
    async with AsyncHeyGen(auth=store, base_url=api.url) as heygen:
        api.inject(Fault("status", status=401, code="unauthorized", operation="UserMeGet"))
        with pytest.raises(AuthenticationError):
            await heygen.users.me()
        api.oauth.end_access()
        store.tokens = issue_tokens(api)
        await heygen.users.me()
    assert api.oauth.refreshes == 1


async def test_token_that_is_granted_again_is_refreshed_once(
    api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = issue_tokens(api)
    same = {"access_token": tokens.access_token, "refresh_token": "next", "expires_in": 600}
    monkeypatch.setattr(api.oauth, "issue", lambda *_: same)
    async with AsyncHeyGen(auth=tokens, base_url=api.url) as heygen:
        api.inject(Fault("status", status=401, code="unauthorized", operation="UserMeGet"))
        for _ in range(3):
            await heygen.users.me()
    assert len(api.requests_for("OAuthRefresh")) == 1


async def test_streamed_body_is_sent_again_after_a_refresh(api: HeyGenEmulator, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(100_000))
    async with AsyncHeyGen(auth=issue_tokens(api), base_url=api.url, max_retries=0) as heygen:
        api.oauth.end_access()
        asset = await heygen.assets.upload(tmp_path / "a.png")
    assert asset.asset_id
    assert [r.status for r in api.requests_for("AssetCreate")] == [401, 200]


async def test_event_stream_opens_after_a_refresh(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=issue_tokens(api), base_url=api.url) as heygen:
        stream = await heygen.avatar_realtime.create(
            TextStream(avatar_id="avatar_1", voice_id="voice_0001", text="One two three.")
        )
        await heygen.avatar_realtime.append_text(stream.stream_id, delta="", final=True)
        api.oauth.end_access()
        assert [w.word async for w in heygen.avatar_realtime.words(stream.stream_id)]
    assert api.oauth.refreshes == 1
    api.inject(Fault("status", status=401, operation="AvatarRealtimeWords", count=None))
    async with AsyncHeyGen(auth=issue_tokens(api), base_url=api.url) as heygen:
        with pytest.raises(AuthenticationError, match="Sign in again"):
            await anext(heygen.avatar_realtime.words(stream.stream_id))


@pytest.mark.parametrize(
    "fault",
    [
        Fault("reset_before", operation="OAuthRefresh", count=2),
        Fault("status", status=503, operation="OAuthRefresh", count=2),
        Fault("status", status=429, retry_after=3, operation="OAuthRefresh", count=2),
    ],
    ids=lambda fault: fault.kind,
)
async def test_retries_a_transient_failure_of_the_refresh(api: HeyGenEmulator, fault: Fault) -> None:
    async with AsyncHeyGen(auth=issue_tokens(api, expires_at=time.time() - 1), base_url=api.url) as heygen:
        api.inject(fault)
        await heygen.users.me()
    assert (api.oauth.refreshes, fault.hits) == (1, 2)


async def test_token_is_used_until_it_expires_while_refreshes_fail(api: HeyGenEmulator) -> None:
    api.oauth.token_seconds = 100
    async with AsyncHeyGen(auth=issue_tokens(api), base_url=api.url) as heygen:
        await heygen.users.me()
        api.inject(Fault("status", status=503, operation="OAuthRefresh", count=None))
        api.clock.advance(92)
        await heygen.users.me()
        refreshes = len(api.requests_for("OAuthRefresh"))
        assert refreshes >= 1
        await heygen.users.me()
        assert len(api.requests_for("OAuthRefresh")) == refreshes  # not with every request
        api.clock.advance(10)
        with pytest.raises(ServerError, match="oauth/refresh_token"):
            await heygen.users.me()
        api.clear_faults()
        await heygen.users.me()


async def test_lost_response_of_a_refresh_asks_to_sign_in_again(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=issue_tokens(api, expires_at=time.time() - 1), base_url=api.url) as heygen:
        api.inject(Fault("lost_response", operation="OAuthRefresh"))
        with pytest.raises(AuthenticationError, match="Sign in again"):  # HeyGen has rotated it, and says so
            await heygen.users.me()


async def test_long_retry_after_is_raised_at_once(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=issue_tokens(api, expires_at=time.time() - 1), base_url=api.url) as heygen:
        fault = api.inject(Fault("status", status=429, retry_after=100, operation="OAuthRefresh", count=None))
        with pytest.raises(RateLimitError, match="100 s"):
            await heygen.users.me()
        assert fault.hits == 1


async def test_late_401_does_not_invalidate_a_newer_token(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=issue_tokens(api), base_url=api.url) as heygen:
        api.oauth.end_access()
        api.inject(Fault("delay", seconds=5, operation="UserMeGet"))
        await asyncio.gather(heygen.users.me(), heygen.users.me())
    assert (api.oauth.refreshes, len(api.requests_for("UserMeGet"))) == (1, 4)


async def test_refreshes_after_the_machine_slept(api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    api.oauth.token_seconds = 600
    async with AsyncHeyGen(auth=issue_tokens(api), base_url=api.url) as heygen:
        await heygen.users.me()
        late = time.time() + 1000  # by the wall's clock; the loop's stood still
        monkeypatch.setattr("heygen_async.auth.token_refresh.time", SimpleNamespace(time=lambda: late))
        await heygen.users.me()
    assert api.oauth.refreshes == 1
    assert all(request.status == 200 for request in api.requests)


async def test_close_waits_for_a_running_refresh(api: HeyGenEmulator) -> None:
    store = RecordingTokenStore(issue_tokens(api, expires_at=time.time() - 1))
    async with AsyncHeyGen(auth=store, base_url=api.url) as heygen:
        api.inject(Fault("delay", seconds=3, operation="OAuthRefresh"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(heygen.users.me(), 1)
    assert store.saved == [heygen.tokens]
    before = tasks()
    async with AsyncHeyGen(
        auth=RecordingTokenStore(issue_tokens(api, expires_at=time.time() - 1)), base_url=api.url
    ) as heygen:
        api.inject(Fault("silent", operation="OAuthRefresh"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(heygen.users.me(), 1)
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 6
    await asyncio.sleep(0)
    assert not [task for task in tasks() - before if "token_refresh" in repr(task)]


async def test_wait_for_a_refresh_ends_at_the_deadline(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=issue_tokens(api, expires_at=time.time() - 1), base_url=api.url, timeout=2) as heygen:
        silent = api.inject(Fault("silent", operation="OAuthRefresh"))
        with pytest.raises(APITimeoutError, match="was not sent"):
            await heygen.users.me()
        assert silent.hits == 1


async def test_cancelled_task_does_not_cancel_the_refresh(api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(auth=issue_tokens(api, expires_at=time.time() - 1), base_url=api.url) as heygen:
        api.inject(Fault("delay", seconds=3, operation="OAuthRefresh"))
        first, second = asyncio.ensure_future(heygen.users.me()), asyncio.ensure_future(heygen.users.me())
        while not api.requests_for("OAuthRefresh"):
            await asyncio.sleep(0)
        first.cancel()
        await second
        with pytest.raises(asyncio.CancelledError):
            await first
    assert (len(api.requests_for("OAuthRefresh")), len(api.requests_for("UserMeGet"))) == (1, 1)


def test_an_ended_event_loop_does_not_hold_up_the_refresh_of_the_next() -> None:
    class HangingTokenStore(RecordingTokenStore):
        is_hanging = True

        async def load(self) -> OAuthTokens | None:
            if self.is_hanging:
                await asyncio.Event().wait()
            return self.tokens

    async def start_call() -> None:
        calls.append(asyncio.ensure_future(heygen.users.me()))
        await asyncio.sleep(0.05)

    async def use() -> str:
        async with heygen:
            return (await heygen.users.me()).username

    calls: list[asyncio.Task[object]] = []
    with HeyGenEmulator() as api:
        store = HangingTokenStore(issue_tokens(api))
        heygen = AsyncHeyGen(auth=store, base_url=api.url, timeout=20)
        stopped = asyncio.new_event_loop()
        stopped.run_until_complete(start_call())
        store.is_hanging = False
        assert asyncio.run(use()) == "local"
        for task in asyncio.all_tasks(stopped):
            task.cancel()
        stopped.run_until_complete(asyncio.wait(calls))
        stopped.close()
