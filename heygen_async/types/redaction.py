"""Redaction: secrets stay out of reprs, logs and messages.

* `Secret`: the one holder of a key, a token or a webhook secret.
* `SecretMask`: known secrets are masked in what a server sends back.
* URLs show their scheme, host and path: a password, a presigned query and a fragment are credentials.
* Bodies and values as exceptions may hold and show them.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast
from urllib.parse import quote

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

E = TypeVar("E", bound=BaseException)

_MAX_SHOWN = 200  # characters of a value in a message
_MIN_MASKED = 8  # characters of a secret that is searched for; a shorter one would occur by chance
_MIN_HINTED = 16  # characters of a secret whose end may be shown
_MAX_DEPTH = 100  # levels of a value in an exception
_MAX_SEARCHED = 1 << 20  # bytes of a body that is searched for every form of a secret
_ERRORS = f"{__name__.partition('.')[0]}.errors"
_MASK = "…"
_SUB_DELIMITERS = "!$&'()*,;=:@"  # characters that a path may hold as they are
#: A URL after its colon. In JSON its slashes may be escaped. The authority is what precedes the first of `/?#`.
_URL = re.compile(r":(//|\\/\\/)([^\s\"'<>]*)")
_AUTHORITY_END = re.compile(r"[/?#\\]")
_HAS_PORT = re.compile(r"[^:]*|.*:\d*|\[.*\]", re.DOTALL)
#: A fragment of words, such as `#error-codes`, is a place on a page.
_QUERY_OR_FRAGMENT = re.compile(r"(\?|#(?![a-z]+(?:-[a-z]+)*$)).+", re.DOTALL)
#: Fields whose values no repr shows.
SECRET_FIELDS = frozenset({"secret", "access_token", "refresh_token"})
_SECRET_VALUES = re.compile(rb'("(?:secret|access_token|refresh_token)"\s*:\s*")[^"]+')


class HiddenStr(str):
    """A string whose repr hides it, for a secret that has to be a string, such as the value of a header."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "Keys and tokens cannot be pickled. Set HEYGEN_API_KEY in the other process, or share a TokenStore."
        )


class Secret:
    """A key, a token or a webhook secret. Its repr and its text hide it; `reveal` returns it.

    It is no string: an error reporter records a string of any class as it is, and a format string would show it.
    """

    def __init__(self, value: str) -> None:
        self._value = HiddenStr(value)

    @cached_property
    def mask(self) -> SecretMask:
        """Masks this secret in what a server sends."""
        return SecretMask(self._value)

    @property
    def hint(self) -> str:
        """The last four characters, by which a person recognises a key; none of a short one."""
        return f"{_MASK}{self._value[-4:] if len(self._value) >= _MIN_HINTED else ''}"

    def reveal(self) -> str:
        """Return the value. Its repr is masked."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __format__(self, _: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return self._value == other._value if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        self._value.__reduce__()


class SecretMask:
    """Masks known secrets in what a server sends: as they are, percent-encoded, JSON-escaped or in Base64.

    Secrets below 8 characters are not searched for.
    """

    def __init__(self, *secrets: str) -> None:
        self._secrets = tuple(HiddenStr(secret) for secret in secrets if len(secret) >= _MIN_MASKED)
        # The slashes of a secret may be escaped; a part without one is searched for first.
        self._parts = tuple(HiddenStr(max(secret.split("/"), key=len)) for secret in self._secrets)

    def __repr__(self) -> str:
        return "SecretMask(…)"

    @cached_property
    def _replace(self) -> Callable[[str, str], str] | None:
        """The `sub` of a pattern; it is stored instead of the pattern, whose repr shows the secrets."""
        forms = {form for secret in self._secrets for form in _forms(str(secret))}
        longest_first = sorted(forms, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE).sub if forms else None

    def is_in(self, body: bytes | bytearray) -> bool:
        """Return whether a body may hold a secret, as it is or JSON-escaped. This takes microseconds."""
        for part in self._parts:  # noqa: SIM110  `any` with a generator takes twice as long
            if part.encode() in body:
                return True
        return False

    def error(self, error: E) -> E:
        """Mask the message, the attributes and the notes of an exception of the SDK and its contexts; return it."""
        one, visited = cast("BaseException | None", error), set[int]()
        while one is not None and id(one) not in visited:
            visited.add(id(one))
            if type(one).__module__ == _ERRORS:
                one.args = tuple(self.value(argument) for argument in one.args)
                vars(one).update({name: self.value(value) for name, value in vars(one).items()})
            one = one.__context__
        return error

    def value(self, value: object, _depth: int = 0) -> object:
        """Return a text, bytes, a dict or a list without the secrets; another value as it is."""
        kind = type(value)
        if kind is str:
            return self.text(cast("str", value))
        if kind is bytes:
            return self.body(cast("bytes", value))
        if kind is dict and _depth < _MAX_DEPTH:
            fields = cast("dict[object, object]", value)
            return {self.value(name): self.value(item, _depth + 1) for name, item in fields.items()}
        if kind is list and _depth < _MAX_DEPTH:
            return [self.value(item, _depth + 1) for item in cast("list[object]", value)]
        return value

    def text(self, text: str) -> str:
        """Return a text without the secrets."""
        return text if self._replace is None else self._replace(_MASK, text)

    def body(self, body: bytes) -> bytes:
        """Return a body without the secrets; a long body is searched for them as they are."""
        if len(body) > _MAX_SEARCHED:
            return reduce(lambda rest, secret: rest.replace(secret.encode(), _MASK.encode()), self._secrets, body)
        text = body.decode("utf-8", "surrogateescape")
        masked = self.text(text)
        return body if masked == text else masked.encode("utf-8", "surrogateescape")


#: The mask of a client without secrets.
NO_SECRETS = SecretMask()


def _forms(secret: str) -> set[str]:
    """Return the forms in which a server may repeat a secret."""
    escaped = msgspec.json.encode(secret).decode()[1:-1]
    percent_encoded = {quote(secret, safe=safe) for safe in ("", "/", _SUB_DELIMITERS, f"/{_SUB_DELIMITERS}")}
    slashes = {escaped.replace("/", f"{backslashes}/") for backslashes in ("\\", "\\\\", "\\\\\\")}
    forms = {secret, escaped, *slashes, *percent_encoded}
    for shift in range(3):  # in Base64, a part of a longer value may begin at any of three bits
        encoded = b2a_base64(bytes(shift) + secret.encode(), newline=False).decode()
        whole = encoded[(0, 2, 3)[shift] : (shift + len(secret.encode())) * 8 // 6]
        forms |= {whole, whole.replace("+", "-").replace("/", "_")}
    return forms


def redact_urls(text: str) -> str:
    """Return the text without the user names, passwords, queries and fragments of its URLs."""
    return _URL.sub(lambda found: f":{found[1]}{_redact_address(found[2])}", text)


def _redact_address(address: str) -> str:
    end = _AUTHORITY_END.search(address)
    authority, rest = (address, "") if end is None else (address[: end.start()], address[end.start() :])
    if "@" in authority:
        authority = authority.rpartition("@")[2]
    elif not _HAS_PORT.fullmatch(authority):  # a password with a slash, which no URL may have, or a URL that was cut
        return _redact_address(rest.rpartition("@")[2]) if "@" in rest else _MASK
    return authority + _QUERY_OR_FRAGMENT.sub(rf"\1{_MASK}", rest)


def redact_value(value: Any, _depth: int = 0) -> Any:
    """Return a text, a dict or a list with its URLs redacted; another value as it is."""
    kind = cast("object", type(value))
    if kind is str:
        return redact_urls(value)
    if _depth == _MAX_DEPTH:
        return _MASK
    if kind is dict:
        return {redact_value(name): redact_value(item, _depth + 1) for name, item in value.items()}
    if kind is list:
        return [redact_value(item, _depth + 1) for item in value]
    return value


def format_value(value: object) -> str:
    """Return a value as error messages show it, shortened to 200 characters."""
    text = redact_urls(repr(value))
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}… ({len(text)} characters)"


def without_query(url: str) -> str:
    """Return a URL or an address without its user name, password, query and fragment, which are credentials."""
    bare = url.partition("#")[0].partition("?")[0]
    return redact_urls(bare) if "@" in bare else bare


def redact_body(body: bytes) -> bytes:
    """Return a JSON body without the values of its secret fields and the queries of its URLs, for an exception."""
    text = _SECRET_VALUES.sub(rb"\1...", body).decode("utf-8", "surrogateescape")
    redacted = redact_urls(text)
    return redacted.encode("utf-8", "surrogateescape")
