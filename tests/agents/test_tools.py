"""`heygen_async.tools`: what a model may call, what it is told, and what it may not do by itself."""

from __future__ import annotations

import asyncio
import inspect
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from anthropic.types import ToolParam
from jsonschema import Draft202012Validator
from openai.types.chat import ChatCompletionFunctionToolParam
from openai.types.responses import FunctionToolParam
from pydantic import TypeAdapter
from support import PNG

from heygen_async import (
    AsyncHeyGen,
    ConfigurationError,
    InvalidInputError,
    JobFailedError,
    NotFoundError,
    Tool,
    ToolRefusedError,
    tools,
)
from heygen_async.operations.catalog import operations
from heygen_async.testing import Fault, HeyGenEmulator, Plan

SPOKEN: dict[str, Any] = {"avatar_id": "avatar_1", "script": "Hello there."}


def tool(client: AsyncHeyGen, name: str, **options: Any) -> Tool:
    (made,) = tools(client, include=[name], **options)
    return made


def error_of(answer: Mapping[str, Any]) -> str:
    """The words of an answer that is nothing but an error."""
    assert list(answer) == ["error"]
    return str(answer["error"])


# -- which there are


def test_all_operations_are_tools_by_default(client: AsyncHeyGen) -> None:
    assert [one.name for one in tools(client)] == list(operations())


def test_only_those_that_are_wanted(client: AsyncHeyGen) -> None:
    wanted = ["list_voices", "create_speech"]
    assert [one.name for one in tools(client, include=iter(wanted))] == wanted
    assert tools(client, include=[]) == []
    assert [one.name for one in tools(client, include=["get_video", "get_video"])] == ["get_video"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("create_video_agents", "did you mean create_video_agent"),
        ("list_voice", "did you mean list_voices"),
        ("videos.create", "There is no tool 'videos.create'"),
        ("?", "There is no tool '?'."),
    ],
)
def test_a_name_that_is_none_is_refused_with_those_near_it(name: str, words: str, client: AsyncHeyGen) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(words)):
        tools(client, include=[name])


def test_options_that_do_not_go_together_are_refused(client: AsyncHeyGen) -> None:
    with pytest.raises(ConfigurationError, match="'allow', 'confirm' or 'deny'"):
        tools(client, spending="yes")  # type: ignore[arg-type]
    for options in ({"spending": "confirm"}, {"confirm": lambda *_: True}, {"spending": "allow", "confirm": print}):
        with pytest.raises(ConfigurationError, match="require each other"):
            tools(client, **options)  # type: ignore[arg-type]


# -- what a model is told


def test_a_tool_can_be_taken_for_a_function(client: AsyncHeyGen) -> None:
    one = tool(client, "create_video_agent")
    assert callable(one)
    assert inspect.iscoroutinefunction(one.__call__)
    assert (one.__name__, one.__doc__) == (one.name, one.description)
    assert get_type_hints(one)["return"] == get_type_hints(one.__call__)["return"] == dict[str, Any]
    inspect.signature(one).bind(prompt="A tour", wait=True)
    assert repr(one) == "Tool('create_video_agent')"


def test_a_description_says_what_a_call_means(client: AsyncHeyGen) -> None:
    told = {one.name: one.description for one in tools(client)}
    assert told["delete_video"].endswith("It cannot be undone.")
    assert "with `wait` the finished result" in told["create_video_agent"]
    for name, operation in operations().items():
        assert told[name].count("charged for") == operation.billable, told[name]
        assert ("undone" in told[name]) == operation.destructive


def test_descriptions_speak_of_tools_and_never_of_methods(client: AsyncHeyGen) -> None:
    methods = {operation.path for operation in operations().values()}
    for one in tools(client):
        assert not [path for path in methods if path in one.description], one.description
    told = {one.name: one.description + str(one.input_schema) for one in tools(client)}
    assert "create_asset_direct_upload also accepts larger files" in told["create_asset"]
    assert "Send the file there by PUT, then call complete_asset." in told["create_asset_direct_upload"]
    assert "get_lipsync_batch returns the state of each" in told["create_lipsync_batch"]
    assert "of a finished clone is `complete`" in told["get_voice"]  # which has no such method beside it
    for unknown in ("NotFoundError", "Roles()", "AsyncHeyGen", "TtsStream", "`get_batch`", "`upload`"):
        assert not [name for name, text in told.items() if unknown in text], unknown


def test_what_takes_minutes_can_be_waited_for(client: AsyncHeyGen) -> None:
    for one in tools(client):
        properties: Any = one.input_schema["properties"]
        assert ({"wait", "timeout"} <= properties.keys()) == (one.operation.wait is not None)
        assert one.output_schema == one.operation.output_schema
        Draft202012Validator.check_schema(one.input_schema)
    takes = Draft202012Validator(tool(client, "get_video").input_schema)
    assert takes.is_valid({"video_id": "v", "wait": True, "timeout": 60})
    assert not takes.is_valid({"video_id": "v", "wait": "yes"})
    assert "wait" not in operations()["get_video"].input_schema["properties"]  # type: ignore[operator]


def test_the_formats_are_those_of_openai_and_anthropic(client: AsyncHeyGen) -> None:
    formats: list[tuple[Any, Any]] = [
        (FunctionToolParam, lambda one: one.to_openai()),
        (ChatCompletionFunctionToolParam, lambda one: one.to_openai(chat=True)),
        (ToolParam, lambda one: one.to_anthropic()),
    ]
    for kind, made in formats:
        adapter = TypeAdapter(kind)  # which leaves out what it does not know
        for one in tools(client):
            assert adapter.validate_python(made(one)) == made(one)
            assert re.fullmatch("[a-zA-Z0-9_-]{1,64}", one.name)
    one = tool(client, "get_video")
    assert one.to_openai() == {"type": "function", "strict": False, **_said(one, "parameters")}
    assert one.to_openai(chat=True) == {"type": "function", "function": {"strict": False, **_said(one, "parameters")}}
    assert one.to_anthropic() == _said(one, "input_schema")


def _said(one: Tool, schema: str) -> dict[str, Any]:
    return {"name": one.name, "description": one.description, schema: one.input_schema}


# -- what it is answered


async def test_an_answer_is_json_without_nulls(client: AsyncHeyGen) -> None:
    made: Any = await tool(client, "create_video_from_avatar", spending="allow")(**SPOKEN)
    video: Any = await tool(client, "get_video")(video_id=made["data"]["video_id"])
    assert video["data"]["status"] == "pending"
    assert "video_url" not in video["data"]
    assert None not in video["data"].values()


async def test_a_url_is_whole(client: AsyncHeyGen) -> None:
    made: Any = await tool(client, "create_video_from_avatar", spending="allow")(**SPOKEN, wait=True)
    assert "Signature=" in made["data"]["video_url"]  # without which it opens nothing


async def test_a_list_is_a_page_with_the_cursor_to_the_next(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    voices = tool(client, "list_voices")
    first: Any = await voices(limit=100)
    second: Any = await voices(limit=100, token=first["next_token"])
    assert [len(page["data"]) for page in (first, second)] == [100, 100]
    assert first["data"] != second["data"]
    assert len(api.requests) == 2
    whole: Any = await voices(limit=3.0)  # as JSON Schema has it, an integer
    assert len(whole["data"]) == 3


async def test_a_wait_answers_with_what_was_made(client: AsyncHeyGen) -> None:
    answer: Any = await tool(client, "create_video_agent", spending="allow")(prompt="A tour", wait=True)
    assert answer["data"]["status"] == "completed"
    assert answer["data"]["video_url"]


async def test_run_tells_of_every_look(client: AsyncHeyGen) -> None:
    seen: list[Any] = []
    one = tool(client, "create_video_agent", spending="allow")
    await one.run({"prompt": "A tour", "wait": True}, on_update=seen.append)
    assert [update.state for update in seen][-1] == "completed"
    before = len(seen)
    await one.run({"prompt": "A tour"}, on_update=seen.append)
    assert len(seen) == before


async def test_what_was_begun_is_known_before_the_first_look(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    told: list[Any] = []

    async def tell(answer: Any) -> None:
        assert api.requests_for("VideoGet") == []
        told.append(answer["data"]["video_id"])

    one = tool(client, "create_video_from_avatar", spending="allow")
    made: Any = await one.run({**SPOKEN, "wait": True}, on_created=tell)
    await one.run(SPOKEN, on_created=tell)
    await tool(client, "get_video").run({"video_id": made["data"]["id"], "wait": True}, on_created=tell)
    assert told == [made["data"]["id"]]


@pytest.mark.parametrize(
    ("name", "given", "id"),
    [
        ("create_video_from_avatar", SPOKEN, "video_id=video_"),
        ("create_photo_avatar", {"name": "Ada", "file": "https://example.com/a.png"}, "avatar_item.id="),
    ],
)
async def test_what_a_cancelled_call_began_is_logged(
    name: str, given: dict[str, Any], id: str, client: AsyncHeyGen, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "heygen_async")
    call = asyncio.create_task(tool(client, name, spending="allow")(**given, wait=True))
    while not (caplog.messages or call.done()):
        await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await call
    begun, ended = caplog.messages
    assert f"{name} created {id}" in begun
    assert ended == f"The wait was cancelled: {begun}, which continues at HeyGen."
    assert cancelled.value.__notes__ == [f"{begun}, which continues at HeyGen."]


async def test_a_look_that_waits_keeps_its_time(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    """By its own rules from the first request on: a short silence, an outage that passes."""
    made: Any = await tool(client, "create_video_from_avatar", spending="allow")(**SPOKEN)
    look = tool(client, "get_video")
    api.inject(Fault("silent", operation="VideoGet", count=1))
    begun = asyncio.get_running_loop().time()
    words = error_of(await look(video_id=made["data"]["video_id"], wait=True, timeout=3))
    assert "could not be polled for 3 s" in words
    assert asyncio.get_running_loop().time() - begun < 3.2
    api.inject(Fault("status", status=503, operation="VideoGet", count=8))
    answer: Any = await look(video_id=made["data"]["video_id"], wait=True)
    assert answer["data"]["status"] == "completed"


# -- what goes wrong, in words to act on


async def test_a_wrong_argument_is_named(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    one = tool(client, "create_video_from_avatar", spending="allow")
    assert error_of(await one(**SPOKEN, resolution="8k")).startswith("resolution is '8k'; expected one of '1080p', ")
    assert error_of(await one(**SPOKEN, title=[1])).startswith("title is [1]; expected text or null. Nothing")
    assert error_of(await tool(client, "list_voices")(limit=2.5)).startswith("limit is 2.5; expected a whole number")
    assert error_of(await one(avatar_id="a")).startswith("script is missing; expected exactly one of script, audio_url")
    assert error_of(await one(**SPOKEN, wait="yes")).startswith("wait is 'yes'; expected true or false")
    assert error_of(await one(**SPOKEN, timeout=True)).startswith("timeout is True; expected a number of seconds")
    assert error_of(await one(**SPOKEN, wait=True, timeout=0)).startswith("timeout is 0; expected")
    assert error_of(await tool(client, "list_voices")(wait=True)).startswith("wait is True; expected one of engine, ")
    assert error_of(await tool(client, "list_voices")(self=1)).startswith("self is 1; expected one of engine, ")
    assert api.ledger == []


async def test_the_apis_own_words_come_through(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    words = error_of(await tool(client, "get_video")(video_id="none"))
    assert "404" in words
    assert "Check the id" in words
    api.inject(Fault("status", status=402, code="insufficient_credit"))
    words = error_of(await tool(client, "list_videos")())
    assert "get_current_user shows the balance" in words
    assert "users.me" not in words


async def test_a_wait_that_runs_out_says_with_which_id_to_go_on(client: AsyncHeyGen) -> None:
    words = error_of(await tool(client, "create_video_from_avatar", spending="allow")(**SPOKEN, wait=True, timeout=5))
    (id,) = set(re.findall(r"video_\w{20}", words))
    assert f"call get_video with video_id='{id}' and wait=true" in words
    assert "It is still running at HeyGen; wait again with the same id." in words
    answer: Any = await tool(client, "get_video")(video_id=id, wait=True)
    assert answer["data"]["status"] == "completed"


async def test_a_session_whose_time_ran_out_leads_to_its_video(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("silent", operation="VideoAgentGet", count=1))
    words = error_of(await tool(client, "create_video_agent", spending="allow")(prompt="A", wait=True, timeout=3))
    (id,) = {job.id for job in api.state.jobs_of_kind("session")}
    assert f"call get_video with video_id='{id}' and wait=true" in words
    answer: Any = await tool(client, "get_video")(video_id=id, wait=True)
    assert answer["data"]["video_url"]


async def test_a_video_asked_for_by_its_session_keeps_its_time(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    made: Any = await tool(client, "create_video_agent", spending="allow")(prompt="A")
    look, id = tool(client, "get_video"), made["data"]["session_id"]
    api.inject(Fault("silent", operation="VideoAgentGet", count=1))
    begun = asyncio.get_running_loop().time()
    assert "for 3 s" in error_of(await look(video_id=id, wait=True, timeout=3))
    assert asyncio.get_running_loop().time() - begun < 3.2
    api.inject(Fault("status", status=503, operation="VideoAgentGet", count=8))
    answer: Any = await look(video_id=id, wait=True)
    assert answer["data"]["status"] == "completed"
    assert "GET /v3/videos/none answered 404" in error_of(await look(video_id="none", wait=True))


async def test_what_a_model_gave_is_not_told_again_whole(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    data = "data:image/png;base64," + "A" * 1_000_000
    refused = error_of(await tool(client, "create_photo_avatar", spending="allow")(name="Ada", file=data))
    assert refused.startswith("'data:image/png;base64,AAAA")
    assert "… (1000024 characters) is a local file" in refused
    missing = error_of(await tool(client, "get_video")(video_id="v" * 3000))
    assert len(api.requests) == 1
    assert missing.startswith("GET /v3/videos/vvvv")
    assert "characters)" in missing
    for words in (refused, missing):
        assert len(words) < 1000


async def test_where_one_of_several_fails_the_others_are_named(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(kind="translation", fail_message="No voice.", count=1))
    given = {"video": "https://example.com/a.mp4", "output_languages": ["Spanish", "German", "French"], "wait": True}
    words = error_of(await tool(client, "create_video_translation", spending="allow")(**given))
    assert words.startswith("The video translation translation_")
    assert {job.id for job in api.state.jobs_of_kind("translation")} <= set(re.findall(r"translation_\w{20}", words))


async def test_what_stops_to_ask_says_by_which_tool_it_is_answered(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.plan(Plan(kind="session", question="Which voice?"))
    one = tool(client, "create_video_agent", spending="allow")
    answer: Any = await one(prompt="A tour", mode="chat", wait=True)
    assert answer["data"]["status"] == "waiting_for_input"
    assert "Which voice?" in str(answer["data"]["messages"])
    assert "send_video_agent_message" in answer["note"]


async def test_a_lost_answer_says_where_to_look(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.inject(Fault("lost_response", operation="VideoAgentCreate"))
    words = error_of(await tool(client, "create_video_agent", spending="allow")(prompt="A tour"))
    assert "list_video_agent_sessions" in words
    assert len(api.requests_for("VideoAgentCreate")) == 1


async def test_run_raises_what_a_call_tells(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    with pytest.raises(NotFoundError):
        await tool(client, "get_video").run({"video_id": "none"})
    with pytest.raises(InvalidInputError):
        await tool(client, "get_video").run({})
    api.plan(Plan(fail_message="Not allowed."))
    with pytest.raises(JobFailedError):
        await tool(client, "create_video_from_avatar", spending="allow").run({**SPOKEN, "wait": True})


async def test_what_is_no_error_of_heygens_is_not_hidden(client: AsyncHeyGen) -> None:
    def crash(*_: object) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await tool(client, "delete_video", spending="confirm", confirm=crash)(video_id="v")


# -- what the program has to allow


@pytest.mark.parametrize(
    ("name", "given", "why"),
    [
        ("create_video_from_avatar", SPOKEN, "is charged for"),
        ("create_speech", {"text": "Hi.", "voice_id": "v"}, "is charged for"),
        ("send_video_agent_message", {"session_id": "s", "message": "Hi."}, "is charged for"),
        ("delete_video", {"video_id": "v"}, "cannot be undone"),
    ],
)
async def test_nothing_is_spent_or_destroyed_by_default(
    name: str, given: dict[str, Any], why: str, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    assert f"{name} {why}, and this program does not allow that" in error_of(await tool(client, name)(**given))
    with pytest.raises(ToolRefusedError, match="nothing was sent"):
        await tool(client, name).run(given)
    assert api.requests == []


async def test_nothing_that_spends_or_destroys_gets_by(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    """Of all tools, with everything that a model could say to get by."""
    for one in tools(client):
        if not (one.operation.billable or one.operation.destructive):
            continue
        schema: Any = one.input_schema
        given = {name: _fitting(schema, schema["properties"][name]) for name in schema["required"]}
        with pytest.raises(ToolRefusedError):
            await one.run(given)
        for sly in ({"spending": "allow"}, {"confirm": True}, {"idempotency_key": "k"}, {"wait": True}):
            error_of(await one(**given, **sly))
    assert api.requests == []


def _fitting(whole: Any, schema: Any) -> Any:
    """Something that a schema takes."""
    if "$ref" in schema:
        return _fitting(whole, whole["$defs"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return _fitting(whole, schema["anyOf"][0])
    if schema.get("type") == "array":
        return [_fitting(whole, schema["items"])]
    if schema.get("type") == "object":
        return {name: _fitting(whole, schema["properties"][name]) for name in schema.get("required", ())}
    return schema.get("const") or schema.get("enum", ["https://example.com/a"])[0]


async def test_what_neither_spends_nor_destroys_runs(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    assert "data" in await tool(client, "list_videos")()
    assert "data" in await tool(client, "design_voice")(prompt="A calm narrator")
    assert "data" in await tool(client, "create_webhook_endpoint")(url="https://example.com/hook")
    assert len(api.requests) == 3


async def test_what_is_allowed_runs_once(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    made: Any = await tool(client, "create_video_from_avatar", spending="allow")(**SPOKEN)
    assert len(api.ledger) == 1
    await tool(client, "delete_video", spending="allow")(video_id=made["data"]["video_id"])
    assert len(api.requests_for("VideoDelete")) == 1


@pytest.mark.parametrize("asynchronous", [True, False])
@pytest.mark.parametrize("says", [True, False])
async def test_somebody_is_asked(asynchronous: bool, says: bool, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    asked: list[tuple[str, Mapping[str, Any]]] = []

    def confirm(one: Tool, arguments: Mapping[str, Any]) -> bool:
        assert api.requests == []
        asked.append((one.name, arguments))
        return says

    async def confirm_later(one: Tool, arguments: Mapping[str, Any]) -> bool:
        return confirm(one, arguments)

    asking = confirm_later if asynchronous else confirm
    one = tool(client, "create_video_from_avatar", spending="confirm", confirm=asking)
    answer: Any = await one(**SPOKEN, wait=True)
    assert asked == [("create_video_from_avatar", SPOKEN)]
    assert len(api.ledger) == says
    if says:
        assert answer["data"]["status"] == "completed"
    else:
        assert error_of(answer).startswith("create_video_from_avatar was not confirmed; nothing was sent.")
        assert api.requests == []


async def test_nobody_is_asked_for_what_is_wrong_or_free(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    def confirm(*_: object) -> bool:
        raise AssertionError

    for name, wrong in (
        ("create_video_from_avatar", {"avatar_id": 7}),
        ("create_video_from_avatar", {**SPOKEN, "wait": 1}),
        ("create_video_from_avatar", {**SPOKEN, "wait": True, "timeout": 0}),
        ("create_photo_avatar", {"name": "Ada", "file": "/etc/hostname"}),
        ("delete_video", {}),
    ):
        error_of(await tool(client, name, spending="confirm", confirm=confirm)(**wrong))
    assert api.requests == []
    assert "data" in await tool(client, "list_videos", spending="confirm", confirm=confirm)()


# -- which files of this machine are read


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a picture in it, a secret beside it, and a way out."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "photo.png").write_bytes(PNG)
    (tmp_path / "secret.png").write_bytes(PNG)
    (tmp_path / "mine" / "way_out.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "mine_too").mkdir()
    (tmp_path / "mine_too" / "photo.png").write_bytes(PNG)
    return tmp_path / "mine"


@pytest.mark.parametrize("files", [None, "folder"])
@pytest.mark.parametrize(
    "path", ["../secret.png", "way_out.png", "../mine_too/photo.png", "none/../../secret.png", "/etc/hostname"]
)
@pytest.mark.parametrize(
    ("name", "field"), [("create_video_agent", "files"), ("create_photo_avatar", "file"), ("create_asset", "file")]
)
async def test_no_file_outside_the_folder_is_read(
    name: str, field: str, path: str, files: str | None, folder: Path, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    one = tool(client, name, spending="allow", files=folder if files else None)
    given = {field: [str(folder / path)]} if field == "files" else {field: str(folder / path)}
    given |= {"prompt": "A tour"} if name == "create_video_agent" else {}
    given |= {"name": "Ada"} if name == "create_photo_avatar" else {}
    words = error_of(await one(**given))
    assert "is a local file" in words
    assert (str(folder) if files else "no local files") in words
    assert api.requests == []


async def test_a_file_in_the_folder_is_uploaded(folder: Path, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    one = tool(client, "create_photo_avatar", spending="allow", files=os.fspath(folder))
    for path in (folder / "photo.png", folder / "." / "nowhere" / ".." / "photo.png"):
        (folder / "nowhere").mkdir(exist_ok=True)
        assert "data" in await one(name="Ada", file=str(path))
    assert len(api.requests_for("AssetCreate")) == len(api.requests_for("AvatarCreate")) == 2


async def test_a_relative_path_is_taken_from_the_folder(
    folder: Path, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where there are other files of these names
    (tmp_path / "photo.png").write_bytes(PNG + b"another")
    asked: list[Mapping[str, Any]] = []

    def confirm(_: Tool, arguments: Mapping[str, Any]) -> bool:
        asked.append(arguments)
        return True

    agent = tool(client, "create_video_agent", spending="confirm", confirm=confirm, files="mine")
    given = {"prompt": "photo.png", "files": ["photo.png", "../mine/photo.png", "https://example.com/a.png"]}
    assert "data" in await agent(**given)
    assert asked == [given | {"files": ["mine/photo.png", "mine/../mine/photo.png", "https://example.com/a.png"]}]
    assert [PNG + b"\r\n" in request.body for request in api.requests_for("AssetCreate")] == [True, True]
    assert api.requests_for("VideoAgentCreate")[0].json["prompt"] == "photo.png"
    for path in ("secret.png", "../secret.png", "way_out.png", "../photo.png"):
        assert "data" not in await agent(prompt="A tour", files=[path])
    assert len(api.requests_for("AssetCreate")) == 2


async def test_a_path_that_can_be_none_is_refused_in_words(
    folder: Path, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    (folder / "round.png").symlink_to("round.png")
    one = tool(client, "create_asset", files=folder)
    for path in ("a\0b.png", "round.png", "", "\udcff.png", "x" * 5000, "none.png"):
        error_of(await one(file=path))
    assert api.requests == []


async def test_without_a_folder_no_file_is_named_at_all(folder: Path, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    words = error_of(await tool(client, "create_asset")(file=str(folder / "photo.png")))
    assert "lets a model read no local files" in words
    assert "An https URL needs no upload" in words
    words = error_of(await tool(client, "create_video_agent", spending="allow")(prompt="A", files=["photo.png"]))
    assert "Pass an https URL or an asset id." in words
    assert api.requests == []


@pytest.mark.parametrize("files", [None, "."])
async def test_a_url_is_no_file_to_upload(
    files: str | None, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "https:").mkdir()  # which would make a path of it
    (tmp_path / "secret.png").write_bytes(PNG)
    one = tool(client, "create_asset", spending="allow", files=files)
    for url in ("https://../secret.png", "http://../secret.png", "https://example.com/a.png"):
        words = error_of(await one(file=url))
        assert "a URL needs no upload: pass the URL itself where a file is expected" in words
    assert "data" not in await one(file="HTTPS://../../secret.png")
    assert api.requests == []


async def test_a_folder_that_is_none_is_told_when_a_file_of_it_is_named(
    client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    with pytest.raises(ConfigurationError, match="files is '/nope', which is not a folder"):
        await tool(client, "create_asset", files="/nope").run({"file": "a.png"})
    assert api.requests == []


async def test_a_word_of_a_query_is_no_file(client: AsyncHeyGen) -> None:
    made: Any = await tool(client, "create_video_agent", spending="allow")(prompt="A tour")
    found: Any = await tool(client, "list_video_agent_resources")(
        session_id=made["data"]["session_id"], source="generated"
    )
    assert {one["source_type"] for one in found["data"]} == {"generated"}


async def test_urls_and_assets_are_no_files(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    one = tool(client, "create_photo_avatar", spending="allow")
    for file in ("https://example.com/a.png", {"type": "asset_id", "asset_id": "a"}):
        assert "data" in await one(name="Ada", file=file)
    assert [request.json["file"] for request in api.requests] == [
        {"type": "url", "url": "https://example.com/a.png"},
        {"type": "asset_id", "asset_id": "a"},
    ]
