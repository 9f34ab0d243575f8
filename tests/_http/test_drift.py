"""Responses that deviate from the documented form, through every part of the SDK that reads responses."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.testclient import TestClient
from forged_api import ForgedApi, forged_api
from jsonschema import Draft202012Validator
from mcp import Client
from pydantic import BaseModel

from heygen_async import AsyncHeyGen, Backoff, DecodeError, DownloadError, HeyGenError
from heygen_async._http import drift as reports
from heygen_async.agents import tools
from heygen_async.batch import Item, run
from heygen_async.cli.output import print_response
from heygen_async.mcp import create_server
from heygen_async.operations import operations
from heygen_async.types import AvatarVideo, Video, Voice
from heygen_async.types.base import Word

SPOKEN = {"type": "avatar", "avatar_id": "avatar_1", "script": "Hello.", "voice_id": "voice_0001"}
VIDEO: dict[str, Any] = {"id": "video_1", "status": "completed", "video_url": "https://files.example/v.mp4"}
QUICK = Backoff(initial=0.01, maximum=0.01)

#: Changes to a video, the field, and its right value.
DRIFTS: list[tuple[dict[str, Any], str, Any]] = [
    ({"created_at": "2026-01-02T03:04:05Z"}, "created_at", 1767323045),
    ({"created_at": 1767323045.25}, "created_at", 1767323045),
    ({"duration": "12.5"}, "duration", 12.5),
    ({"title": 2026}, "title", "2026"),
    ({"failure_message": {"reason": "x"}}, "failure_message", {"reason": "x"}),
    ({"duration": 10**30}, "duration", 1e30),
    ({"created_at": 10**30}, "created_at", 10**30),
    ({"title": [["a"], {}]}, "title", [["a"], {}]),
]


@pytest.fixture(autouse=True)
def nothing_logged_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "_logged", set())


@pytest_asyncio.fixture
async def forged() -> AsyncIterator[tuple[ForgedApi, AsyncHeyGen]]:
    async with forged_api(poll=QUICK) as served:
        yield served


@pytest.mark.parametrize(("changes", "field", "value"), DRIFTS)
async def test_a_wait_returns_a_video_of_another_form(
    changes: dict[str, Any], field: str, value: Any, forged: tuple[ForgedApi, AsyncHeyGen]
) -> None:
    api, client = forged
    api.bodies["/v3/videos"] = [{"data": {"video_id": "video_1"}}]
    api.bodies["/v3/videos/video_1"] = [
        {"data": {**VIDEO, **changes, "status": "processing"}}, {"data": {**VIDEO, **changes}},
    ]  # fmt: skip
    api.bodies["/v3/videos/statuses"] = [{"data": [{"video_id": "video_1", "status": "completed"}]}]
    video = await client.videos.create_and_wait(SPOKEN, timeout=20)
    assert (video.id, video.status, getattr(video, field)) == ("video_1", "completed", value)
    assert pickle.loads(pickle.dumps(video)) == video
    assert "video_1" in repr(video)
    assert video.to_dict()[field] == value
    assert isinstance(video.created is None, bool)


@pytest.mark.parametrize(
    "item",
    [
        {"video_id": "video_2", "status": "completed", "item_index": "7", "error": []},
        {"video_id": "video_2", "status": "completed", "batch_id": {"deep": [1]}},
        {"video_id": ["video_2"], "status": ["completed"]},
    ],
)
async def test_a_bulk_poll_reads_an_item_of_another_form(
    item: dict[str, Any], forged: tuple[ForgedApi, AsyncHeyGen]
) -> None:
    api, client = forged
    api.bodies["/v3/videos/statuses"] = [{"data": [item, {"video_id": "video_1", "status": "completed"}]}]
    for id in ("video_1", "video_2"):
        api.bodies[f"/v3/videos/{id}"] = [
            {"data": {**VIDEO, "id": id, "status": "processing"}},
            {"data": {**VIDEO, "id": id}},
        ]
    videos = await client.wait_for_all(["video_1", "video_2"], timeout=20)
    assert [video.id for video in videos] == ["video_1", "video_2"]


async def test_a_pager_reads_a_hundred_items_one_of_them_bad(
    forged: tuple[ForgedApi, AsyncHeyGen], caplog: pytest.LogCaptureFixture
) -> None:
    api, client = forged
    caplog.set_level(logging.WARNING, logger="heygen_async")
    items: list[Any] = [{**VIDEO, "id": f"video_{number}"} for number in range(100)]
    items[41]["duration"] = {"seconds": 5}
    pages = [{"data": items[:60], "has_more": "true", "next_token": "2"}, {"data": items[60:], "has_more": False}]
    api.bodies["/v3/videos"] = pages
    videos = [video async for video in client.videos.list()]
    assert [video.id for video in videos] == [f"video_{number}" for number in range(100)]
    assert videos[41].duration == {"seconds": 5}  # type: ignore[comparison-overlap]  # as it came
    warnings = [record.getMessage() for record in caplog.records if "Video.duration" in record.getMessage()]
    assert len(warnings) == 1


@pytest.mark.parametrize(("changes", "field", "value"), DRIFTS)
async def test_a_row_of_a_batch_is_finished_and_read_again_from_its_journal(
    changes: dict[str, Any], field: str, value: Any, forged: tuple[ForgedApi, AsyncHeyGen], tmp_path: Path
) -> None:
    api, client = forged
    api.bodies["/v3/videos"] = [{"data": {"video_id": "video_1"}}]
    api.bodies["/v3/videos/video_1"] = [{"data": {**VIDEO, **changes}}]
    api.bodies["/v3/videos/statuses"] = [{"data": [{"video_id": "video_1", "status": "completed"}]}]
    for resumed in (False, True):
        rows = run([Item("row", SPOKEN)], heygen=client, journal=tmp_path / "journal")
        (outcome,) = [outcome async for outcome in rows]
        assert (outcome.error, outcome.state, outcome.resumed) == (None, "completed", resumed)
        assert isinstance(outcome.result, Video)
        assert getattr(outcome.result, field) == value
    assert [request for request in api.requests if request[0] == "POST"] == [("POST", "/v3/videos")]


@pytest.mark.parametrize("url", [{"href": "https://files.example/v.mp4"}, 7, ["a", "b"], "no url"])
async def test_a_url_of_another_form_fails_the_download_and_nothing_else(
    url: Any, forged: tuple[ForgedApi, AsyncHeyGen], tmp_path: Path
) -> None:
    api, client = forged
    api.bodies["/v3/videos"] = [{"data": {"video_id": "video_1"}}]
    api.bodies["/v3/videos/video_1"] = [{"data": {**VIDEO, "video_url": url}}]
    video = await client.videos.get("video_1")
    with pytest.raises(HeyGenError):
        await client.download(video, tmp_path / "v.mp4")
    rows = run([Item("a", SPOKEN), Item("b", {"type": "nothing"})], heygen=client, output_dir=tmp_path / "out")
    outcomes = {outcome.key: outcome async for outcome in rows}
    assert set(outcomes) == {"a", "b"}
    assert outcomes["a"].ids == ["video_1"]
    assert isinstance(outcomes["a"].error, DownloadError | HeyGenError)


async def test_the_words_of_a_stream_are_read_in_every_form(
    forged: tuple[ForgedApi, AsyncHeyGen],
) -> None:
    api, client = forged
    frames: list[Any] = [
        {"words": [{"word": "One", "start": "0.5", "end": 1}]},
        {"words": {"word": "Two", "start": 1}},
        {"data": {"words": [{"word": 3}]}},
        {"words": None},
        {"words": [{"word": "Four", "start": {"ms": 5}}]},
        {"word": "Five"},
    ]
    api.give("".join(f"data: {json.dumps(frame)}\n\n" for frame in frames).encode() + b"event: end\ndata: {}\n\n")
    words = [word async for word in client.avatar_realtime.words("stream_1")]
    assert words == [
        Word(word="One", start=0.5, end=1.0), Word(word="Two", start=1.0), Word(word="3"),
        Word(word="Four", start={"ms": 5}), Word(word="Five"),  # type: ignore[arg-type]  # as it came
    ]  # fmt: skip


async def test_a_strict_client_takes_no_word_of_another_form() -> None:
    async with forged_api(strict=True) as (api, client):
        api.give(b'data: {"words": [{"word": "One", "start": "0.5"}]}\n\nevent: end\ndata: {}\n\n')
        with pytest.raises(HeyGenError):
            _ = [word async for word in client.avatar_realtime.words("stream_1")]


@pytest.mark.parametrize(("changes", "field", "value"), DRIFTS)
async def test_a_tool_returns_a_response_of_another_form_that_fits_its_schema(
    changes: dict[str, Any], field: str, value: Any, forged: tuple[ForgedApi, AsyncHeyGen]
) -> None:
    api, client = forged
    api.give({"data": {**VIDEO, **changes}})
    (tool,) = tools(client, include=["get_video"])
    response = await tool(video_id="video_1")
    assert response["data"][field] == value  # type: ignore[index, call-overload]
    Draft202012Validator(tool.output_schema).validate(response)


async def test_a_list_with_an_item_that_is_no_object_fits_the_schema(forged: tuple[ForgedApi, AsyncHeyGen]) -> None:
    api, client = forged
    api.give({"data": [{"voice_id": "a", "name": None}, "b", {"name": {"x": 1}}], "has_more": False})
    operation = operations()["list_voices"]
    response = await operation.call(client, {})
    assert response["data"] == [{"voice_id": "a"}, "b", {"name": {"x": 1}}]
    Draft202012Validator(operation.output_schema).validate(response)


@pytest.mark.parametrize("value", ["yesterday", {"deep": [1]}, 10**30, None, True])
def test_a_struct_with_a_value_that_does_not_fit_works_in_pydantic(value: Any) -> None:
    class Shown(BaseModel):
        video: Video
        voices: list[Voice]

    video = Video(id="video_1", created_at=value)
    shown = Shown(video=video, voices=[Voice(voice_id="a", name=value)])
    assert shown.model_dump()["video"]["created_at"] == value
    assert json.loads(shown.model_dump_json())["video"]["created_at"] == value
    assert pickle.loads(pickle.dumps(video)) == video
    assert repr(video).startswith("Video(id='video_1'")


async def test_a_row_whose_response_lacks_the_id_fails_with_its_key(forged: tuple[ForgedApi, AsyncHeyGen]) -> None:
    api, client = forged
    api.give({"data": {"status": "pending"}})
    request = AvatarVideo(avatar_id="avatar_1", script="Hello.", voice_id="voice_0001")
    (outcome,) = [one async for one in run([Item("row", request)], heygen=client)]
    assert isinstance(outcome.error, DecodeError)
    assert outcome.error.idempotency_key


@pytest.mark.slow
@pytest.mark.parametrize(("changes", "field", "value"), DRIFTS)
async def test_the_mcp_client_accepts_a_response_of_another_form(
    changes: dict[str, Any], field: str, value: Any, forged: tuple[ForgedApi, AsyncHeyGen]
) -> None:
    api, client = forged
    api.give({"data": {**VIDEO, **changes}})
    async with Client(create_server(client, include=["get_video"])) as connected:
        result = await connected.call_tool("get_video", {"video_id": "video_1"})
    assert not result.is_error
    assert result.structured_content is not None
    assert result.structured_content["data"][field] == value


@pytest.mark.parametrize("human", [False, True])
@pytest.mark.parametrize(("changes", "field", "value"), DRIFTS)
async def test_the_command_line_prints_a_response_of_another_form(
    changes: dict[str, Any], field: str, value: Any, human: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    async with forged_api() as (api, client):
        api.give({"data": {**VIDEO, **changes}})
        response = await operations()["get_video"].call(client, {"video_id": "video_1"})
    await asyncio.to_thread(print_response, response, human=human)
    printed = capfd.readouterr().out
    if human:
        assert "video_1" in printed
    else:
        assert json.loads(printed)["data"][field] == value


def test_fastapi_returns_a_struct_with_a_value_that_does_not_fit() -> None:
    app = FastAPI()
    video = Video(id="video_1", created_at="yesterday", title={"text": [1]})  # type: ignore[arg-type]  # as it came

    @app.get("/")
    def show() -> Video:
        return video

    assert TestClient(app).get("/").json() == video.to_dict()
