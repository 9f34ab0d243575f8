"""`tools()`: which tools it returns and which options it rejects."""

from __future__ import annotations

import re

import pytest

from heygen_async import (
    AsyncHeyGen,
    ConfigurationError,
    tools,
)
from heygen_async.agents.wait_tools import wait_actions
from heygen_async.operations.catalog import operations


def test_returns_every_operation_and_wait_by_default(client: AsyncHeyGen) -> None:
    assert [one.name for one in tools(client)] == [*operations(), *wait_actions()]


def test_include_selects_tools_in_order(client: AsyncHeyGen) -> None:
    names = ["list_voices", "create_speech"]
    assert [one.name for one in tools(client, include=iter(names))] == names
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
def test_an_unknown_name_suggests_similar_ones(name: str, words: str, client: AsyncHeyGen) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(words)):
        tools(client, include=[name])


def test_rejects_options_that_contradict_each_other(client: AsyncHeyGen) -> None:
    with pytest.raises(ConfigurationError, match="'allow', 'confirm' or 'deny'"):
        tools(client, spending="yes")  # type: ignore[arg-type]
    for options in ({"spending": "confirm"}, {"confirm": lambda *_: True}, {"spending": "allow", "confirm": print}):
        with pytest.raises(ConfigurationError, match="require each other"):
            tools(client, **options)  # type: ignore[arg-type]
