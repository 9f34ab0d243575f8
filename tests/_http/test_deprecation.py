"""The headers `Deprecation` and `Sunset` are warned about once each for an endpoint."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from forged_api import ForgedApi, forged_api

from heygen_async import AsyncHeyGen

LINK = '<https://developers.heygen.com/changes?token=planted_token>; rel="deprecation"; type="text/html"'


@pytest_asyncio.fixture
async def forged(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[ForgedApi, AsyncHeyGen]]:
    monkeypatch.setattr("heygen_async._http.deprecation._warned", set())
    async with forged_api() as (api, client):
        yield api, client


@pytest.mark.parametrize(
    ("headers", "sentences"),
    [
        ({"Deprecation": "@1767225600"}, ["HeyGen deprecates this endpoint from 2026-01-01."]),
        ({"Deprecation": "true"}, ["HeyGen deprecates this endpoint."]),
        ({"Deprecation": "@99999999999999999999", "Sunset": "soon"}, ["HeyGen deprecates this endpoint.", "HeyGen removes this endpoint."]),
        (
            {"Deprecation": "Thu, 01 Jan 2026 00:00:00 GMT", "Sunset": "Fri, 01 Jan 2027 00:00:00 GMT", "Link": LINK},
            [
                "HeyGen deprecates this endpoint from 2026-01-01. See https://developers.heygen.com/changes",
                "HeyGen removes this endpoint on 2027-01-01. See https://developers.heygen.com/changes",
            ],
        ),
        ({"Sunset": "Fri, 01 Jan 2027 00:00:00 GMT", "Link": "<http://[>; rel=sunset"}, ["HeyGen removes this endpoint on 2027-01-01."]),
        ({"Link": LINK}, []),
    ],
)  # fmt: skip
async def test_warns_once_of_each_header(
    headers: dict[str, str],
    sentences: list[str],
    forged: tuple[ForgedApi, AsyncHeyGen],
    caplog: pytest.LogCaptureFixture,
) -> None:
    api, client = forged
    api.give({"data": {"id": "v_1", "status": "completed"}}, **headers)
    caplog.set_level(logging.WARNING, "heygen_async")
    for id in ("v_1", "v_2"):
        await client.videos.get(id)
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("heygen_async.http", f"GET /v3/videos/{{video_id}}: {sentence}") for sentence in sentences
    ]


async def test_warns_of_each_endpoint(forged: tuple[ForgedApi, AsyncHeyGen], caplog: pytest.LogCaptureFixture) -> None:
    api, client = forged
    api.give({"data": {}}, Sunset="Fri, 01 Jan 2027 00:00:00 GMT")
    caplog.set_level(logging.WARNING, "heygen_async")
    for path in ("/v3/a", "/v3/b", "/v3/a"):
        await client.request("GET", path)
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == ["GET /v3/a", "GET /v3/b"]
