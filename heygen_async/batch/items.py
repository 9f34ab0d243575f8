"""What goes into a batch, and what comes out of it."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import msgspec

from .. import errors
from .._files import request_files
from ..errors import HeyGenError
from ..pricing import Estimate
from ..types.files import BytesFile
from .kinds import work_named

State: TypeAlias = Literal["completed", "failed", "planned"]
_MAX_KEY = 200  # characters


class Item(msgspec.Struct, frozen=True):
    """One thing to be made.

    `key` is yours: a row's id, a SKU; by it a later run knows the row again. A number will do. `request` is what
    `create` of the resource `kind` takes: a struct, or a mapping of its keywords (for `templates` with the `template_id`
    among them). `path` is where the result is downloaded to, a name that is free; without it, `output_dir` of the run
    decides.
    """

    key: str
    request: Any
    kind: str = "videos"
    path: str | PathLike[str] | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How one row ended.

    `results` are the finished structs, one a job: a row has several jobs when it asks for several languages. `error` is
    set when `state` is failed; `paths` are the downloaded files. `resumed` says that the row was begun by an earlier
    run, `changed` that its content is another than then, so that a new job was made. `estimate` is set by a dry run.
    """

    key: str
    kind: str
    state: State
    ids: list[str]
    results: list[Any]
    paths: list[Path]
    error: Exception | None = None
    resumed: bool = False
    changed: bool = False
    estimate: Estimate | None = None

    @property
    def succeeded(self) -> bool:
        """Whether it was made."""
        return self.state == "completed"

    @property
    def id(self) -> str | None:
        """Its job, or the first of them; None when none was made."""
        return self.ids[0] if self.ids else None

    @property
    def result(self) -> Any:
        """The finished struct, or the first of them."""
        return self.results[0] if self.results else None

    @property
    def path(self) -> Path | None:
        """The downloaded file, or the first of them."""
        return self.paths[0] if self.paths else None

    def __repr__(self) -> str:
        return f"Outcome({self.key!r}, {self.state}, {self.kind}: {', '.join(self.ids) or 'no job'})"


def item_of(given: Any, kind: str) -> Item:
    """An item, or a pair of a key and a request for the resource `kind`.

    Raises:
        InvalidInputError: It is neither.
    """
    if isinstance(given, tuple):
        pair: tuple[Any, ...] = given  # pyright: ignore[reportUnknownVariableType]
        given = Item(pair[0], pair[1], kind) if len(pair) == 2 else None
    if not isinstance(given, Item):
        raise errors.InvalidInputError("requests", given, "Items, or pairs of a key and a request")
    if isinstance(given.key, int) and not isinstance(given.key, bool):
        return msgspec.structs.replace(given, key=str(given.key))
    return given


def check(item: Item) -> None:
    """Whether a batch can know it again, and make it.

    Raises:
        InvalidInputError: Its key is none, or it is for no resource.
    """
    check_key("key", item.key)
    work_named(item.kind)


def check_key(field: str, key: object) -> None:
    """Whether a row can be known again by it.

    Raises:
        InvalidInputError: It cannot.
    """
    if not isinstance(key, str) or not 0 < len(key) <= _MAX_KEY or not key.isprintable():
        raise errors.InvalidInputError(field, key, f"1 to {_MAX_KEY} printable characters")


def digest_of(item: Item) -> bytes:
    """What tells one content from another: the request's fields, and the bytes of its local files. Runs in a thread.

    Raises:
        InvalidInputError: It holds something that cannot be sent.
    """
    digest, request = hashlib.sha256(item.kind.encode()), item.request
    if isinstance(request, dict):  # None is as good as absent
        request = {name: value for name, value in cast("dict[str, Any]", request).items() if value is not None}
    try:
        digest.update(msgspec.json.encode(request, enc_hook=_known, order="sorted"))
    except (TypeError, ValueError, OverflowError) as problem:
        raise errors.InvalidInputError("request", item.request, f"values that JSON can hold ({problem})") from None
    for path, field in sorted(request_files.local_paths(item.request).items()):
        try:
            check_file(path)
            with Path(path).open("rb") as file:
                digest.update(b"\0")
                hashlib.file_digest(file, lambda: digest)
        except (OSError, ValueError) as problem:
            raise unreadable(field, path, problem) from None
    return digest.digest()[:16]


def check_file(path: str) -> None:
    """See that it is a file that can be read, before it is opened: a pipe would keep its reader waiting.

    Raises:
        OSError: It is none.
        ValueError: It can be no path.
    """
    status = os.stat(path)  # noqa: PTH116  as it was given
    if not stat.S_ISREG(status.st_mode):
        raise OSError("this is no file")
    if not status.st_size:
        raise OSError("this one is empty")
    if not os.access(path, os.R_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def unreadable(field: str, path: str, problem: OSError | ValueError) -> errors.InvalidInputError:
    """Why a local file of a request cannot be sent."""
    why = getattr(problem, "strerror", None) or problem
    return errors.InvalidInputError(field or "request", path, f"a file that can be read ({why})")


def _known(value: object) -> object:
    if isinstance(value, PathLike):
        return os.fspath(cast("PathLike[str]", value))
    if isinstance(value, BytesFile | bytes):
        content = value if isinstance(value, bytes) else value.content
        return hashlib.sha256(content).hexdigest()
    raise TypeError(f"{type(value).__name__} cannot be sent")


def error_as_facts(error: Exception) -> dict[str, Any]:
    """An error as a journal keeps it."""
    facts = {
        name: value
        for name, value in vars(error).items()
        if isinstance(value, str | int | float | bool) and name not in {"body", "url"}
    }
    return {"type": type(error).__name__, "message": str(error.args[0] if error.args else error), "facts": facts}


def error_from_facts(kept: dict[str, Any]) -> HeyGenError:
    """The error as it was, as far as a journal keeps it."""
    kind = getattr(errors, kept["type"], HeyGenError)
    error = HeyGenError.__new__(kind if isinstance(kind, type) and issubclass(kind, HeyGenError) else HeyGenError)
    error.args = (kept["message"],)
    error.__dict__.update(kept["facts"])
    return error
