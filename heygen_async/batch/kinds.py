"""What a batch can make: for each resource how a job is begun and waited for, and by what it can be found again."""

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
    validation as checks,
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

#: Looks at many jobs at once are few, so that they can be made often.
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


class Work(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One resource's jobs.

    `takes` is what a request is; `id` the field in which an outcome names its job; `kind` what is waited for, None for
    what is made at once. `keyed` says whether the API honours an idempotency key here; `echoes` whether its list shows
    each job's `callback_id`; `titled` whether it can be searched by title instead; `batched` whether it has batches.
    """

    resource: str
    takes: Any
    id: str
    kind: JobKind[Any] | None
    method: str = "create"
    keyed: bool = True
    echoes: bool = False
    titled: bool = False
    batched: bool = False

    async def begin(self, heygen: AsyncHeyGen, request: Any, key: str) -> Any:
        """Ask for it, under this idempotency key."""
        create: Callable[..., Awaitable[Any]] = getattr(getattr(heygen, self.resource), self.method)
        if self.resource in {"videos", "avatars"}:
            return await create(request, idempotency_key=key)
        fields = dict(request)
        first = [fields.pop("template_id")] if self.resource == "templates" else []
        return await create(*first, **fields, idempotency_key=key)

    def ids_of(self, created: Any) -> list[str]:
        """The jobs that were begun."""
        if self.kind is None:
            return [created.request_id or created.audio_url.partition("?")[0]]
        return getattr(created, "video_translation_ids", None) or [self.kind.id_of(created)]

    async def wait(self, heygen: AsyncHeyGen, created: Any, ids: Sequence[str], timeout: float | None) -> list[Any]:
        """The ends of its jobs: finished structs, and errors. `created` is None for what an earlier run began."""
        transport = heygen._transport  # noqa: SLF001
        kind = cast("JobKind[Any]", self.kind)  # what is made at once is not waited for
        if kind is SESSION:
            session = created or await heygen.video_agents.get(ids[0])
            return await waiting.every({ids[0]: waiting.video(transport, session, timeout=timeout)}, raises=False)
        own = transport.options.poll is not None or transport.shared_state.event_listeners is not None
        poll = SHARED_POLL if kind.bulk is not None and not own else None
        one = len(ids) == 1 and created is not None
        waits = {id: waiting.job(transport, kind, created if one else id, timeout=timeout, poll=poll) for id in ids}
        return await waiting.every(waits, raises=False)

    def read(self, results: bytes) -> list[Any]:
        """Finished jobs, as a journal keeps them."""
        kind = VIDEO if self.kind is SESSION else self.kind
        into: Any = Speech if kind is None else kind.into
        return [msgspec.convert(one, into) for one in msgspec.json.decode(results)]

    def check(self, request: Any) -> None:
        """Refuse what can never be right.

        Raises:
            InvalidInputError: Naming the field.
        """
        if self.resource in {"videos", "avatars"}:
            (checks.video if self.resource == "videos" else checks.avatar)(request)
            return
        if not isinstance(request, Mapping):
            raise InvalidInputError("request", request, f"a mapping of what {self.resource}.{self.method} takes")
        fields = cast("Mapping[str, Any]", request)
        if self.resource == "voices":
            msgspec.convert(fields, _SpeechRow)
        else:
            checks.given(fields, self.takes)
        if self.resource == "video_agents":
            checks.text("prompt", fields["prompt"], 10_000)

    def marked(self, request: Any, mark: str) -> Any:
        """The request with something by which its job can be found again, where it leaves room for that."""
        marks = ("callback_id", "title") if self.titled else ("callback_id",)
        fields = self._fields_of(request)
        changes = {name: mark for name in marks if name in fields and not get_field(request, name)}
        if isinstance(request, msgspec.Struct):
            return msgspec.structs.replace(request, **changes)
        return {**request, **changes}

    def _fields_of(self, request: Any) -> Collection[str]:
        """The fields that this request may have; where it may be one of several structs, its `type` decides."""
        for shape in get_args(self.takes):
            if shape.__struct_config__.tag == get_tag(request):
                return cast("Collection[str]", shape.__struct_fields__)
        return cast("Collection[str]", self.takes.__annotations__)


_WORKS = [
    Work(resource="videos", takes=VideoRequest, id="video_id", kind=VIDEO, titled=True, batched=True),
    Work(resource="video_agents", takes=SessionRequest, id="session_id", kind=SESSION, keyed=False),
    Work(
        resource="video_translations",
        takes=TranslationRequest,
        id="video_translation_id",
        kind=video_translations.TRANSLATION,
        echoes=True,
        batched=True,
    ),
    Work(resource="lipsyncs", takes=LipsyncRequest, id="lipsync_id", kind=lipsyncs.LIPSYNC, echoes=True, batched=True),
    Work(resource="hyperframes", takes=RenderRequest, id="render_id", kind=hyperframes.RENDER, echoes=True),
    Work(
        resource="background_removals",
        takes=BackgroundRemovalRequest,
        id="background_removal_id",
        kind=background_removals.REMOVAL,
    ),
    Work(
        resource="ai_clipping",
        takes=ClippingRequest,
        id="ai_clipping_id",
        kind=ai_clipping.CLIPPING,
        keyed=False,
        echoes=True,
    ),
    Work(resource="templates", takes=_TemplateRow, id="video_id", kind=VIDEO, method="generate", titled=True),
    Work(resource="avatars", takes=AvatarRequest, id="avatar_id", kind=avatars.LOOK),
    Work(resource="voices", takes=_SpeechRow, id="request_id", kind=None, method="create_speech", keyed=False),
]
WORKS: Mapping[str, Work] = {work.resource: work for work in _WORKS}


def work_named(kind: str) -> Work:
    """The resource that a row is for."""
    if kind not in WORKS:
        raise InvalidInputError("kind", kind, f"one of {', '.join(WORKS)}")
    return WORKS[kind]
