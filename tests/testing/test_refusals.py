"""What the local HeyGen refuses, by plain HTTP: the status, the code and the field that the documentation names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from heygen_async.testing import HeyGenEmulator

PACK = {"type": "look_pack", "reference_look_id": "{look}", "template_id": "look_pack_0"}
TEMPLATE = {"type": "template", "reference_look_id": "{look}", "template_id": "template_0"}
SITE = "https://example.com"
VARIABLES = "/v3/templates/template_0/variables"


@pytest.fixture
async def api() -> AsyncIterator[HeyGenEmulator]:
    async with HeyGenEmulator(autojump=True, balance=1e6) as emulator:
        yield emulator


class Plain:
    """A client that knows nothing, and the ids that it has created."""

    def __init__(self, api: HeyGenEmulator, session: aiohttp.ClientSession) -> None:
        self.api = api
        self.session = session
        self.ids: dict[str, str] = {}

    async def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, Any]]:
        fields = {
            name: value.format_map(self.ids) if isinstance(value, str) else value
            for name, value in (body or {}).items()
        }
        url = self.api.url + path.format_map(self.ids)
        sent = {"X-Api-Key": self.api.key, **headers}
        async with self.session.request(method, url, json=fields or body, headers=sent) as response:
            return response.status, await response.json()


@pytest.fixture
async def plain(api: HeyGenEmulator) -> AsyncIterator[Plain]:
    async with aiohttp.ClientSession() as session:
        plain = Plain(api, session)
        avatar = {"type": "prompt", "name": "Ada", "prompt": "A calm narrator"}
        plain.ids["look"] = (await plain("POST", "/v3/avatars", avatar))[1]["data"]["avatar_item"]["id"]
        public = (await plain("GET", "/v3/avatars/looks?ownership=public&limit=1"))[1]["data"]
        plain.ids["public_look"] = public[0]["id"]
        yield plain


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code", "param"),
    [
        ("GET", "/v3/avatars/look-templates?type=pack", None, 400, "invalid_parameter", "type"),
        ("GET", "/v3/avatars/look-templates?gender=none", None, 400, "invalid_parameter", "gender"),
        ("GET", "/v3/avatars/look-templates?limit=51", None, 400, "invalid_parameter", "limit"),
        ("GET", "/v3/avatars/look-templates?token=none", None, 400, "invalid_parameter", "token"),
        ("POST", "/v3/avatars/looks", {**PACK, "type": "pack"}, 400, "invalid_parameter", "type"),
        ("POST", "/v3/avatars/looks", {**PACK, "aspect_ratio": "1:1"}, 400, "invalid_parameter", "aspect_ratio"),
        ("POST", "/v3/avatars/looks", {**TEMPLATE, "aspect_ratio": "16:9"}, 400, "invalid_parameter", "aspect_ratio"),
        ("POST", "/v3/avatars/looks", {"type": "template"}, 400, "invalid_parameter", "reference_look_id"),
        ("POST", "/v3/avatars/looks", {**PACK, "template_id": "template_0"}, 400, "invalid_parameter", "template_id"),
        ("POST", "/v3/avatars/looks", {**PACK, "template_id": "none"}, 404, "resource_not_found", None),
        ("POST", "/v3/avatars/looks", {**PACK, "reference_look_id": "none"}, 404, "avatar_not_found", None),
        ("POST", "/v3/avatars/looks", {**PACK, "reference_look_id": "{public_look}"}, 403, "forbidden", None),
        ("POST", "/v3/templates", {}, 400, "invalid_parameter", "video_id"),
        ("POST", "/v3/templates", {"video_id": "none"}, 404, "video_not_found", None),
        ("POST", "/v3/templates", {"video_id": "v", "scenes": []}, 400, "invalid_parameter", "scenes"),
        ("PATCH", "/v3/templates/template_0", {}, 400, "invalid_parameter", "name"),
        ("PATCH", "/v3/templates/template_0", {"name": None}, 400, "invalid_parameter", "name"),
        ("PATCH", "/v3/templates/none", {"name": "n"}, 404, "template_not_found", None),
        ("DELETE", "/v3/templates/none", None, 404, "template_not_found", None),
        ("PUT", VARIABLES, {}, 400, "invalid_parameter", "variables"),
        ("PUT", VARIABLES, {"variables": []}, 400, "invalid_parameter", "variables"),
        ("PUT", VARIABLES, {"variables": {"2nd": {}}}, 400, "invalid_parameter", "variables.2nd"),
        ("PUT", VARIABLES, {"variables": {"a": "text"}}, 400, "invalid_parameter", "variables.a"),
        ("PUT", VARIABLES, {"variables": {"a": {}}}, 400, "invalid_parameter", "variables.a.type"),
        ("PUT", VARIABLES, {"variables": {"a": {"type": "text", "match": "Nobody"}}}, 400, "invalid_parameter",
         "variables.a.match"),
        ("PUT", VARIABLES, {"variables": {"a": {"type": "audio", "element_id": "inset"}}}, 400, "invalid_parameter",
         "variables.a.element_id"),
        ("PUT", VARIABLES, {"variables": {}, "expected_edit_version": "older"}, 409, "stale_edit_version", None),
        ("PUT", "/v3/templates/none/variables", {"variables": {}}, 404, "template_not_found", None),
        ("POST", "/v3/brand-kits", {}, 400, "invalid_parameter", "url"),
        ("POST", "/v3/brand-kits", {"url": "ftp://example.com"}, 400, "invalid_parameter", "url"),
        ("POST", "/v3/brand-kits", {"url": f"{SITE}/{'a' * 2048}"}, 400, "invalid_parameter", "url"),
        ("POST", "/v3/brand-kits", {"url": SITE, "name": "n" * 257}, 400, "invalid_parameter", "name"),
        ("POST", "/v3/brand-kits", {"url": SITE, "colors": []}, 400, "invalid_parameter", "colors"),
        ("GET", "/v3/video-translations/proofreads?limit=101", None, 400, "invalid_parameter", "limit"),
        ("GET", "/v3/video-translations/proofreads?title=a", None, 400, "invalid_parameter", "title"),
        ("DELETE", "/v3/video-translations/proofreads/none", None, 404, "resource_not_found", None),
        ("GET", "/v3/api_keys/self?scope=a", None, 400, "invalid_parameter", "scope"),
    ],
)  # fmt: skip
async def test_refuses_what_the_contract_refuses(
    method: str, path: str, body: Any, status: int, code: str, param: str | None, plain: Plain
) -> None:
    charges, jobs = len(plain.api.ledger), len(plain.api.state.jobs)
    got, response = await plain(method, path, body)
    error = response["error"]
    assert (got, error["code"]) == (status, code), response
    assert param is None or error["param"] == param
    assert (len(plain.api.ledger), len(plain.api.state.jobs)) == (charges, jobs)


async def test_describes_no_access_token(plain: Plain) -> None:
    token = plain.api.oauth.issue()["access_token"]
    async with plain.session.get(
        f"{plain.api.url}/v3/api_keys/self", headers={"Authorization": f"Bearer {token}"}
    ) as response:
        assert response.status == 401


async def test_a_brand_kit_is_created_with_201(plain: Plain) -> None:
    status, response = await plain("POST", "/v3/brand-kits", {"url": SITE})
    assert (status, response["data"]["status"]) == (201, "loading")


async def test_a_video_of_an_older_editor_does_not_become_a_template(plain: Plain) -> None:
    voice = {"type": "text", "voice_id": "voice_0001", "input_text": "Hi."}
    _, older = await plain("POST", "/v2/video/generate", {"video_inputs": [{"voice": voice}]})
    status, response = await plain("POST", "/v3/templates", {"video_id": older["data"]["video_id"]})
    assert (status, response["error"]["code"]) == (400, "template_source_unsupported")
