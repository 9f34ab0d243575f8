"""`tools()`: which tools it returns and which options it rejects."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest

from heygen_async import (
    AsyncHeyGen,
    ConfigurationError,
    tools,
)
from heygen_async.agents import BoundedCalls, schema_dialects, tool, toolsets
from heygen_async.agents.toolset_names import Toolset
from heygen_async.agents.wait_tools import wait_actions
from heygen_async.operations.arguments import CheckedArguments
from heygen_async.operations.catalog import operations
from heygen_async.testing import HeyGenEmulator

ALL = get_args(Toolset)


def names(client: AsyncHeyGen, **options: Any) -> list[str]:
    return [one.name for one in tools(client, **options)]


def test_returns_every_operation_and_wait_that_leads_somewhere_by_default(client: AsyncHeyGen, tmp_path: Path) -> None:
    everything = [*operations(), *wait_actions()]
    kept = names(client, files=tmp_path)
    assert kept == names(client, files=tmp_path, toolset="all") == [name for name in everything if name in kept]
    assert set(everything).difference(kept) == {
        "create_asset_direct_upload",
        "create_asset_direct_upload_batch",
        "complete_asset",
        "complete_asset_batch",
        "create_webhook_endpoint",
        "rotate_webhook_endpoint_secret",
    }
    assert set(kept).difference(names(client)) == {"create_asset"}  # uploads nothing without a folder
    assert names(client, include="rotate_webhook_endpoint_secret") == ["rotate_webhook_endpoint_secret"]


def test_the_video_toolset_leads_from_a_prompt_to_a_file_in_14_tools(client: AsyncHeyGen, tmp_path: Path) -> None:
    video = names(client, toolset="video", files=tmp_path, output_dir=tmp_path)
    assert len(video) <= 14
    assert {"create_video_agent", "create_video_from_avatar", "wait_for_video", "download_video"} <= set(video)
    assert {"list_avatar_looks", "list_voices", "create_asset", "get_current_user"} <= set(video)
    assert set(video).difference(names(client, toolset="video")) == {"create_asset", "download_video"}


def test_each_resource_is_in_a_toolset(client: AsyncHeyGen, tmp_path: Path) -> None:
    offered = {name for one in ALL if one != "all" for name in names(client, toolset=one, files=tmp_path)}
    left = [one for one in tools(client, files=tmp_path) if one.name not in offered]
    assert {one.operation.path.partition(".")[0] for one in left} <= {"videos", "video_agents", ""}
    assert {"create_workflow", "create_workflow_run"} <= set(names(client, toolset="workflows"))
    assert {"wait_for_translation", "download_translation"} <= set(
        names(client, toolset="translation", output_dir=tmp_path)
    )


def test_toolsets_can_be_joined_extended_and_reduced(client: AsyncHeyGen) -> None:
    joined = names(client, toolset=["admin", "audio"], include=["delete_video"], exclude=["clone_voice"])
    assert {"get_current_user", "list_voices", "delete_video"} <= set(joined)
    assert "clone_voice" not in joined
    assert len(joined) == len(set(joined))


def test_read_only_tools_change_nothing(client: AsyncHeyGen) -> None:
    for toolset in ALL:
        assert not [one for one in tools(client, toolset=toolset, read_only=True) if one.operation.mutating]
    assert names(client, toolset="search", read_only=True) == ["search_tools", "call_tool"]


def test_an_unknown_toolset_is_an_error_that_names_all(client: AsyncHeyGen) -> None:
    with pytest.raises(ConfigurationError, match="no toolset 'videos'; there are video, translation, avatars, "):
        tools(client, toolset="videos")
    with pytest.raises(ConfigurationError, match="downloads need a folder: output_dir="):
        tools(client, include=["download_video"])


def test_include_selects_tools_in_order(client: AsyncHeyGen) -> None:
    assert names(client, include=iter(["list_voices", "create_speech"])) == ["list_voices", "create_speech"]
    assert tools(client, include=[]) == []
    assert names(client, include=["get_video", "get_video"]) == ["get_video"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("create_video_agents", "did you mean create_video_agent"),
        ("list_voice", "did you mean list_voices"),
        ("videos.create", "There is no tool 'videos.create'"),
        ("?", "There is no tool '?'."),
    ],
)
def test_an_unknown_name_suggests_similar_ones(name: str, words: str, client: AsyncHeyGen) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(words)):
        tools(client, include=[name])


def test_rejects_options_that_contradict_each_other(client: AsyncHeyGen) -> None:
    with pytest.raises(ConfigurationError, match="'allow', 'confirm' or 'deny'"):
        tools(client, spending="yes")  # type: ignore[arg-type]
    for options in ({"spending": "confirm"}, {"confirm": lambda *_: True}, {"spending": "allow", "confirm": print}):
        with pytest.raises(ConfigurationError, match="require each other"):
            tools(client, **options)  # type: ignore[arg-type]


def test_a_misspelt_download_suggests_the_right_one(client: AsyncHeyGen, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="did you mean download_video"):
        names(client, include=["download_vidoe"], output_dir=tmp_path)
    with pytest.raises(ConfigurationError, match="downloads need a folder"):
        names(client, include=["download_video"])


def test_the_result_of_a_create_that_goes_on_stays_reachable(client: AsyncHeyGen) -> None:
    with pytest.raises(ConfigurationError, match="get_request cannot be excluded"):
        names(client, toolset="video", exclude=["get_request"], bounded=BoundedCalls())


def test_a_second_selection_computes_no_definition_again(client: AsyncHeyGen, monkeypatch: pytest.MonkeyPatch) -> None:
    names_of_operations = ["get_video", "list_voices", "create_video_from_avatar"]  # a wait is no operation
    first = tools(client, include=names_of_operations)
    monkeypatch.setattr(tool, "tool_schema", None)
    second = tools(client, include=names_of_operations)
    assert [one.input_schema for one in second] == [one.input_schema for one in first]


def test_a_named_tool_is_selected_without_the_arguments_of_the_others(
    client: AsyncHeyGen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toolsets, "leads_somewhere", pytest.fail)  # reads the arguments of an operation
    assert names(client, include=["get_video"]) == ["get_video"]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({"include": ["list_voices", "wait_for_video"]}, {"voices"}),
        ({"include": ["get_video"], "exclude": ["create_asset"]}, {"assets", "videos"}),
        ({"toolset": "admin"}, {"api_keys", "users", "webhooks"}),
    ],
)
def test_a_selection_imports_the_resources_of_its_tools(selection: dict[str, Any], expected: set[str]) -> None:
    script = (
        "import sys; from heygen_async import AsyncHeyGen, tools\n"
        f"[tool.input_schema for tool in tools(AsyncHeyGen('key'), **{selection!r})]\n"
        "names = {name.rpartition('.')[2] for name in sys.modules if name.startswith('heygen_async.resources.')}\n"
        "print(*names - {'base', 'validation'})"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert set(done.stdout.split()) == expected


async def test_a_call_checks_its_arguments_once(
    client: AsyncHeyGen, api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    (create,) = tools(client, include=["create_video_from_avatar"], spending="allow")
    checks: list[str] = []
    parse = CheckedArguments.parse

    def counting(self: CheckedArguments, arguments: dict[str, Any]) -> Any:
        checks.append("check")
        return parse(self, arguments)

    monkeypatch.setattr(CheckedArguments, "parse", counting)
    assert "data" in await create(avatar_id="avatar_1", script="Hello.")
    assert len(checks) == 1


async def test_a_call_walks_no_schema_again(
    client: AsyncHeyGen, api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    (create,) = tools(client, include=["create_video_from_avatar"], spending="allow")
    arguments = {"avatar_id": "avatar_1", "script": "Hello."}
    await create(**arguments)
    monkeypatch.setattr(schema_dialects, "_is_open", None)
    assert "data" in await create(**arguments)
    assert len(api.ledger) == 2
