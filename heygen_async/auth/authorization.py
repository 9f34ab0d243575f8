"""`AuthorizationRequest`: one person's visit to HeyGen's consent page, and its callback."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import SplitResult, parse_qs, urlsplit

from ..errors import InvalidInputError, OAuthError
from ..types.redaction import HiddenStr
from ..types.tracebacks import strips_frames
from .oauth_tokens import SecretStruct


class AuthorizationRequest(SecretStruct, frozen=True, kw_only=True):
    """A request for one person's consent. Create it with `OAuthClient.authorize`.

    A web app stores it in the person's session until the callback; `msgspec.json` encodes and decodes it.

    Args:
        url: The consent page to which the program sends the person.
        state: A random value that a genuine callback repeats and a forged one cannot know.
        code_verifier: The PKCE secret without which the code is worthless.
        redirect_uri: The address to which HeyGen sends the person back.
    """

    url: str
    state: str
    code_verifier: str
    redirect_uri: str

    @strips_frames
    def read_code(self, callback: str | Mapping[str, str | Sequence[str]]) -> str:
        """Return the authorization code in a callback.

        Args:
            callback: The URL that was called, its query, or the parsed parameters of the query.

        Raises:
            OAuthError: The callback belongs to another request, reports an error, or has no code.
        """
        parameters = _parse_callback(callback)
        if not hmac.compare_digest(parameters.get("state", "").encode(), self.state.encode()):
            raise OAuthError(
                "The callback does not belong to this authorization: its state is missing or different. It may be "
                "forged, or belong to an older attempt. No code was exchanged; start again with authorize().",
                error="invalid_state",
            )
        if "error" in parameters:
            raise _refusal(str(parameters["error"]), str(parameters.get("error_description", "")) or None)
        if not parameters.get("code"):
            raise OAuthError(
                "The callback has neither a code nor an error. Start again with authorize().", error="no_code"
            )
        return str(parameters["code"])


def split_redirect_uri(redirect_uri: str) -> SplitResult:
    """Return the parts of a redirect URI.

    Raises:
        InvalidInputError: It is not a URL.
    """
    try:
        parts = urlsplit(redirect_uri)
        _ = parts.port  # raises ValueError if it is not a number
    except ValueError:  # its text may quote a password
        raise InvalidInputError("redirect_uri", redirect_uri, "a URL with a valid host and port") from None
    return parts


def _refusal(error: str, description: str | None) -> OAuthError:
    detail = f" ({description})" if description else ""
    message = f"HeyGen granted no authorization: {error}{detail}. Ask the person again."
    return OAuthError(message, error=error, description=description)


def _parse_callback(callback: str | Mapping[str, str | Sequence[str]]) -> dict[str, str]:
    """Return the parameters of a callback; a parameter that occurs twice is dropped."""
    parameters: Mapping[str, str | Sequence[str]]
    if isinstance(callback, str):
        parameters = parse_qs(urlsplit(callback).query if "?" in callback else callback)
    else:
        parameters = callback
    values = {name: [value] if isinstance(value, str) else value for name, value in parameters.items()}
    return {name: HiddenStr(value[0]) for name, value in values.items() if len(value) == 1}
