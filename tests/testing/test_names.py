"""Misspelt names in a test are errors where they are written."""

from __future__ import annotations

from typing import Any

import pytest

from heygen_async._http.code_advice import _CODES
from heygen_async._http.error_mapping import _CLASS_BY_CODE
from heygen_async.testing import Fault, HeyGenEmulator, Plan
from heygen_async.testing.names import check_code


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"kind": "statsu"}, "The fault 'statsu' is not known. Did you mean 'status'?"),
        ({"kind": "videos.creat"}, "The fault 'videos.creat' is not known."),
        (
            {"kind": "status", "operation": "VideoCreat"},
            "The operation 'VideoCreat' is not known. Did you mean 'VideoCreate'?",
        ),
        ({"kind": "status", "code": "insufficient_credits"}, "Did you mean 'insufficient_credit'?"),
        ({"kind": "status", "status": 200}, "Use the kind 'response'."),
        ({"kind": "status", "origin": "storrage"}, "The origin 'storrage' is not known. Did you mean 'storage'?"),
    ],
)
def test_a_misspelt_fault_is_an_error(options: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValueError, match=expected.replace("?", r"\\?")):
        Fault(**options)


def test_a_code_may_be_undocumented() -> None:
    assert Fault("status", code="brand_new_code").code == "brand_new_code"
    assert Fault("status", code="insufficient_credits", unknown=True).code == "insufficient_credits"


@pytest.mark.parametrize("code", [code for code in (*_CODES, *_CLASS_BY_CODE) if not code.isdigit()])
def test_every_code_that_the_client_knows_is_documented(code: str) -> None:
    check_code(code)
    with pytest.raises(ValueError, match="unknown=True allows it"):
        check_code(f"{code}s")


@pytest.mark.parametrize("operation", ["VideoCreate", "OAuthToken", "POST /v2/video/generate"])
def test_operations_of_every_version_are_known(operation: str) -> None:
    if operation == "OAuthToken":
        from heygen_async.testing.oauth import OAuth

        operation = next(iter(OAuth.operations.values()))
    assert Fault("status", operation=operation).operation == operation


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"kind": "vidoe"}, "The kind 'vidoe' is not known. Did you mean 'video'?"),
        ({"states": [("procesing", 1.0)]}, "The state 'procesing' is not known. Did you mean 'processing'?"),
    ],
)
def test_a_misspelt_plan_is_an_error(options: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValueError, match=expected.replace("?", r"\\?")):
        Plan(**options)


def test_a_state_may_be_unknown_on_purpose() -> None:
    assert Plan(states=[("brand_new", 1.0), ("completed", 0.0)], unknown=True).states


async def test_a_misspelt_event_is_an_error(api: HeyGenEmulator) -> None:
    with pytest.raises(ValueError, match="Did you mean 'avatar_video.success'"):
        api.emit("avatar_video.sucess", {})
    assert api.emit("brand_new.event", {}, unknown=True)


async def test_the_faults_that_no_request_met_are_listed(api: HeyGenEmulator) -> None:
    fault = api.inject(Fault("status", operation="VideoCreate"))
    assert api.unused_faults == [fault]
    api.clear_faults()
    assert api.unused_faults == [fault]
