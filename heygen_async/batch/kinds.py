"""The kinds of jobs that a batch can create: how each is created, awaited, checked and found again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast, get_args

import msgspec

from .._http.backoff import Backoff
from .._jobs import waiting
from .._jobs.kinds import SESSION, VIDEO, JobKind
from ..errors import InvalidInputError
from ..resources import (
    ai_clipping,
    avatars,
    background_removals,
    hyperframes,
    lipsyncs,
    validation,
    video_translations,
)
from ..types.ai_clipping import ClippingRequest
from ..types.avatars import AvatarRequest
from ..types.background_removals import BackgroundRemovalRequest
from ..types.base import get_field, get_tag
from ..types.hyperframes import RenderRequest
from ..types.lipsyncs import LipsyncRequest
from ..types.templates import TemplateRequest
from ..types.video_agents import SessionRequest
from ..types.video_translations import TranslationRequest
from ..types.videos import VideoRequest
from ..types.voices import Speech, SpeechInput

if TYPE_CHECKING:
    from ..client import AsyncHeyGen

#: One bulk request polls a hundred jobs, so it can be frequent.
SHARED_POLL = Backoff(initial=5.0, factor=1.0, maximum=5.0, jitter=0.1)


class _TemplateRow(TemplateRequest):
    template_id: str


class _SpeechRow(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    text: str
    voice_id: str
    input_type: SpeechInput | None = None
    speed: float | None = None
    language: str | None = None
    locale: str | None = None


class BatchKind(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One kind of job in a batch.

    Attributes:
        name: The resource that creates it, such as `videos`.
        request_type: The type of a request.
        id_field: The name of the job's id.
        job_kind: How the job is polled; None when creating it returns the result.
        method: The resource's method that creates it.
        honours_key: Whether HeyGen honours an idempotency key here.
        lists_callback_id: Whether the resource's list contains each job's `callback_id`.
        lists_by_title: Whether the resource's list can be searched by title.
        has_batches: Whether HeyGen has batches of this kind.
    """

    name: str
    request_type: Any
    id_field: str
    job_kind: JobKind[Any] | None
    method: str = "create"
    honours_key: bool = True
    lists_callback_id: bool = False
    lists_by_title: bool = False
    has_batches: bool = False

    async def create(self, heygen: AsyncHeyGen, request: Any, idempotency_key: str) -> Any:
        """Create a job; return the response."""
        create: Callable[..., Awaitable[Any]] = getattr(getattr(heygen, self.name), self.method)
        if self.name in {"videos", "avatars"}:
            return await create(request, idempotency_key=idempotency_key)
        fields = dict(request)
        positional = [fields.pop("template_id")] if self.name == "templates" else []
        return await create(*positional, **fields, idempotency_key=idempotency_key)

    def created_ids(self, created: Any) -> list[str]:
        """Return the ids of the jobs in a response to `create`."""
        if self.job_kind is None:
            return [created.request_id or created.audio_url.partition("?")[0]]
        return getattr(created, "video_translation_ids", None) or [self.job_kind.id_of(created)]

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
            return await waiting.every({ids[0]: waiting.video(transport, session, timeout=timeout)}, raises=False)
        is_configured = transport.options.poll is not None or transport.shared_state.event_listeners is not None
        poll = SHARED_POLL if kind.bulk is not None and not is_configured else None
        is_new = len(ids) == 1 and created is not None
        waits = {id: waiting.job(transport, kind, created if is_new else id, timeout=timeout, poll=poll) for id in ids}
        return await waiting.every(waits, raises=False)

    def decode_results(self, results: bytes) -> list[Any]:
        """Return the finished structs that a journal stores as JSON."""
        kind = VIDEO if self.job_kind is SESSION else self.job_kind
        result_type: Any = Speech if kind is None else kind.into
        return [msgspec.convert(result, result_type) for result in msgspec.json.decode(results)]

    def check(self, request: Any) -> None:
        """Check a request before anything is sent.

        Raises:
            InvalidInputError: A field is invalid. The error names it.
            msgspec.ValidationError: A field has a wrong type.
        """
        if self.name in {"videos", "avatars"}:
            (validation.video if self.name == "videos" else validation.avatar)(request)
            return
        if not isinstance(request, Mapping):
            raise InvalidInputError("request", request, f"a mapping of the arguments of {self.name}.{self.method}")
        fields = cast("Mapping[str, Any]", request)
        if self.name == "voices":
            msgspec.convert(fields, _SpeechRow)
        else:
            validation.given(fields, self.request_type)
        if self.name == "video_agents":
            validation.text("prompt", fields["prompt"], 10_000)

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


_KINDS = [
    BatchKind(
        name="videos",
        request_type=VideoRequest,
        id_field="video_id",
        job_kind=VIDEO,
        lists_by_title=True,
        has_batches=True,
    ),
    BatchKind(
        name="video_agents", request_type=SessionRequest, id_field="session_id", job_kind=SESSION, honours_key=False
    ),
    BatchKind(
        name="video_translations",
        request_type=TranslationRequest,
        id_field="video_translation_id",
        job_kind=video_translations.TRANSLATION,
        lists_callback_id=True,
        has_batches=True,
    ),
    BatchKind(
        name="lipsyncs",
        request_type=LipsyncRequest,
        id_field="lipsync_id",
        job_kind=lipsyncs.LIPSYNC,
        lists_callback_id=True,
        has_batches=True,
    ),
    BatchKind(
        name="hyperframes",
        request_type=RenderRequest,
        id_field="render_id",
        job_kind=hyperframes.RENDER,
        lists_callback_id=True,
    ),
    BatchKind(
        name="background_removals",
        request_type=BackgroundRemovalRequest,
        id_field="background_removal_id",
        job_kind=background_removals.REMOVAL,
    ),
    BatchKind(
        name="ai_clipping",
        request_type=ClippingRequest,
        id_field="ai_clipping_id",
        job_kind=ai_clipping.CLIPPING,
        honours_key=False,
        lists_callback_id=True,
    ),
    BatchKind(
        name="templates",
        request_type=_TemplateRow,
        id_field="video_id",
        job_kind=VIDEO,
        method="generate",
        lists_by_title=True,
    ),
    BatchKind(name="avatars", request_type=AvatarRequest, id_field="avatar_id", job_kind=avatars.LOOK),
    BatchKind(
        name="voices",
        request_type=_SpeechRow,
        id_field="request_id",
        job_kind=None,
        method="create_speech",
        honours_key=False,
    ),
]
KINDS: Mapping[str, BatchKind] = {kind.name: kind for kind in _KINDS}


def kind_named(name: str) -> BatchKind:
    """Return the kind with this name.

    Raises:
        InvalidInputError: There is none.
    """
    if name not in KINDS:
        raise InvalidInputError("kind", name, f"one of {', '.join(KINDS)}")
    return KINDS[name]
