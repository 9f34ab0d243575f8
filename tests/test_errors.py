"""The exceptions: what the API's envelopes become, and how errors travel."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import pkgutil
from collections.abc import Iterator
from unittest.mock import Mock

import msgspec
import pytest
from aiohttp import ClientResponse
from aioresponses import aioresponses
from hypothesis import given, strategies as st

import heygen_async
from heygen_async import APIError, AsyncHeyGen, DecodeError, HeyGenError, errors
from heygen_async._http.configuration import Options  # noqa: F401  its import must not break
from heygen_async._http.response import Response
from heygen_async.prompts import Problem
from heygen_async.types.videos import Video, VideoStatus

URL = "https://api.heygen.com/v3/users/me"
ME = {"username": "u", "email": None, "first_name": None, "last_name": None}


class Answer(ClientResponse):
    """aioresponses makes answers without the writer that newer aiohttp wants."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        if "stream_writer" in inspect.signature(ClientResponse.__init__).parameters:
            kwargs.setdefault("stream_writer", Mock())
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]


@pytest.fixture
def forged() -> Iterator[aioresponses]:
    with aioresponses() as mock:
        yield mock


async def answered(forged: aioresponses, status: int, body: bytes | str | object, **headers: str) -> APIError:
    text = body if isinstance(body, str | bytes) else msgspec.json.encode(body)
    forged.get(URL, status=status, body=text, headers=headers, response_class=Answer)
    async with AsyncHeyGen("key", max_retries=0) as client:
        with pytest.raises(HeyGenError) as caught:
            await client.users.me()
    return caught.value  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "invalid_parameter", errors.BadRequestError),
        (400, "content_policy_violation", errors.ContentPolicyError),
        (401, "unauthorized", errors.AuthenticationError),
        (402, "insufficient_credit", errors.InsufficientCreditError),
        (402, "INSUFFICIENT_CREDIT", errors.InsufficientCreditError),
        (402, "trial_limit_exceeded", errors.TrialLimitExceededError),
        (402, "plan_upgrade_required", errors.PlanUpgradeRequiredError),
        (403, "forbidden", errors.PermissionDeniedError),
        (403, "insufficient_api_key_scope", errors.InsufficientScopeError),
        (404, "video_not_found", errors.NotFoundError),
        (409, "conflict", errors.ConflictError),
        (409, "request_in_progress", errors.RequestInProgressError),
        (409, "resource_not_ready", errors.ResourceNotReadyError),
        (410, "endpoint_sunset", errors.EndpointSunsetError),
        (422, "graph_invalid", errors.UnprocessableError),
        (429, "rate_limit_exceeded", errors.RateLimitError),
        (429, "quota_exceeded", errors.QuotaExceededError),
        (500, "internal_error", errors.ServerError),
        (503, "service_unavailable", errors.ServerError),
        (418, "insufficient_credit", errors.InsufficientCreditError),
        (404, "insufficient_credit", errors.NotFoundError),
    ],
)
async def test_v3_errors(forged: aioresponses, status: int, code: str, kind: type[APIError]) -> None:
    body = {"error": {"code": code, "message": "It is so.", "param": "p", "doc_url": "https://d"}}
    error = await answered(forged, status, body, **{"X-Request-Id": "req_9"})
    assert type(error) is kind
    assert (error.status, error.code, error.message, error.param) == (status, code, "It is so.", "p")
    assert (error.doc_url, error.request_id, error.body) == ("https://d", "req_9", body)
    assert str(error).startswith(f"GET /v3/users/me answered {status} {code}: It is so (field p).")


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"error": {"code": "x", "message": "two"}, "data": None}, "x", "two"),
        ({"error": "two", "data": None}, None, "two"),
        ({"code": 40012, "data": None, "message": "one"}, "40012", "one"),
        ({"code": 400, "msg": "one"}, "400", "one"),
        ({"detail": "no"}, None, "no"),
        ("plain words", None, "plain words"),
        ("<html><title>Bad  Gateway</title>", None, "Bad Gateway"),
        (b'{"error": "caf\xe9"}', None, "caf"),
        ("", None, "no message"),
        ([1], None, "no message"),
    ],
)
async def test_older_envelopes_and_proxies(forged: aioresponses, body: object, code: str | None, message: str) -> None:
    error = await answered(forged, 400, body)
    assert error.code == code
    assert message in error.message


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (403, "forbidden", "Use a key of the workspace"),
        (403, "voice_not_usable", "Choose another voice"),
        (400, "resource_limit_reached", "Delete what is not needed"),
        (504, "gateway_timeout", "Check that each URL"),
    ],
)
async def test_advice_fits_the_code(forged: aioresponses, status: int, code: str, advice: str) -> None:
    error = await answered(forged, status, {"error": {"code": code, "message": "No."}})
    assert advice in str(error)
    assert str(copy.deepcopy(error)) == str(error)


async def test_the_shortest_answers_of_the_documents_are_read(forged: aioresponses) -> None:
    begun = {"session_id": "sess_abc123", "status": "generating", "video_id": None}
    designed = {"voice_id": "Db84ogyBT4thl08lVok8", "name": "Warm Pro Narrator", "preview_audio_url": "https://e.com"}
    for path, data in (("video-agents", begun), ("voices", {"seed": 0, "voices": [designed]})):
        body = msgspec.json.encode({"data": data})
        forged.post(f"https://api.heygen.com/v3/{path}", body=body, response_class=Answer)
    async with AsyncHeyGen("key") as client:
        assert (await client.video_agents.create(prompt="A tour")).created is None
        assert (await client.voices.design(prompt="warm")).voices[0].language is None


async def test_a_success_that_carries_an_error_is_one(forged: aioresponses) -> None:
    for body in ({"data": None, "error": {"code": "quota_exceeded", "message": "m"}}, {"data": ME, "error": "m"}):
        error = await answered(forged, 200, body)
        assert (error.status, error.message) == (200, "m")


async def test_siblings_of_data_are_ignored(forged: aioresponses) -> None:
    body = msgspec.json.encode({"code": 100, "error": None, "message": "Success", "data": {**ME, "new": {"deep": [1]}}})
    forged.get(URL, body=body, response_class=Answer)
    async with AsyncHeyGen("key") as client:
        assert (await client.users.me()).username == "u"
        assert client.last_response is not None
        assert client.last_response.json()["data"]["new"] == {"deep": [1]}  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"not json", b'{"data": {"username": 7}}', b'{"data": {"username": "\xe9"}}', b'{"data": null}', b"[]",
        b'{"data": ' + b"[" * 5_000,
    ],
    ids=lambda body: repr(body[:30]),
)  # fmt: skip
async def test_what_cannot_be_read_is_kept_whole(forged: aioresponses, body: bytes) -> None:
    error = await answered(forged, 200, body)
    assert isinstance(error, DecodeError)
    assert error.body == body


@given(body=st.binary(max_size=200), status=st.sampled_from([200, 400, 404, 429, 500, 502]))
def test_no_body_breaks_the_reading(body: bytes, status: int) -> None:
    from heygen_async._http.decoding import data_decoder
    from heygen_async._http.error_mapping import error_from_response
    from heygen_async.types.users import User

    response = Response("GET", "/v3/users/me", status, {}, body, 1, 0.0)
    if status >= 400:
        assert isinstance(error_from_response(response), APIError)
    else:
        with pytest.raises(HeyGenError):
            data_decoder(User)(response)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["error", "code", "message", "x"]), inner)
    ),
    max_leaves=8,
)


@given(error=JSON, status=st.sampled_from([200, 400, 500]))
def test_no_error_object_breaks_the_reading(error: object, status: int) -> None:
    from heygen_async._http.error_mapping import error_from_response

    body = msgspec.json.encode({"error": error, "data": None})
    made = error_from_response(Response("GET", "/x", status, {}, body, 1, 0.0))
    assert isinstance(str(made), str)


@pytest.mark.parametrize(
    "after",
    [
        "7",
        "7.5",
        " 7 ",
        "soon",
        "",
        "-1",
        "Wed, 99 Nov 2026",
        "Sat, 21 Nov 2026 00:00:09 GMT",
        "Sat, 21 Nov 2026 00:00:09 +999999999999999999",
    ],
)
async def test_retry_after_in_every_form(forged: aioresponses, after: str) -> None:
    error = await answered(forged, 429, {}, **{"Retry-After": after, "Date": "Sat, 21 Nov 2026 00:00:00 GMT"})
    wanted = {"7": 7.0, "7.5": 7.5, " 7 ": 7.0, "Sat, 21 Nov 2026 00:00:09 GMT": 9.0}
    assert error.retry_after == wanted.get(after)


def sample(cls: type[HeyGenError]) -> HeyGenError:
    """An error of this class, with every argument given."""
    if issubclass(cls, APIError):
        return cls("m", status=400, code="c", request_id="r", body={"a": [1]}, method="GET", path="/p", advice="a")
    if issubclass(cls, errors.DecodeError):
        return cls("m", status=200, body=b"\xff", method="GET", path="/p")
    if issubclass(cls, errors.APIConnectionError):
        return cls("m", method="GET", path="/p")
    if issubclass(cls, errors.JobFailedError | errors.WaitTimeoutError | errors.InputRequiredError):
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
def test_every_error_travels(error: HeyGenError, travel: object) -> None:
    arrived = travel(error)  # type: ignore[operator]
    assert type(arrived) is type(error)
    assert (str(arrived), arrived.args, arrived.__dict__) == (str(error), error.args, error.__dict__)


def test_a_value_that_cannot_travel_is_told_as_it_shows() -> None:
    error = errors.InvalidInputError("file", (part for part in "abc"), "a path")
    for arrived in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert str(arrived) == str(error)
        assert arrived.value == repr(error.value)


async def test_no_error_holds_a_presigned_query_or_a_secret(forged: aioresponses) -> None:
    error = errors.InvalidInputError("file", "HTTPS://e.com/a.mp4?Signature=planted_1", "a path")
    garbled = b'{"data": {"secret": "planted_2", "endpoint_id": "e'
    forged.post("https://api.heygen.com/v3/webhooks/endpoints", body=garbled, response_class=Answer, repeat=True)
    async with AsyncHeyGen("key", max_retries=0) as client:
        with pytest.raises(DecodeError) as caught:
            await client.webhooks.endpoints.create(url="https://e.com")
    for one in (error, caught.value):
        assert b"planted" not in pickle.dumps(one)
        assert "planted" not in f"{one!r} {one}"
    assert b"endpoint_id" in caught.value.body


def test_every_error_is_public_and_under_one_root() -> None:
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
