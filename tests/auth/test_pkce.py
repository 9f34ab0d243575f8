"""PKCE."""

from __future__ import annotations

from heygen_async.auth.pkce import create_code_challenge


def test_challenge_matches_the_vector_of_rfc_7636() -> None:
    assert (
        create_code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )
