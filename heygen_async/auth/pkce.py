"""PKCE (RFC 7636, method S256): proves that the program that exchanges a code is the one that requested it."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode


def create_code_verifier() -> str:
    """Return a new random code verifier of 86 characters."""
    return secrets.token_urlsafe(64)


def create_code_challenge(verifier: str) -> str:
    """Return the S256 challenge of a code verifier (RFC 7636, 4.2)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
