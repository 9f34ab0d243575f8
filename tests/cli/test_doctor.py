"""`heygen-async doctor` against the local HeyGen, and behind a server that changes its responses."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from cli_support import Shell
from contract_samples import OPERATIONS, create_ids, post, unused_name, valid_value
from forged_api import served

from heygen_async.testing import Fault

Change = Callable[[str, Any], None]
CREATES = [
    "AiClippingCreate", "AvatarCreate", "BackgroundRemovalCreate", "BrandGlossaryCreate", "HyperframesRenderCreate",
    "LipsyncCreate", "ModelVoiceCreate", "PodcastCreate", "VideoAgentCreate", "VideoCreate", "VideoTranslateCreate",
    "VoiceCloneCreate", "WebhookEndpointsCreate",
]  # fmt: skip


@pytest.fixture
def account(shell: Shell) -> Shell:
    """A shell whose account has something of everything, all of it finished."""

    shell.api.state.catalog.is_lenient = True

    async def create_all() -> None:
        async with aiohttp.ClientSession() as session:
            for name in CREATES:
                body = valid_value(OPERATIONS[name]["request"])
                if name == "VideoTranslateCreate":
                    body["enable_caption"] = True
                if name == "BrandGlossaryCreate":
                    body["name"] = unused_name(shell.api)
                status, response = await post(
                    shell.api, session, name, body, await create_ids(shell.api, session, name)
                )
                assert status < 300, (name, response)
            await create_ids(shell.api, session, "AssetGet")

    shell.runner.run(create_all())
    shell.api.clock.advance(100_000)
    shell.api.requests.clear()
    return shell


@contextmanager
def changed(shell: Shell, change: Change, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Serve the local HeyGen with changed responses; give the bodies that were sent."""
    bodies: list[Any] = []

    async def forward(request: web.Request) -> web.Response:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{shell.api.url}{request.raw_path}", headers={"X-Api-Key": shell.api.key}) as response,
        ):
            body = await response.json()
        if response.status == 200:
            change(request.path, body)
            bodies.append(body)
        return web.json_response(body, status=response.status)

    server = served(forward)
    monkeypatch.setenv("HEYGEN_BASE_URL", shell.runner.run(server.__aenter__()))
    yield bodies
    shell.runner.run(server.__aexit__(None, None, None))


def values_of(value: Any) -> Iterator[str]:
    """Yield every text in a response."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from values_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from values_of(inner)
    elif isinstance(value, str):
        yield value


def test_the_local_heygen_has_no_deviation(account: Shell) -> None:
    result = account("doctor --json")
    report = result.response
    assert (report["findings"], report["notes"], result.code) == ([], [], 0)
    assert len(report["called"]) > 40
    assert {"GET /v3/videos/{video_id}/scenes", "GET /v3/video-agents/{session_id}"} <= set(report["called"])
    assert report["not_called"]["GET /v3/folders/{folder_id}"] == "no list gives its folder_id"


def test_it_reads_each_endpoint_once_and_slowly(account: Shell) -> None:
    account("doctor")
    requests = account.api.requests
    assert {request.method for request in requests} == {"GET"}
    assert max(Counter(request.operation for request in requests).values()) == 1
    assert min(after.time - before.time for before, after in pairwise(requests)) >= 0.5
    assert [request.status for request in requests if request.status != 200] == []
    assert len(account.api.ledger) == len([charge for charge in account.api.ledger if charge.time < requests[0].time])


def plant_drifts(path: str, body: Any) -> None:
    data = body.get("data")
    match path:
        case "/v3/users/me":
            data["wallet"]["remaining_balance"] = "100.00"
        case "/v3/voices":
            for voice in data:
                del voice["name"]
        case "/v3/avatars/looks":
            data[0]["tags"] = "casual"
        case "/v3/webhooks/event-types":
            body["data"] = {"event_types": data}
        case "/v3/templates":
            data[0]["created_at"] = "2026-11-30T12:00:00Z"
        case "/v3/brand-kits":
            data[0]["brand_kit_id"] = None
        case "/v3/video-translations/languages":
            data["languages"] = {"English": True}
        case "/v3/videos":
            body["has_more"] = "false"
        case "/v3/lipsyncs":
            data[0]["lipsync_id"] = data[0].pop("id")
        case _ if path.startswith("/v3/videos/") and path.count("/") == 3 and "status" in (data or {}):
            data["duration"] = [data["duration"]]


DRIFTS = {
    ("GET /v3/users/me", "data.wallet.remaining_balance", "number", "string"),
    ("GET /v3/voices", "data[].name", "string", "nothing"),
    ("GET /v3/avatars/looks", "data[].tags", "array", "string"),
    ("GET /v3/webhooks/event-types", "data", "array", "object"),
    ("GET /v3/templates", "data[].created_at", "integer", "string"),
    ("GET /v3/brand-kits", "data[].brand_kit_id", "string", "null"),
    ("GET /v3/video-translations/languages", "data.languages", "array", "object"),
    ("GET /v3/videos", "has_more", "boolean", "string"),
    ("GET /v3/lipsyncs", "data[].id", "string", "nothing"),
    ("GET /v3/videos/{video_id}", "data.duration", "number", "array"),
}


def test_it_finds_each_drift(account: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    with changed(account, plant_drifts, monkeypatch):
        result = account("doctor --json")
    found = {(one["endpoint"], one["field"], one["expected"], one["received"]) for one in result.response["findings"]}
    assert (result.code, found) == (1, DRIFTS)
    assert len(result.response["findings"]) == len(DRIFTS) == 10


def plant_growth(path: str, body: Any) -> None:
    if path == "/v3/voices":
        for voice in body["data"]:
            voice |= {"mood": "calm", "type": "shared", "ada@example.com": "Ada", "0f3c9a81b2": {"id": 1}}


def test_new_fields_and_values_are_notes(account: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    with changed(account, plant_growth, monkeypatch):
        result = account("doctor")
    assert (result.code, "Findings, where responses break the contract: 0" in result.out) == (0, True)
    notes = result.out.partition("Notes")[2].partition("\n\n")[0]
    assert [line.strip() for line in notes.splitlines()[1:]] == [
        "GET /v3/voices  data[].type: expected a value of the enum, received another value",
        "GET /v3/voices  data[].mood: expected nothing, received string",
        "GET /v3/voices  data[].{}: expected nothing, received string",
        "GET /v3/voices  data[].{}: expected nothing, received object",
    ]


@pytest.mark.parametrize("options", ["", " --json"])
def test_the_report_has_no_value_of_a_response(options: str, account: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def plant(path: str, body: Any) -> None:
        plant_drifts(path, body)
        plant_growth(path, body)

    with changed(account, plant, monkeypatch) as bodies:
        report = account(f"doctor{options}").out
    words = {value for value in values_of(bodies) if len(value) > 12}
    assert len(words) > 100
    assert [word for word in words if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", report)] == []
    assert "example.com" not in report


def test_an_unreadable_response_is_a_finding(account: Shell) -> None:
    account.api.inject(Fault("corrupt", operation="VideoList", count=None))
    result = account("doctor --json")
    (finding,) = result.response["findings"]
    assert (result.code, finding["endpoint"], finding["received"]) == (1, "GET /v3/videos", "something unreadable")


def test_an_error_response_is_no_finding(account: Shell) -> None:
    account.api.inject(Fault("status", operation="VideoList", status=403, code="insufficient_api_key_scope"))
    account.api.inject(Fault("status", operation="PodcastList", status=404, code="Ada Lovelace\x1b[31m"))
    result = account("doctor --json")
    refused = result.response["not_called"]
    assert (result.code, refused["GET /v3/videos"]) == (0, "403 insufficient_api_key_scope")
    assert refused["GET /v3/podcasts"] == "404"


def test_a_rejected_key_ends_it(account: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", "wrong")
    result = account("doctor")
    assert (result.code, result.out, result.error["code"]) == (3, "", "unauthorized")
    assert len(account.api.requests) == 1


def test_json_is_valid(account: Shell) -> None:
    assert set(json.loads(account("doctor --json").out)) == {"version", "called", "findings", "notes", "not_called"}
