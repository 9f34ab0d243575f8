"""Idempotency keys of the local HeyGen: which operations honour them, and the response to a repeat."""

from __future__ import annotations

import math
from typing import Any

import pytest

from heygen_async._http.endpoint import Endpoint
from heygen_async._http.idempotency import REPEAT_RULES
from heygen_async.operations import operations
from heygen_async.testing import contract
from heygen_async.testing.api_errors import APIErrorResponse
from heygen_async.testing.idempotency import RULES, KeyedResponses, keyed_request

DAY = 86_400.0
STREAMS = {"ModelSpeechStream", "AvatarRealtimeWords"}  # no tool or command performs them
BODY = {"workflow_id": "wf_1", "version_number": 1, "inputs": {"name": "Ada"}}
#: An operation of each kind, the status of a replay, and the error of another body under the same key.
KINDS = {"header": ("VideoCreate", 201, None), "guarded": ("WorkflowCreate", 200, 409)}
KINDS |= {"permanent": ("WorkflowRunCreate", 200, 409)}


def respond(responses: KeyedResponses, operation: str, key: str | None, body: Any, now: float) -> tuple[int, bytes]:
    """Answer a request as the emulator does; a new one gets 201 and the time."""
    request = keyed_request(operation, "/v3/x", key, body)
    if request is None:
        return 201, b"%d" % now
    if (known := responses.find(request, now)) is not None:
        return known
    responses.store(request, now, (201, b"%d" % now))
    return 201, b"%d" % now


@pytest.mark.parametrize("kind", KINDS)
def test_a_repeat_gets_what_its_kind_promises(kind: str) -> None:
    operation, replay_status, other_body_status = KINDS[kind]
    responses, lifetime = KeyedResponses(), REPEAT_RULES[kind].key_lifetime  # type: ignore[index]
    assert respond(responses, operation, "k", BODY, 0) == (201, b"0")
    assert respond(responses, operation, "k", dict(BODY), DAY - 1) == (replay_status, b"0")
    assert respond(responses, operation, "other", BODY, 1) == (201, b"1")
    other_body = BODY | {"inputs": {}}
    if other_body_status is None:
        assert respond(responses, operation, "k", other_body, 1) == (replay_status, b"0")
    else:
        with pytest.raises(APIErrorResponse, match="another body") as caught:
            respond(responses, operation, "k", other_body, 1)
        assert (caught.value.status, caught.value.code) == (other_body_status, "conflict")
    is_kept = math.isinf(lifetime)
    assert respond(responses, operation, "k", BODY, 400 * DAY) == (
        (200, b"0") if is_kept else (201, b"%d" % (400 * DAY))
    )


def test_a_permanent_key_is_required_and_belongs_to_one_version() -> None:
    responses = KeyedResponses()
    with pytest.raises(APIErrorResponse, match="Idempotency-Key") as caught:
        respond(responses, "WorkflowRunCreate", None, BODY, 0)
    assert caught.value.status == 400
    assert respond(responses, "WorkflowRunCreate", "k", BODY, 0) == (201, b"0")
    assert respond(responses, "WorkflowRunCreate", "k", BODY | {"version_number": 2}, 1) == (201, b"1")


def test_the_client_knows_the_kind_of_every_operation() -> None:
    """Every key that the emulator honours is one that the client relies on, with the same lifetime, and no other."""
    endpoints: dict[tuple[str, str], Endpoint]
    endpoints = {(one.endpoint.method, one.endpoint.path): one.endpoint for one in operations().values()}
    for operation in contract.operations():
        if operation.operation in STREAMS:
            continue
        endpoint = endpoints[operation.method, operation.path]
        rules = RULES.get(operation.operation)
        if rules is None:
            assert endpoint.repeat_rules.key_place != "header", operation
        else:
            assert endpoint.idempotency == rules.kind, operation
            assert endpoint.repeat_rules.key_lifetime == rules.lifetime
