"""The tree of exceptions: constructors, pickling, copying."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import pkgutil
from collections.abc import Iterator

import pytest

import heygen_async
from heygen_async import APIError, HeyGenError, errors
from heygen_async._http.configuration import Options  # noqa: F401  its import must not break
from heygen_async.prompts import Problem
from heygen_async.types.videos import Video, VideoStatus


def sample(cls: type[HeyGenError]) -> HeyGenError:
    """An error of this class, with every argument given."""
    if issubclass(cls, APIError):
        return cls("m", status=400, code="c", request_id="r", body={"a": [1]}, method="GET", path="/p", advice="a")
    if issubclass(cls, errors.DecodeError):
        return cls("m", status=200, body=b"\xff", method="GET", path="/p")
    if issubclass(cls, errors.APIConnectionError):
        return cls("m", method="GET", path="/p")
    if issubclass(cls, errors._JobError):
        job = Video(id="v", status=VideoStatus("brand_new"))
        return cls("m", kind="video", id="v", job=job, state="pending", elapsed=1.5, poll_count=3)
    if issubclass(cls, errors.PromptError):
        return cls([Problem("scenes[0]", "it is empty")], "Correct it.")
    if issubclass(cls, errors.UnknownArgumentError):
        return cls("videos.create", "titel", "title")
    match cls.__name__:
        case "InvalidInputError":
            return errors.InvalidInputError("f", "v", "something else")
        case "PaginationError":
            return errors.PaginationError("/p", "t")
        case "OAuthError":
            return errors.OAuthError("m", error="access_denied", description="d")
        case "BudgetExceededError":
            return errors.BudgetExceededError("m", budget=1.0, spent=0.5, held=2)
        case "ToolRefusedError":
            return errors.ToolRefusedError("delete_video", "was not confirmed", "Ask the person.")
        case "UploadError":
            return errors.UploadError("m", source="s")
        case "StreamEndedError":
            return errors.StreamEndedError("m", stream_id="s", end_reason="idle_timeout", unsent_text="and so on")
        case "DownloadError":
            return errors.DownloadError("m", url="u", path="p", status=403)
        case _:
            return cls("m")


def samples() -> Iterator[HeyGenError]:
    for name in errors.__all__:
        error = sample(getattr(errors, name))
        error.idempotency_key = "k"
        error.add_note("a note")
        yield error


@pytest.mark.parametrize("error", list(samples()), ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("travel", [lambda e: pickle.loads(pickle.dumps(e)), copy.deepcopy], ids=["pickle", "deepcopy"])
def test_every_error_survives_pickle_and_deepcopy(error: HeyGenError, travel: object) -> None:
    arrived = travel(error)  # type: ignore[operator]
    assert type(arrived) is type(error)
    assert (str(arrived), arrived.args, arrived.__dict__) == (str(error), error.args, error.__dict__)


def test_value_that_cannot_be_pickled_is_replaced_by_its_repr() -> None:
    error = errors.InvalidInputError("file", (part for part in "abc"), "a path")
    for arrived in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert str(arrived) == str(error)
        assert arrived.value == repr(error.value)


def test_every_error_is_public_and_below_one_base_class() -> None:
    for name in errors.__all__:
        assert issubclass(getattr(heygen_async, name), HeyGenError)


def test_constructors_take_only_the_arguments_they_name() -> None:
    with pytest.raises(TypeError):
        errors.UploadError("m", source="s", path="p")  # type: ignore[call-arg]  the mistake under test
    for name in errors.__all__:
        parameters = inspect.signature(getattr(errors, name)).parameters.values()
        assert not [one for one in parameters if one.kind is inspect.Parameter.VAR_KEYWORD], name


def test_every_exception_of_the_sdk_is_defined_in_one_file() -> None:
    def subclasses(cls: type[HeyGenError]) -> Iterator[type[HeyGenError]]:
        for subclass in cls.__subclasses__():
            yield subclass
            yield from subclasses(subclass)

    for module in pkgutil.walk_packages(heygen_async.__path__, "heygen_async."):
        if module.name.endswith("__main__") or ".testing" in module.name:
            continue
        importlib.import_module(module.name)
    assert {cls.__module__ for cls in subclasses(HeyGenError)} == {"heygen_async.errors"}
