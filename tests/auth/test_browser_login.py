"""Login with a browser on a loopback address."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from oauth_support import RecordingTokenStore, raise_disk_full, visit_consent_page

from heygen_async import (
    APITimeoutError,
    AsyncHeyGen,
    ConfigurationError,
    FileTokenStore,
    InvalidInputError,
    OAuthError,
    login_with_browser,
)
from heygen_async.testing import Fault, HeyGenEmulator


async def test_signs_in_on_a_loopback_address(api: HeyGenEmulator, tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path / "tokens.json")
    results: dict[str, Any] = {}

    async def be_the_person(url: str) -> None:
        back = await visit_consent_page(url)
        results["back"] = back
        async with aiohttp.ClientSession() as session:

            async def call(address: str, method: str = "GET") -> tuple[int, str]:
                async with session.request(method, address) as response:
                    assert response.headers["Cache-Control"] == "no-store"
                    return response.status, await response.text()

            root = back.partition("/callback")[0]
            assert (await call(f"{root}/favicon.ico"))[0] == 404
            assert (await call(back, "POST"))[0] == 404
            for forged in (
                back.replace("state=", "state=x"),
                f"{root}/callback",
                f"{root}/callback?error=access_denied",
            ):
                status, page = await call(forged)
                assert (status, "Not signed in" in page) == (400, True)
            results["responses"] = await asyncio.gather(call(back), call(back))

    tokens = await login_with_browser(api.oauth.client_id, base_url=api.url, store=store, open_url=be_the_person)
    assert sorted(status for status, _ in results["responses"]) == [200, 410]
    assert await store.load() == tokens
    assert api.oauth.exchanges == 1
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(results["back"])


async def test_every_failed_login_raises_its_reason(
    api: HeyGenEmulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def call(url: str, decision: str = "allow", change: Callable[[str], str] = str) -> None:
        async def person() -> None:
            async with (
                aiohttp.ClientSession() as session,
                session.get(change(await visit_consent_page(url, decision))) as response,
            ):
                assert response.status == 400 or response.status == 502

        people.append(asyncio.ensure_future(person()))

    people: list[asyncio.Future[None]] = []
    login = partial(login_with_browser, api.oauth.client_id, base_url=api.url)
    with pytest.raises(OAuthError, match="access_denied"):
        await login(open_url=lambda url: call(url, "deny"))
    with pytest.raises(OAuthError, match="invalid_grant"):
        await login(open_url=lambda url: call(url, change=lambda back: back.replace("code_local", "code_of_another")))
    broken = RecordingTokenStore(None)
    broken.before_save = raise_disk_full
    with pytest.raises(OSError, match="the disk is full"):
        await login(open_url=call, store=broken)
    api.inject(Fault("silent", operation="OAuthToken", count=None))
    with pytest.raises(APITimeoutError, match="/v1/oauth/token"):
        await login(open_url=call)
    api.clear_faults()
    await asyncio.gather(*people)
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    with pytest.raises(OAuthError, match="Nobody signed in within 20 s") as raised:
        await login_with_browser(api.oauth.client_id, base_url=api.url, timeout=20)
    assert raised.value.error == "timeout"
    assert f"{api.url}/oauth/authorize?" in capsys.readouterr().err
    for uri in ("https://127.0.0.1:0/", "http://example.com:80/", "http://127.0.0.1/callback"):
        with pytest.raises(InvalidInputError):
            await login_with_browser("abc", redirect_uri=uri)


@pytest.mark.parametrize("problem", ["full disk", "no folder", "custom store", "locked"])
async def test_checks_the_store_before_the_browser_opens(
    problem: str, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    (tmp_path / "file").touch()
    stores = {"no folder": FileTokenStore(tmp_path / "file" / "tokens.json"), "custom store": UnusableTokenStore(None)}
    store = stores.get(problem) or FileTokenStore(tmp_path / "tokens.json")
    login = login_with_browser(api.oauth.client_id, base_url=api.url, store=store, open_url=opened.append, timeout=5)
    if problem == "full disk":
        monkeypatch.setattr("os.fsync", lambda _: raise_disk_full())
    async with store.lock() if problem == "locked" else nullcontext():
        with pytest.raises(ConfigurationError, match="cannot be locked"):
            await login
    assert opened == []


class UnusableTokenStore(RecordingTokenStore):
    def lock(self) -> nullcontext[None]:
        raise_disk_full()
        raise AssertionError


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_checks_the_port_before_the_browser_opens(host: str, api: HeyGenEmulator) -> None:
    opened: list[str] = []
    async with await asyncio.start_server(lambda *_: None, host, 0) as server:
        port = server.sockets[0].getsockname()[1]
        uri = f"http://{host}:{port}/callback"
        with pytest.raises(ConfigurationError, match=f"port {port} on {host} cannot be used .*in use"):
            await login_with_browser(api.oauth.client_id, base_url=api.url, redirect_uri=uri, open_url=opened.append)
    assert opened == []


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("chromium") and shutil.which("chromedriver")),
    reason="needs Debian's chromium and chromium-driver",
)
async def test_signs_in_with_a_real_browser(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    from selenium import webdriver
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    caplog.set_level(logging.INFO)  # at DEBUG, WebDriver logs the address of every page
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--no-proxy-server",
        f"--user-data-dir={tmp_path}",
    ):
        options.add_argument(argument)
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    results: list[str] = []
    browser = await asyncio.to_thread(webdriver.Chrome, options, service)

    def sign_in(url: str) -> None:
        browser.get(url)
        results.append(browser.find_element(By.TAG_NAME, "h1").text)
        browser.find_element(By.CSS_SELECTOR, "button[value=allow]").click()
        WebDriverWait(browser, 30).until(lambda b: b.title == "Signed in")
        results.append(browser.current_url)

    try:
        async with HeyGenEmulator() as api:
            people: list[asyncio.Future[None]] = []
            tokens = await login_with_browser(
                api.oauth.client_id,
                base_url=api.url,
                open_url=lambda url: people.append(asyncio.ensure_future(asyncio.to_thread(sign_in, url))),
            )
            await people[0]
            async with AsyncHeyGen(auth=tokens, base_url=api.url) as heygen:
                assert (await heygen.users.me()).email
    finally:
        await asyncio.to_thread(browser.quit)
    assert results[0] == "local_client asks to use this account"
    assert results[1].startswith("http://127.0.0.1:")
