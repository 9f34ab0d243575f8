"""The kinds of jobs that a batch can create: how each is created, awaited, checked and found again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Required, cast, get_args

import msgspec

from .._files.request_files import check_file_texts
from .._http.argument_checks import check_fields, check_keys
from .._http.backoff import Backoff
from .._http.endpoint import endpoint_of
from .._jobs import registry, waiting
from .._jobs.kinds import BatchCreate, JobKind
from .._jobs.registry import SESSION, VIDEO
from ..errors import InvalidInputError
from ..resources import validation
from ..types.base import get_field, get_tag
from ..types.templates import TemplateRequest
from ..types.voices import Speech, SpeechInput

if TYPE_CHECKING:
    from ..client import AsyncHeyGen

#: One bulk request polls a hundred jobs, so it can be frequent.
SHARED_POLL = Backoff(initial=5.0, factor=1.0, maximum=5.0, jitter=0.1)


class _TemplateRow(TemplateRequest):
    template_id: Required[str]


class _SpeechRow(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    text: str
    voice_id: str
    input_type: SpeechInput | None = None
    speed: float | None = None
    language: str | None = None
    locale: str | None = None


#: The types of requests that hold more or other fields than the resource's method shows.
_ROW_TYPES = {"templates": _TemplateRow, "voices": _SpeechRow}
#: The rules of requests that are structs, beyond their types.
_STRUCT_CHECKS: Mapping[str, Callable[[Any], object]] = {
    "videos": validation.check_video,
    "avatars": validation.check_avatar,
}


class BatchKind(BatchCreate, frozen=True):
    """One kind of job in a batch. `job_kind` is None when creating it returns the result."""

    job_kind: JobKind[Any] | None = None

    @property
    def id_field(self) -> str:
        """The name of the job's id in results."""
        return self.id_column or cast("JobKind[Any]", self.job_kind).id_field

    @property
    def result_kind(self) -> JobKind[Any] | None:
        """The kind of the finished job: a session ends with its video. None when creating it returns the result."""
        return VIDEO if self.job_kind is SESSION else self.job_kind

    @property
    def url_fields(self) -> tuple[str, ...]:
        """The fields of a result that may have its URL. A preview is no result."""
        fields = ("audio_url",) if self.result_kind is None else self.result_kind.url_fields
        return tuple(name for name in fields if not name.startswith("preview_"))

    @property
    def request_type(self) -> Any:
        """The type of a row's request."""
        return _ROW_TYPES.get(self.resource) or super().request_type

    def key_lifetime(self, heygen: AsyncHeyGen, method: str = "") -> float:
        """Return the seconds for which HeyGen keeps the idempotency key of a create; 0 where it honours none.

        Args:
            heygen: The client.
            method: Another method of the resource, such as `create_batch`.
        """
        return endpoint_of(getattr(getattr(heygen, self.resource), method or self.method)).repeat_rules.key_lifetime

    async def create(self, heygen: AsyncHeyGen, request: Any, idempotency_key: str) -> Any:
        """Create a job; return the response."""
        create: Callable[..., Awaitable[Any]] = getattr(getattr(heygen, self.resource), self.method)
        if self.takes_struct:
            return await create(request, idempotency_key=idempotency_key)
        fields = dict(request)
        positional = [fields.pop("template_id")] if self.resource == "templates" else []
        return await create(*positional, **fields, idempotency_key=idempotency_key)

    def created_ids(self, created: Any) -> list[str]:
        """Return the ids of the jobs in a response to `create`."""
        if self.job_kind is None:
            return [created.request_id or created.audio_url.partition("?")[0]]
        return self.job_kind.ids_of(created)

    async def wait(self, heygen: AsyncHeyGen, created: Any, ids: Sequence[str], timeout: float | None) -> list[Any]:
        """Wait for the jobs; return a finished struct or an exception for each.

        Args:
            heygen: The client.
            created: The response to `create`; None for jobs of an earlier run.
            ids: The ids of the jobs.
            timeout: The time for the wait in seconds; None for the client's.
        """
        transport = heygen._transport  # noqa: SLF001
        kind = cast("JobKind[Any]", self.job_kind)
        if kind is SESSION:
            session = created or await heygen.video_agents.get(ids[0])
            return await waiting.wait_for_every(
                {ids[0]: waiting.wait_for_video(transport, session, timeout=timeout)}, raises=False
            )
        is_configured = transport.options.poll is not None or transport.shared_state.event_listeners is not None
        poll = SHARED_POLL if kind.bulk_endpoint is not None and not is_configured else None
        jobs = [(id, id) for id in ids] if created is None else kind.jobs_of(created)
        waits = {id: waiting.wait_for_job(transport, kind, job, timeout=timeout, poll=poll) for id, job in jobs}
        return await waiting.wait_for_every(waits, raises=False)

    def decode_results(self, results: bytes) -> list[Any]:
        """Return the finished structs that a journal stores as JSON."""
        result_type: Any = Speech if self.result_kind is None else self.result_kind.result_type
        stored = msgspec.json.decode(results)
        try:
            return msgspec.convert(stored, list[result_type])
        except msgspec.ValidationError:  # the response deviated from the documented form, and the client reported that
            from .._http.lenient_decoding import convert  # noqa: PLC0415  results that fit do not need it

            return cast("list[Any]", convert(stored, list[result_type])[0])

    def check(self, request: Any) -> None:
        """Check a request before anything is sent.

        Raises:
            InvalidInputError: A field is invalid. The error names it.
            msgspec.ValidationError: A field has a wrong type.
        """
        method_name = f"{self.resource}.{self.method}"
        check_file_texts(request)
        if self.takes_struct:
            check_keys(method_name, request, self.request_type, "request")
            if self.resource in _STRUCT_CHECKS:
                _STRUCT_CHECKS[self.resource](request)
            return
        if not isinstance(request, Mapping):
            raise InvalidInputError("request", request, f"a mapping of the arguments of {method_name}")
        fields = cast("Mapping[str, Any]", request)
        if self.resource == "voices":
            check_keys(method_name, fields, _SpeechRow, "")
            msgspec.convert(fields, _SpeechRow)
        else:
            check_fields(method_name, fields, self.request_type)
        if self.resource == "video_agents":
            validation.check_text("prompt", fields["prompt"], 10_000)

    def with_marker(self, request: Any, marker: str) -> Any:
        """Return the request with the marker in its `callback_id` and title, where these are free."""
        names = ("callback_id", "title") if self.lists_by_title else ("callback_id",)
        fields = self._fields_of(request)
        changes = {name: marker for name in names if name in fields and not get_field(request, name)}
        if isinstance(request, msgspec.Struct):
            return msgspec.structs.replace(request, **changes)
        return {**request, **changes}

    def _fields_of(self, request: Any) -> Collection[str]:
        for member in get_args(self.request_type):
            if member.__struct_config__.tag == get_tag(request):
                return cast("Collection[str]", member.__struct_fields__)
        return cast("Collection[str]", self.request_type.__annotations__)


#: The kinds of the job registry, and speech, which is finished when it is created.
KINDS: Mapping[str, BatchKind] = {
    kind.resource: kind
    for kind in (
        *(
            BatchKind(**msgspec.structs.asdict(create), job_kind=job)
            for job in registry.KINDS
            for create in job.batch_creates
        ),
        BatchKind(resource="voices", request="", id_column="request_id", method="create_speech"),
    )
}


def kind_named(name: str) -> BatchKind:
    """Return the kind with this name.

    Raises:
        InvalidInputError: No kind has this name.
    """
    if name not in KINDS:
        raise InvalidInputError("kind", name, f"one of {', '.join(KINDS)}")
    return KINDS[name]
