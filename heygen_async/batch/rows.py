"""The rows of a batch: `Item`, which a program passes in, and `Row`, an item in progress."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

import msgspec

from .._http.idempotency import REPEAT_RULES
from ..errors import HeyGenError, InvalidInputError
from ..pricing import Estimate, estimate
from .journal_entries import Entry
from .kinds import BatchKind, kind_named

if TYPE_CHECKING:
    from ..client import AsyncHeyGen

_MAX_KEY_LENGTH = 200  # characters
_MARGIN = 1800.0  # seconds by which a key is given up early, for requests that are slow
#: Seconds for which the key of an ordinary create leads to its job.
KEY_LIFETIME = REPEAT_RULES["header"].key_lifetime - _MARGIN


class Item(msgspec.Struct, frozen=True):
    """One row of a batch.

    Attributes:
        key: The row's identity, such as an order number: 1 to 200 printable characters, unique in the batch. A later
            run finds the row in the journal by its key. An `int` is converted to `str`.
        request: The argument of the resource's `create`: a struct, or a mapping of its keyword arguments. For
            `templates` the mapping also holds the `template_id`.
        kind: The resource that creates the job, such as `videos`.
        path: The file for the result. By default the name is derived from the key, in the run's `output_dir`.
    """

    key: str
    request: Any
    kind: str = "videos"
    path: str | PathLike[str] | None = None


class Row(msgspec.Struct, kw_only=True):
    """One item in progress.

    Attributes:
        resumed: Whether an earlier run started the row.
        changed: Whether its content differs from the earlier run's.
        is_sought: Whether an earlier run may have submitted it although the journal does not know that.
        is_adopted: Whether its job was found at HeyGen without the journal.
        conflict: The reason why the file of a new job could not be written; None when it can be.
        holds_place: Whether the row counts as one of the parallel submissions.
        cost: The estimate for its job; None when no new job is needed.
    """

    item: Item
    entry: Entry
    resumed: bool = False
    changed: bool = False
    is_sought: bool = False
    is_adopted: bool = False
    conflict: HeyGenError | None = None
    holds_place: bool = False
    cost: Estimate | None = None

    @property
    def kind(self) -> BatchKind:
        """The kind of its jobs."""
        return kind_named(self.item.kind)

    def key_is_valid(self, heygen: AsyncHeyGen, now: float, method: str = "") -> bool:
        """Return whether HeyGen still knows the idempotency key, so that a repeated request creates no second job.

        Args:
            heygen: The client.
            now: The time by HeyGen's clock, in Unix seconds.
            method: The method that sent the request; by default the one that creates a job.
        """
        age = now - (self.entry.submitted_at or 0.0)
        return age < self.kind.key_lifetime(heygen, method) - _MARGIN

    @property
    def marker(self) -> str:
        """The `callback_id` and title that identify its job: the row's key, and the entry's mark."""
        return f"{self.item.key} {self.entry.mark}"

    @property
    def request(self) -> Any:
        """The item's request with its marker."""
        return self.kind.with_marker(self.item.request, self.marker)


def item_from(source_row: Any, kind: str) -> Item:
    """Return an item for a source's row: an `Item`, or a pair of a key and a request of this kind.

    Raises:
        InvalidInputError: The row is neither.
    """
    item: Any = source_row
    if isinstance(item, tuple):
        pair: tuple[Any, ...] = item  # pyright: ignore[reportUnknownVariableType]  any pair is taken
        item = Item(*pair, kind) if len(pair) == 2 else None
    if not isinstance(item, Item):
        raise InvalidInputError("requests", source_row, "Items, or pairs of a key and a request")
    if isinstance(item.key, int) and not isinstance(item.key, bool):
        return msgspec.structs.replace(item, key=str(item.key))
    return item


def check_item(item: Item) -> None:
    """Check an item's key and kind.

    Raises:
        InvalidInputError: The key is invalid, or no resource has this name.
    """
    check_key("key", item.key)
    kind_named(item.kind)


def check_request(item: Item) -> Estimate:
    """Check an item's request; return the estimate for its job.

    Raises:
        InvalidInputError: The request is invalid.
    """
    try:
        kind_named(item.kind).check(item.request)
        return estimate(item.kind, item.request)
    except InvalidInputError:
        raise
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        raise InvalidInputError("request", item.request, f"a request for {item.kind} ({error})") from None


def check_key(field: str, key: object) -> None:
    """Check that the key has 1 to 200 printable characters.

    Raises:
        InvalidInputError: The key is invalid. The error names the field.
    """
    if not isinstance(key, str) or not 0 < len(key) <= _MAX_KEY_LENGTH or not key.isprintable():
        raise InvalidInputError(field, key, f"1 to {_MAX_KEY_LENGTH} printable characters")
