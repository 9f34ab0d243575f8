"""Calls every free read operation of the API once, and collects how the responses deviate from the contract.

Lists come first, because the other operations need ids from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import anyio
import msgspec

from ..errors import APIError, AuthenticationError, DecodeError, InvalidInputError
from ..operations.catalog import operations
from .contract_check import Deviation, check_response

if TYPE_CHECKING:
    from .._http.lenient_decoding import Drift
    from .._http.response import Response
    from ..client import AsyncHeyGen
    from ..operations.operation import Operation

_PAUSE = 0.5  # seconds between two requests
_ACCOUNT = "/v3/users/me"
#: Collections whose list has another path.
_LIST_PATHS = {
    "/v3/video-agents/sessions": "/v3/video-agents",
    "/v3/video-agents/{session_id}/resources": "/v3/video-agents/sessions/{session_id}/resources",
}
#: Required arguments that are no ids.
_ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "get_video_translation_caption": {"format": "srt"},
    "search_assets": {"query": "a", "type": "image"},
    "search_audio_sounds": {"query": "music", "type": "music"},
}


class Finding(msgspec.Struct, frozen=True):
    """A deviation, and the endpoint whose response has it."""

    endpoint: str
    field: str
    expected: str
    received: str

    def __str__(self) -> str:
        return f"{self.endpoint}  {self.field}: expected {self.expected}, received {self.received}"


class Examination(msgspec.Struct):
    """The result of all calls.

    Args:
        called: The endpoints that responded, such as `GET /v3/videos`.
        findings: The deviations that break the contract.
        notes: The fields and enum values that the contract does not have.
        not_called: For each other endpoint the reason.
    """

    called: list[str] = []
    findings: list[Finding] = []
    notes: list[Finding] = []
    not_called: dict[str, str] = {}


async def examine(client: AsyncHeyGen) -> Examination:
    """Call every free read operation once, one after the other.

    Raises:
        AuthenticationError: HeyGen rejects the key.
        APIConnectionError: HeyGen cannot be reached.
    """
    found = _Samples()
    examination = Examination()
    reads = {one.endpoint.path: one for one in operations().values() if not one.mutating and not one.billable}
    for operation in sorted(reads.values(), key=_order):
        endpoint = f"{operation.endpoint.method} {operation.endpoint.path}"
        arguments = found.arguments_of(operation)
        if isinstance(arguments, str):
            examination.not_called[endpoint] = arguments
            continue
        await anyio.sleep(_PAUSE)
        try:
            await operation.call(client, arguments)
        except AuthenticationError:
            raise
        except (APIError, InvalidInputError) as error:
            examination.not_called[endpoint] = _describe(error)
            continue
        except DecodeError:
            examination.called.append(endpoint)
            examination.findings.append(Finding(endpoint, "", "a JSON document of the API", "something unreadable"))
            continue
        response = cast("Response", client.last_response)
        body = response.json() if response.body else None
        examination.called.append(endpoint)
        found.add(operation, body)
        _compare(examination, operation, endpoint, body, response.drift)
    return examination


def _order(operation: Operation) -> tuple[bool, int, bool]:
    """Return the place of an operation: the account first, then lists, then those that need ids."""
    path = operation.endpoint.path
    return path != _ACCOUNT, path.count("{"), _needs_ids(operation)


def _describe(error: Exception) -> str:
    if not isinstance(error, APIError):
        return "its arguments are not known"
    code = error.code if error.code and re.fullmatch(r"[A-Za-z0-9_]{1,64}", error.code) else ""
    return f"{error.status} {code}".strip()


def _needs_ids(operation: Operation) -> bool:
    return operation.path.endswith(".statuses")


def _is_inside(field: str, known: Iterable[str]) -> bool:
    """Whether a field is one of the known ones, or lies below one."""
    return any(field == one or (field.startswith(one) and (not one or field[len(one)] in ".[{")) for one in known)


def _compare(
    examination: Examination, operation: Operation, endpoint: str, body: object, drifts: tuple[Drift, ...]
) -> None:
    """Add the deviations from the contract, and the places that the SDK could not decode as they are."""
    deviations = check_response(operation.endpoint.method, operation.endpoint.path, body)
    known = [one.field for one in deviations if one.kind == "drift"]
    decoded = [Deviation("drift", _field_of(one), one.expected, one.received) for one in drifts]
    for one in dict.fromkeys([*deviations, *(one for one in decoded if not _is_inside(one.field, known))]):
        group = examination.findings if one.kind == "drift" else examination.notes
        group.append(Finding(endpoint, one.field, one.expected, one.received))


def _field_of(drift: Drift) -> str:
    """Return the path of a field without indexes and keys, which may be personal."""
    return re.sub(r"\['.*?'\]", "{}", re.sub(r"\[\d+\]", "[]", drift.path.removeprefix("$").removeprefix(".")))


class _Samples:
    """The first item of each list, and the arguments for other operations from these items."""

    def __init__(self) -> None:
        self._items: dict[str, dict[str, Any]] = {}

    def add(self, operation: Operation, body: object) -> None:
        """Keep the first item of a list, or the object of a single response."""
        data: object = _mapping(body).get("data")
        data = _mapping(data).get("resources", data)
        first = next(iter(cast("Sequence[object]", data)), None) if isinstance(data, list) else data
        self._items[operation.endpoint.path] = _mapping(first)

    def arguments_of(self, operation: Operation) -> dict[str, Any] | str:
        """Return the arguments for an operation, or the reason why there are none."""
        path = operation.endpoint.path
        arguments: dict[str, Any] = dict(_ARGUMENTS.get(operation.name, {}))
        if operation.name == "list_assets":
            arguments["username"] = self._items.get(_ACCOUNT, {}).get("username")
        if _needs_ids(operation):
            collection, name = path.rpartition("/")[0], _ids_argument(operation)
            arguments[name] = [id for id in [self._id_in(collection, name.removesuffix("s"))] if id]
        for match in re.finditer(r"/\{(\w+)\}", path):
            arguments[match[1]] = self._id_in(path[: match.start()], match[1])
        missing = [name for name in _schema_of(operation).get("required", ()) if not arguments.get(name)]
        missing += [name for name, value in arguments.items() if not value and name not in missing]
        return f"no list gives its {' and '.join(missing)}" if missing else arguments

    def _id_in(self, collection: str, name: str) -> str | None:
        """Return the id of the first item of a collection."""
        item = self._items.get(_LIST_PATHS.get(collection, collection), {})
        return next((str(item[key]) for key in (name, "id") if item.get(key)), None)


def _mapping(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _schema_of(operation: Operation) -> dict[str, Any]:
    return cast("dict[str, Any]", operation.input_schema)


def _ids_argument(operation: Operation) -> str:
    """Return the argument of a bulk status operation that takes the ids of single jobs."""
    names: list[str] = list(_schema_of(operation)["properties"])
    return next(name for name in names if name.endswith("_ids") and name != "batch_ids")
