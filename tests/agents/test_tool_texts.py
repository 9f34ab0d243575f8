"""Descriptions and parameters of every tool of every toolset, as a model reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from heygen_async import AsyncHeyGen, Tool, tools
from heygen_async.agents.tool_descriptions import DESCRIPTIONS, PARAMETERS, PRICES
from heygen_async.agents.toolset_names import Toolset
from heygen_async.operations.catalog import operations
from heygen_async.pricing import rates

FOR_PROGRAMMERS = re.compile(
    r"`|https?://|\b(?:await|async|clients?|structs?|python|pathlib|None|True|False|UNSET)\b|[A-Za-z]+Error\b"
)
NAME = re.compile(r"\b(?:create|get|list|wait_for|download|update|delete|search|generate|send|stop|clone)_[a-z_]+")


def texts(tool: Tool) -> Iterator[str]:
    yield tool.description
    yield from descriptions(tool.input_schema)


def descriptions(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for one in node:
            yield from descriptions(one)
    elif isinstance(node, Mapping):
        for name, one in node.items():
            if name == "description" and isinstance(one, str):
                yield one
            else:
                yield from descriptions(one)


@pytest.fixture(scope="module")
def all_tools() -> Mapping[str, Tool]:
    folder = Path(__file__).parent
    return {one.name: one for one in tools(AsyncHeyGen(api_key="k"), files=folder, output_dir=folder)}


@pytest.mark.parametrize("toolset", get_args(Toolset))
def test_texts_are_written_for_models(toolset: str, all_tools: Mapping[str, Tool], tmp_path: Path) -> None:
    offered = tools(AsyncHeyGen(api_key="k"), toolset=toolset, files=tmp_path, output_dir=tmp_path)
    names = all_tools.keys() if toolset == "search" else {one.name for one in offered}
    parameters = {name for one in all_tools.values() for name in one.input_schema["properties"]}  # type: ignore[union-attr]
    for one in offered:
        assert 40 <= len(one.description) <= 300, one.description
        for text in texts(one):
            assert not FOR_PROGRAMMERS.search(text), (one.name, text)
            named = set(NAME.findall(text)) & all_tools.keys()
            assert named <= names, (one.name, text)
            unknown = set(NAME.findall(text)) - all_tools.keys() - parameters
            assert not {word for word in unknown if word in operations()}, (one.name, text)


def test_texts_stand_for_tools_and_parameters_that_exist(all_tools: Mapping[str, Tool]) -> None:
    assert DESCRIPTIONS.keys() <= operations().keys()
    assert PRICES.keys() <= operations().keys()
    properties = {name: set(one.input_schema["properties"]) for name, one in all_tools.items()}  # type: ignore[arg-type]
    for key in PARAMETERS:
        tool, _, name = key.rpartition(".")
        assert name in (properties[tool] if tool else set().union(*properties.values())), key


def test_each_parameter_has_a_description(all_tools: Mapping[str, Tool]) -> None:
    for toolset in get_args(Toolset):
        for one in tools(AsyncHeyGen(api_key="k"), toolset=toolset):
            properties: Any = one.input_schema["properties"]
            assert [name for name, schema in properties.items() if not schema.get("description")] == [], one.name
    for tool, name, source in (
        ("create_video_from_cinematic_avatar", "avatar_id", "one to three avatar looks, from list_avatar_looks"),
        ("create_avatar_look_pack", "template_id", "from list_avatar_look_templates"),
        ("create_model_speech", "voice_id", "from list_model_voices"),
        ("get_model_video", "video_id", "from the tool that created it"),
        ("wait_for_video", "video_id", "or a session_id of create_video_agent"),
        ("create_model_video_from_text_to_video", "resolution", "768p"),
    ):
        properties = all_tools[tool].input_schema["properties"]
        assert source in properties[name]["description"]


def test_no_parameter_is_a_key_or_an_address_of_a_program(all_tools: Mapping[str, Tool]) -> None:
    names = {name for tool in all_tools.values() for name in tool.input_schema["properties"]}  # type: ignore[union-attr]
    assert not names & {"idempotency_key", "callback_url", "callback_id", "request_id", "include_gif"}


def test_each_description_names_price_and_next_call(all_tools: Mapping[str, Tool]) -> None:
    for one in all_tools.values():
        assert one.operation.billable == ("Costs" in one.description), one.description
        assert one.operation.destructive == ("cannot be undone" in one.description)
        if one.operation.long_running:
            assert f"Next: {one.operation.wait} " in one.description
    assert all_tools["create_video_agent"].description.endswith(
        "Costs about $2 a minute. Takes minutes: returns an id at once. Next: wait_for_video with that id."
    )


def test_prices_are_the_published_rates() -> None:
    published = rates()
    for tool, rate in {
        "create_video_agent": "video_agent",
        "create_video_from_avatar": "avatar_video",
        "create_video_from_image": "photo_avatar_video",
        "create_video_translation": "translation_speed",
        "create_lipsync": "lipsync_speed",
        "create_speech": "speech",
    }.items():
        assert PRICES[tool][0] == pytest.approx(published[rate].usd_per_second * 60, abs=0.01)
    assert PRICES["create_video_from_cinematic_avatar"][0] == published["cinematic_video"].usd
    assert PRICES["create_hyperframes_render"][0] == published["render_1080p_30fps"].usd
    assert PRICES["create_photo_avatar"][0] == published["photo_avatar"].usd
    assert PRICES["create_digital_twin"][0] == published["digital_twin"].usd
