"""Error responses and undecodable ones, mapped to exceptions."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Iterator
from unittest.mock import Mock

import msgspec
import pytest
from aiohttp import ClientResponse
from aioresponses import aioresponses
from hypothesis import given, strategies as st

from heygen_async import APIError, AsyncHeyGen, DecodeError, HeyGenError, errors
from heygen_async._http.configuration import Options  # noqa: F401  its import must not break
from heygen_async._http.response import Response

URL = "https://api.heygen.com/v3/users/me"


ME = {"username": "u", "email": None, "first_name": None, "last_name": None}


class ForgedResponse(ClientResponse):
    """A response of aioresponses, with the writer that newer aiohttp wants."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        if "stream_writer" in inspect.signature(ClientResponse.__init__).parameters:
            kwargs.setdefault("stream_writer", Mock())
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]


@pytest.fixture
def forged() -> Iterator[aioresponses]:
    with aioresponses() as mock:
        yield mock


async def mapped_error(forged: aioresponses, status: int, body: bytes | str | object, **headers: str) -> APIError:
    text = body if isinstance(body, str | bytes) else msgspec.json.encode(body)
    forged.get(URL, status=status, body=text, headers=headers, response_class=ForgedResponse)
    async with AsyncHeyGen("key", max_retries=0, strict=True) as client:
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
    error = await mapped_error(forged, status, body, **{"X-Request-Id": "req_9"})
    assert type(error) is kind
    assert (error.status, error.code, error.message, error.param) == (status, code, "It is so.", "p")
    assert (error.doc_url, error.request_id, error.body) == ("https://d", "req_9", body)
    assert str(error).startswith(f"GET /v3/users/me returned {status} {code}: It is so (field p).")


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
async def test_errors_in_older_forms_and_of_proxies(
    forged: aioresponses, body: object, code: str | None, message: str
) -> None:
    error = await mapped_error(forged, 400, body)
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
    error = await mapped_error(forged, status, {"error": {"code": code, "message": "No."}})
    assert advice in str(error)
    assert str(copy.deepcopy(error)) == str(error)


async def test_minimal_documented_responses_are_decoded(forged: aioresponses) -> None:
    created = {"session_id": "sess_abc123", "status": "generating", "video_id": None}
    designed = {"voice_id": "Db84ogyBT4thl08lVok8", "name": "Warm Pro Narrator", "preview_audio_url": "https://e.com"}
    for path, data in (("video-agents", created), ("voices", {"seed": 0, "voices": [designed]})):
        body = msgspec.json.encode({"data": data})
        forged.post(f"https://api.heygen.com/v3/{path}", body=body, response_class=ForgedResponse)
    async with AsyncHeyGen("key") as client:
        assert (await client.video_agents.create(prompt="A tour")).created is None
        assert (await client.voices.design(prompt="warm")).voices[0].language is None


async def test_error_in_a_successful_response_is_raised(forged: aioresponses) -> None:
    for body in ({"data": None, "error": {"code": "quota_exceeded", "message": "m"}}, {"data": ME, "error": "m"}):
        error = await mapped_error(forged, 200, body)
        assert (error.status, error.message) == (200, "m")


async def test_unknown_fields_beside_data_are_ignored(forged: aioresponses) -> None:
    body = msgspec.json.encode({"code": 100, "error": None, "message": "Success", "data": {**ME, "new": {"deep": [1]}}})
    forged.get(URL, body=body, response_class=ForgedResponse)
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
async def test_undecodable_body_is_kept_in_the_error(forged: aioresponses, body: bytes) -> None:
    error = await mapped_error(forged, 200, body)
    assert isinstance(error, DecodeError)
    assert error.body == body


@given(body=st.binary(max_size=200), status=st.sampled_from([200, 400, 404, 429, 500, 502]))
def test_any_body_gives_an_exception_of_the_sdk(body: bytes, status: int) -> None:
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
def test_any_error_object_gives_a_readable_error(error: object, status: int) -> None:
    from heygen_async._http.error_mapping import error_from_response

    body = msgspec.json.encode({"error": error, "data": None})
    mapped = error_from_response(Response("GET", "/x", status, {}, body, 1, 0.0))
    assert isinstance(str(mapped), str)


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
async def test_retry_after_is_parsed_in_every_form(forged: aioresponses, after: str) -> None:
    error = await mapped_error(forged, 429, {}, **{"Retry-After": after, "Date": "Sat, 21 Nov 2026 00:00:00 GMT"})
    wanted = {"7": 7.0, "7.5": 7.5, " 7 ": 7.0, "Sat, 21 Nov 2026 00:00:09 GMT": 9.0}
    assert error.retry_after == wanted.get(after)


async def test_no_error_holds_a_presigned_query_or_a_secret(forged: aioresponses) -> None:
    error = errors.InvalidInputError("file", "HTTPS://e.com/a.mp4?Signature=planted_1", "a path")
    invalid = b'{"data": {"secret": "planted_2", "endpoint_id": "e'
    forged.post(
        "https://api.heygen.com/v3/webhooks/endpoints", body=invalid, response_class=ForgedResponse, repeat=True
    )
    async with AsyncHeyGen("key", max_retries=0) as client:
        with pytest.raises(DecodeError) as caught:
            await client.webhooks.endpoints.create(url="https://e.com")
    for one in (error, caught.value):
        assert b"planted" not in pickle.dumps(one)
        assert "planted" not in f"{one!r} {one}"
    assert b"endpoint_id" in caught.value.body
