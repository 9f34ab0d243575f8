"""Token stores: new tokens are saved before they are used."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from oauth_support import RecordingTokenStore, issue_tokens, raise_disk_full

from heygen_async import (
    AsyncHeyGen,
    AuthenticationError,
    ConfigurationError,
    FileTokenStore,
)
from heygen_async.testing import HeyGenEmulator


async def test_saves_new_tokens_before_they_are_used(api: HeyGenEmulator) -> None:
    store = RecordingTokenStore(issue_tokens(api, expires_at=time.time() - 1))
    async with AsyncHeyGen(auth=store, base_url=api.url) as heygen:
        assert heygen.tokens is None
        later: list[asyncio.Future[object]] = []
        store.before_save = lambda: later.append(asyncio.ensure_future(heygen.users.me()))
        saved_before = []
        while_saving = asyncio.get_running_loop().call_later
        first = asyncio.ensure_future(heygen.users.me())
        while not later:
            await asyncio.sleep(0)
        while_saving(0.5, lambda: saved_before.append(len(api.requests_for("UserMeGet"))))
        await asyncio.gather(first, *later)
        assert heygen.tokens == store.tokens == store.saved[-1]
    assert saved_before == [0]


async def test_tokens_that_cannot_be_saved_are_used_and_saved_later(
    api: HeyGenEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise OSError("the database is away")

    store = RecordingTokenStore(issue_tokens(api, expires_at=time.time() - 1))
    store.before_save = fail
    async with AsyncHeyGen(auth=store, base_url=api.url) as heygen:
        await heygen.users.me()
        assert "the database is away" in caplog.text
        api.clock.advance(6)
        await heygen.users.me()
        assert not store.saved
        store.before_save = lambda: None
        api.clock.advance(6)
        await heygen.users.me()
        assert store.saved == [heygen.tokens]
        assert api.oauth.refreshes == 1
        store.before_save = fail
        api.oauth.end_access()
        await heygen.users.me()
        store.before_save = lambda: None
        newest = heygen.tokens
    assert store.saved[-1] == newest  # at the last moment


@pytest.mark.parametrize("away_for_good", [True, False])
async def test_unsaved_tokens_are_refreshed_when_they_are_rejected(api: HeyGenEmulator, away_for_good: bool) -> None:
    store = RecordingTokenStore(issue_tokens(api, expires_at=time.time() - 1))
    store.before_save = raise_disk_full
    async with AsyncHeyGen(auth=store, base_url=api.url) as heygen:
        await heygen.users.me()
        unsaved = heygen.tokens
        api.oauth.end_access()
        if not away_for_good:
            store.before_save = lambda: None
        await heygen.users.me()
        assert heygen.tokens != unsaved
        assert api.oauth.refreshes == 2
        store.before_save = lambda: None
        newest = heygen.tokens
    assert store.saved[-1] == newest


async def test_uses_tokens_that_another_login_saved(api: HeyGenEmulator) -> None:
    store = RecordingTokenStore(issue_tokens(api))
    async with AsyncHeyGen(auth=store, base_url=api.url) as heygen:
        await heygen.users.me()
        api.oauth.revoke()
        with pytest.raises(AuthenticationError):
            await heygen.users.me()
        store.tokens = issue_tokens(api)
        await heygen.users.me()
    assert not api.oauth.refreshes


async def test_empty_store_asks_to_sign_in_first(api: HeyGenEmulator, tmp_path: Path) -> None:
    async with AsyncHeyGen(auth=FileTokenStore(tmp_path / "none.json"), base_url=api.url) as heygen:
        with pytest.raises(ConfigurationError, match=r"none\.json.*login_with_browser"):
            await heygen.users.me()
    assert not api.requests
