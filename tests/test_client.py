"""The client's own surface: its resources, its methods' parameters, and its views."""

from __future__ import annotations

import inspect

import pytest

from heygen_async import AsyncHeyGen, InvalidInputError
from heygen_async._jobs.registry import KINDS

WAIT_PARAMETERS = {"job", "timeout", "poll", "on_update"}


def test_dir_lists_every_resource_before_its_first_use() -> None:
    client = AsyncHeyGen("key")
    assert set(AsyncHeyGen.__annotations__) <= set(dir(client))
    assert {"videos", "wait_for_lipsync", "download"} <= set(dir(client))
    assert "videos" not in vars(client)
    assert client.videos is client.videos


def test_a_subclass_has_the_resources_too() -> None:
    class Client(AsyncHeyGen):
        region: str

    client = Client("key")
    assert "videos" in dir(client)
    assert type(client.videos).__name__ == "Videos"
    with pytest.raises(AttributeError, match="'Client' object has no attribute 'region'"):
        _ = client.region


@pytest.mark.parametrize("wait", sorted({kind.wait for kind in KINDS}))
def test_waits_show_their_parameters(wait: str) -> None:
    extra = {"video": {"stop_on_cancel"}, "session": {"stop_on_cancel"}, "batch": {"kind"}}.get(wait, set())
    for name, more in ((f"wait_for_{wait}", extra), (f"watch_{wait}", extra - {"stop_on_cancel"})):
        method = getattr(AsyncHeyGen("key"), name)
        parameters = inspect.signature(method).parameters
        has_file = name.startswith("wait_for_") and wait not in {"session", "batch"}
        assert set(parameters) == WAIT_PARAMETERS | more | ({"download_to"} if has_file else set())
        assert {parameter.kind for parameter in parameters.values()} == {
            inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
        }  # fmt: skip
        assert parameters["job"].annotation.startswith("str | ")
        assert method.__name__ == name
        assert method.__qualname__.endswith(f"Waits.{name}")
        assert method.__doc__
        assert inspect.signature(method).return_annotation


def test_waits_for_many_show_their_parameters() -> None:
    assert set(inspect.signature(AsyncHeyGen.wait_for_all).parameters) == {
        "self", "jobs", "return_exceptions", "timeout", "poll", "on_update"
    }  # fmt: skip
    assert set(inspect.signature(AsyncHeyGen.as_completed).parameters) == {
        "self", "jobs", "timeout", "poll", "on_update"
    }  # fmt: skip


async def test_an_unknown_option_of_a_wait_is_a_type_error() -> None:
    client = AsyncHeyGen("key")
    for kind in KINDS:
        with pytest.raises(TypeError, match="time_out"):
            await getattr(client, f"wait_for_{kind.wait}")("id", time_out=5)
        with pytest.raises(TypeError, match="time_out"):
            getattr(client, f"watch_{kind.wait}")("id", time_out=5)


async def test_an_invalid_timeout_is_refused_before_any_request() -> None:
    client = AsyncHeyGen("key", base_url="http://127.0.0.1:1")
    for timeout in (0, -1, float("nan")):
        with pytest.raises(InvalidInputError, match="a number of seconds above 0"):
            await client.wait_for_lipsync("id", timeout=timeout)


def test_downloads_take_resource_and_url_field() -> None:
    assert [*inspect.signature(AsyncHeyGen.download).parameters][1:4] == ["resource", "path", "url_field"]
    assert [*inspect.signature(AsyncHeyGen.open_stream).parameters][1:] == ["resource", "url_field"]
    assert "url_field" in inspect.signature(AsyncHeyGen.download_many).parameters
