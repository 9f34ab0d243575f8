"""The limits of whatever comes in: responses, events, webhook deliveries, sheets and journals.

The problem: a server, a proxy or a file may send more than the memory holds, by mistake or on purpose. Each size below
has a default that no honest sender reaches, and a program that needs another passes `AsyncHeyGen(limits=Limits(…))`.
Beyond a limit, reading stops at once: the connection is closed, and the error names the limit and its value.
"""

from __future__ import annotations

import msgspec

from ..errors import InvalidInputError

MIB = 1 << 20


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The maximum sizes of incoming data, in bytes unless another unit is named. Each is an integer above 0.

    Args:
        json_body: A successful response's body, after decompression.
        error_body: An error response's body, after decompression.
        event: The data of one event of an event stream.
        event_line: One line of an event stream.
        header: One line of a response's head, which may have 128 lines.
        redirects: The number of redirects that one request follows.
        webhook_body: The body of a webhook delivery.
        webhook_body_seconds: The seconds in which the body of a webhook delivery must arrive.
        sheet_cell: One cell of a sheet, in characters. A CSV cell is limited by `csv.field_size_limit()` too.
        sheet_line: One line of a sheet, in characters.
        journal_value: One value of a journal.

    Raises:
        InvalidInputError: A value is not an integer above 0.
    """

    json_body: int = 64 * MIB
    error_body: int = MIB
    event: int = 8 * MIB
    event_line: int = 8 * MIB
    header: int = 16 << 10
    redirects: int = 5
    webhook_body: int = MIB
    webhook_body_seconds: int = 10
    sheet_cell: int = 128 << 10
    sheet_line: int = 8 * MIB
    journal_value: int = 8 * MIB

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise InvalidInputError(f"limits.{name}", value, "an integer above 0")


#: The limits where no client has others.
DEFAULT_LIMITS = Limits()
