"""The actions `wait_for_video`, `wait_for_translation` and so on: one for each wait of the client.

Hosts of tools give up on slow calls, some after 5 s, and a model that sees an error may create a second, paid job. So a
wait that ends before its job is a success: it returns the job's state, and a note with the next call.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import msgspec

from .._http.hooks import call_hook
from .._jobs.kinds import type_named
from .._jobs.registry import KINDS, VIDEO
from ..errors import InputRequiredError, WaitTimeoutError
from ..operations.text import to_json
from .actions import Action

if TYPE_CHECKING:
    from .._jobs.kinds import JobKind
    from .._jobs.wait_options import JobUpdate, OnUpdate
    from ..client import AsyncHeyGen
    from ..types.base import JSONValue

_SESSION_IDS = " The session_id of a Video Agent session is accepted too."


@cache
def wait_actions(max_wait: float | None = None) -> Mapping[str, Action]:
    """Return the wait actions by name, in the order of the registry of job kinds.

    Args:
        max_wait: The maximum duration of one call in seconds; by default the client's `wait_timeout`.
    """
    kinds: dict[str, list[JobKind[Any]]] = {}
    for kind in KINDS:
        kinds.setdefault(kind.wait, []).append(kind)
    actions = (_wait_action(same_wait, max_wait) for same_wait in kinds.values())
    return MappingProxyType({action.name: action for action in actions})


def next_call(kind_name: str, id: str) -> str:
    """Return the call that continues the wait for a job, such as `wait_for_video with video_id="v_1"`."""
    kind = next(kind for kind in KINDS if kind.name == kind_name)
    batch = {"kind": kind.batch_of} if kind.batch_of else {}
    return _describe_call(f"wait_for_{kind.wait}", {_id_name(kind): id, **batch})


def _wait_action(kinds: list[JobKind[Any]], max_wait: float | None) -> Action:
    kind = kinds[0]
    name = f"wait_for_{kind.wait}"
    thing = "batch" if kind.batch_of else kind.name
    about = f"The id of the {thing}, from the tool that created it.{_SESSION_IDS if kind is VIDEO else ''}"
    fields: list[Any] = [(_id_name(kind), Annotated[str, msgspec.Meta(description=about)])]
    if kind.batch_of:
        resources = cast("Any", Literal)[tuple(one.batch_of for one in kinds)]
        fields.append(("kind", Annotated[resources, msgspec.Meta(description="The kind of the batch's jobs.")]))
    limit = "" if max_wait is None else f" It returns after {max_wait:g} s at the latest."
    return Action(
        name=name,
        description=f"Wait until the {thing} is finished, and return it.{limit} While it still runs, the response has "
        f"its state: then call {name} again with the same id. A long wait is no reason to create it again.",
        arguments=msgspec.defstruct("Arguments", fields, kw_only=True, forbid_unknown_fields=True),
        data=partial(type_named, kind.final_result or kind.result),
        function=partial(_wait, kind, max_wait),
    )


async def _wait(
    kind: JobKind[Any],
    max_wait: float | None,
    client: AsyncHeyGen,
    arguments: dict[str, Any],
    on_update: OnUpdate | None,
) -> dict[str, JSONValue]:
    """Wait for the job, and return it: finished, waiting for a person, or still running."""
    id, *resource = arguments.values()
    options: dict[str, Any] = {"kind": resource[0]} if resource else {}
    progress: int | None = None

    async def keep_progress(update: JobUpdate[Any]) -> None:
        nonlocal progress
        progress = update.progress
        if on_update is not None:
            await call_hook(on_update, update)

    wait = getattr(client, f"wait_for_{kind.wait}")
    try:
        job = await wait(id, timeout=max_wait, on_update=keep_progress, **options)
    except InputRequiredError as error:
        return {"data": to_json(error.job), "note": str(error)}
    except WaitTimeoutError as error:
        if not error.history:  # No poll got a response.
            raise
        data = to_json(error.job) if error.job is not None else {_id_name(kind): id, "status": error.state}
        done = "" if progress is None else f", {progress} %"
        doing = "rendering" if "video_url" in kind.url_fields else "running"
        call = _describe_call(f"wait_for_{kind.wait}", arguments)
        note = f"The {error.kind} is still {doing} ({error.state}{done}). Call {call} again; do not create it again."
        return {"data": data, "note": note}
    return {"data": to_json(job)}


def _id_name(kind: JobKind[Any]) -> str:
    """Return the field in which the create's response has the id, or the parameter of the status request."""
    return kind.id_field if kind.id_field.endswith("_id") else kind.endpoint.path.rpartition("{")[2].rstrip("}")


def _describe_call(name: str, arguments: Mapping[str, JSONValue]) -> str:
    values = " and ".join(f"{key}={msgspec.json.encode(value).decode()}" for key, value in arguments.items())
    return f"{name} with {values}"
