"""Signatures: exactly the deliveries that HeyGen signed recently pass."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st
from support import examples
from webhook_support import (
    NOW,
    SECRET,
    signed_headers,
)

from heygen_async import (
    ConfigurationError,
    WebhookVerificationError,
)
from heygen_async.webhooks import verify


def is_valid(body: bytes, headers: Any, secret: Any = SECRET, **options: Any) -> bool:
    try:
        verify(body, headers, secret, **{"now": NOW, **options})
    except WebhookVerificationError:
        return False
    return True


@examples(300)
@given(body=st.binary(max_size=200), secret=st.text("abcdefXYZ0123_", min_size=8, max_size=40), data=st.data())
def test_any_changed_bit_invalidates_the_signature(body: bytes, secret: str, data: st.DataObject) -> None:
    headers = signed_headers(body, secret)
    assert is_valid(body, headers, secret)
    parts = {"body": body, "signature": headers["Heygen-Signature"].encode(), "secret": secret.encode()}
    name = data.draw(st.sampled_from([name for name, part in parts.items() if part]))
    changed = bytearray(parts[name])
    bit = data.draw(st.integers(0, len(changed) * 8 - 1))
    changed[bit // 8] ^= 1 << bit % 8
    parts[name] = bytes(changed)
    changed_headers = {**headers, "Heygen-Signature": parts["signature"].decode("latin-1")}
    assert not is_valid(parts["body"], changed_headers, parts["secret"].decode("latin-1"))


@given(bit=st.integers(0, 79))
def test_changed_timestamp_is_valid_within_five_minutes_only(bit: int) -> None:
    """The timestamp is not signed."""
    changed = bytearray(str(NOW).encode())
    changed[bit // 8] ^= 1 << bit % 8
    text = changed.decode("latin-1")
    right = text.isascii() and text.isdigit() and abs(int(text) - NOW) <= 300
    assert is_valid(b"{}", {**signed_headers(b"{}"), "Heygen-Timestamp": text}) == right


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Heygen-Signature": None}, "there is no Heygen-Signature header"),
        ({"Heygen-Signature": "zz"}, "not 64 hexadecimal digits"),
        ({"Heygen-Signature": "é" * 64}, "not 64 hexadecimal digits"),
        ({"Heygen-Signature": "0" * 64}, "does not match this body"),
        ({"Heygen-Timestamp": None}, "there is no Heygen-Timestamp header"),
        ({"Heygen-Timestamp": "soon"}, "not a number of seconds"),
        ({"Heygen-Timestamp": "٤" * 10}, "not a number of seconds"),
        ({"Heygen-Timestamp": "-1"}, "not a number of seconds"),
        ({"Heygen-Timestamp": "9" * 14}, "not a number of seconds"),
        ({"Heygen-Timestamp": str(NOW - 301)}, "301 s old"),
        ({"Heygen-Timestamp": str(NOW + 301)}, "301 s ahead"),
    ],
)
def test_every_rejection_has_its_reason(change: dict[str, str | None], reason: str) -> None:
    headers = {name: value for name, value in {**signed_headers(b"{}"), **change}.items() if value is not None}
    with pytest.raises(WebhookVerificationError, match=reason) as caught:
        verify(b"{}", headers, SECRET, now=NOW)
    assert signed_headers(b"{}")["Heygen-Signature"] not in str(caught.value) + repr(caught.value.__dict__)
    assert SECRET not in str(caught.value)


def test_accepts_headers_of_every_framework() -> None:
    headers = signed_headers(b"{}")
    pairs = [(name.lower(), value) for name, value in headers.items()]
    for form in (
        headers,
        {name.upper(): value for name, value in headers.items()},
        pairs,
        [(name.encode(), value.encode()) for name, value in pairs],
        iter(pairs),
    ):
        assert is_valid(b"{}", form)
    assert not is_valid(b"{}", [*pairs, ("Heygen-Signature", "0" * 64)])
    assert not is_valid(b"{}", [*pairs, ("heygen-timestamp", str(NOW))])
    assert is_valid(b"{}", {**headers, "Heygen-Timestamp": f"{NOW}123"})
    assert is_valid(b"{}", {"Signature": headers["Heygen-Signature"]}, tolerance=None)
    assert not is_valid(b"{}", {"Signature": headers["Heygen-Signature"]})


def test_accepts_several_secrets_during_a_rotation() -> None:
    assert is_valid(b"{}", signed_headers(b"{}"), ["whsec_new", SECRET])
    assert not is_valid(b"{}", signed_headers(b"{}"), ["whsec_new", "whsec_other"])
    for none in ("", [], ["", SECRET]):
        with pytest.raises(ConfigurationError, match="secret"):
            verify(b"{}", signed_headers(b"{}"), none)
