"""Shared by the authentication tests: issued tokens, a visit of the consent page, a recording token store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import msgspec

from heygen_async import (
    OAuthTokens,
)
from heygen_async.testing import HeyGenEmulator

REDIRECT_URI = "http://127.0.0.1:9/callback"


def issue_tokens(api: HeyGenEmulator, **changes: Any) -> OAuthTokens:
    """Return a pair of tokens without a visit of the consent page."""
    tokens = OAuthTokens.from_response(api.oauth.issue(), client_id=api.oauth.client_id)
    return msgspec.structs.replace(tokens, **changes)


async def visit_consent_page(url: str, decision: str = "allow") -> str:
    """Open the consent page, decide, and return the URL to which HeyGen sends the person back."""
    async with aiohttp.ClientSession() as session:
        async with session.get(url, allow_redirects=False) as page:
            if page.status != 200:
                return page.headers.get("Location") or f"{page.status} {await page.text()}"
            assert "asks to use this account" in await page.text()
        form = {**dict(parse_qsl(urlsplit(url).query)), "decision": decision}
        async with session.post(url.partition("?")[0], data=form, allow_redirects=False) as response:
            return response.headers["Location"]


class RecordingTokenStore:
    """A token store that records what it saves; `before_save` may raise."""

    def __init__(self, tokens: OAuthTokens | None) -> None:
        self.tokens = tokens
        self.saved: list[OAuthTokens] = []
        self.before_save: Callable[[], None] = lambda: None

    async def load(self) -> OAuthTokens | None:
        return self.tokens

    async def save(self, tokens: OAuthTokens) -> None:
        self.before_save()
        await asyncio.sleep(1)
        self.tokens = tokens
        self.saved.append(tokens)

    def lock(self) -> nullcontext[None]:
        return nullcontext()


def raise_disk_full() -> None:
    raise OSError("the disk is full")
