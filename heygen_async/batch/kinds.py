"""What a batch can make: for each resource how a job is begun, waited for, and found again when its answer was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import msgspec

from .. import waiting
from ..backoff import Backoff
from ..errors import InvalidInputError
from ..jobs import SESSION, VIDEO, Kind, kind_named
from ..models.ai_clipping import ClippingRequest
from ..models.avatars import AvatarRequest
from ..models.background_removals import BackgroundRemovalRequest
from ..models.base import field_of
from ..models.hyperframes import RenderRequest
from ..models.lipsyncs import LipsyncRequest
from ..models.templates import TemplateRequest
from ..models.video_agents import Session, SessionCreated, SessionRequest
from ..models.video_translations import TranslationRequest
from ..models.videos import VideoRequest
from ..models.voices import Speech, SpeechInput
from ..pagination import Pager
from ..resources import checks

if TYPE_CHECKING:
    from ..client import AsyncHeyGen

#: Bulk looks are shared by all jobs of a batch, so that they can be made often.
_SHARED_POLL = Backoff(initial=5.0, factor=1.0, maximum=5.0, jitter=0.1)
_CLOCKS_DIFFER = 120.0  # seconds


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

    `takes` is what a request is; `id` the field in which an outcome names its job. `keyed` says whether the API honours
    an idempotency key here; `echoes` whether its list shows each job's `callback_id`; `titled` whether it can be
    searched by title instead. `batches` is the field of the API's own batches, None when it has none.
    """

    of: str
    takes: Any
    id: str
    kind: str | None
    method: str = "create"
    keyed: bool = True
    echoes: bool = False
    titled: bool = False
    batches: str | None = None

    def job_kind(self) -> Kind[Any] | None:
        """What is waited for; None for what is made at once."""
        if self.kind in {"video", "session"}:
            return VIDEO if self.kind == "video" else SESSION
        return None if self.kind is None else kind_named(self.kind)

    async def begin(self, heygen: AsyncHeyGen, request: Any, key: str) -> Any:
        """Ask for it, under this idempotency key."""
        create: Callable[..., Awaitable[Any]] = getattr(getattr(heygen, self.of), self.method)
        if self.of in {"videos", "avatars"}:
            return await create(request, idempotency_key=key)
        fields = dict(request)
        first = [fields.pop("template_id")] if self.of == "templates" else []
        return await create(*first, **fields, idempotency_key=key)

    def ids_of(self, created: Any) -> list[str]:
        """The jobs that were begun."""
        if isinstance(created, Speech):
            return [created.request_id or created.audio_url.partition("?")[0]]
        several = getattr(created, "video_translation_ids", None)
        return list(several) if several else [cast("Kind[Any]", self.job_kind()).id_of(created)]

    async def wait(self, heygen: AsyncHeyGen, created: Any, ids: Sequence[str], timeout: float | None) -> list[Any]:
        """The ends of its jobs: finished structs, and errors. `created` is None for what an earlier run began."""
        transport = heygen._transport  # noqa: SLF001
        kind = cast("Kind[Any]", self.job_kind())  # what is made at once is not waited for
        if kind is SESSION:
            session = created or await heygen.video_agents.get(ids[0])
            return await waiting.every({ids[0]: waiting.video(transport, session, timeout=timeout)}, raises=False)
        own = transport.options.poll is not None or transport.core.listening is not None
        poll = _SHARED_POLL if kind.bulk is not None and not own else None
        one = len(ids) == 1 and created is not None
        waits = {id: waiting.job(transport, kind, created if one else id, timeout=timeout, poll=poll) for id in ids}
        return await waiting.every(waits, raises=False)

    def read(self, results: bytes) -> list[Any]:
        """Finished jobs, as a journal keeps them."""
        kind = self.job_kind()
        into: Any = Speech if kind is None else VIDEO.into if kind is SESSION else kind.into
        return [msgspec.convert(one, into) for one in msgspec.json.decode(results)]

    def check(self, request: Any) -> None:
        """Refuse what can never be right.

        :raises InvalidInputError: naming the field
        """
        if self.of in {"videos", "avatars"}:
            (checks.video if self.of == "videos" else checks.avatar)(request)
            return
        if not isinstance(request, Mapping):
            raise InvalidInputError("request", request, f"a mapping of what {self.of}.{self.method} takes")
        fields = cast("Mapping[str, Any]", request)
        if self.of == "voices":
            msgspec.convert(fields, _SpeechRow)
        else:
            checks.given(fields, self.takes)
        if self.of == "video_agents":
            checks.text("prompt", fields["prompt"], 10_000)

    def marked(self, request: Any, mark: str) -> Any:
        """The request with something by which its job can be found again, where it leaves room for that."""
        changes: dict[str, str] = {}
        if _takes(self.takes, request, "callback_id") and field_of(request, "callback_id") is None:
            changes["callback_id"] = mark
        if self.titled and not self.echoes and _takes(self.takes, request, "title") and not field_of(request, "title"):
            changes["title"] = mark
        if not changes:
            return request
        if isinstance(request, msgspec.Struct):
            return msgspec.structs.replace(request, **changes)
        return {**request, **changes}


_WORKS = [
    Work(of="videos", takes=VideoRequest, id="video_id", kind="video", titled=True, batches="videos"),
    Work(of="video_agents", takes=SessionRequest, id="session_id", kind="session", keyed=False),
    Work(
        of="video_translations",
        takes=TranslationRequest,
        id="video_translation_id",
        kind="video_translations.TRANSLATION",
        echoes=True,
        batches="video_translations",
    ),
    Work(
        of="lipsyncs", takes=LipsyncRequest, id="lipsync_id", kind="lipsyncs.LIPSYNC", echoes=True, batches="lipsyncs"
    ),
    Work(of="hyperframes", takes=RenderRequest, id="render_id", kind="hyperframes.RENDER", echoes=True),
    Work(
        of="background_removals",
        takes=BackgroundRemovalRequest,
        id="background_removal_id",
        kind="background_removals.REMOVAL",
    ),
    Work(
        of="ai_clipping",
        takes=ClippingRequest,
        id="ai_clipping_id",
        kind="ai_clipping.CLIPPING",
        keyed=False,
        echoes=True,
    ),
    Work(of="templates", takes=_TemplateRow, id="video_id", kind="video", method="generate", titled=True),
    Work(of="avatars", takes=AvatarRequest, id="avatar_id", kind="avatars.LOOK"),
    Work(of="voices", takes=_SpeechRow, id="request_id", kind=None, method="create_speech", keyed=False),
]
WORKS: Mapping[str, Work] = {work.of: work for work in _WORKS}


def work_named(of: str) -> Work:
    """The resource that a row is for."""
    if of not in WORKS:
        raise InvalidInputError("of", of, f"one of {', '.join(WORKS)}")
    return WORKS[of]


class Unclear(Exception):  # noqa: N818  no error, but an answer
    """There may be a job, and nothing tells it from others."""


async def found(
    heygen: AsyncHeyGen,
    work: Work,
    request: Any,
    *,
    mark: str,
    since: float,
    claimed: Callable[[Sequence[str]], Awaitable[set[str]]],
) -> list[str]:
    """The ids of the jobs that a request made whose answer was lost; empty when it made none.

    :param mark: the `callback_id` that it carried
    :param since: when it was sent, in Unix seconds
    :raises Unclear: there are jobs from then, and nothing tells whose they are
    """
    if work.of == "voices" or (not work.echoes and not work.titled and work.kind != "session"):
        raise Unclear
    lists = heygen.videos if work.kind == "video" else getattr(heygen, work.of)
    title = field_of(request, "title") if work.titled else None
    query = {"title": title} if title is not None and work.kind == "video" else {}
    mine: list[str] = []
    others: list[str] = []
    jobs: Pager[Any] = lists.list(limit=100, **query)
    async for job in jobs:
        if (job.created_at or since) < since - _CLOCKS_DIFFER:
            break
        id: str = field_of(job, "session_id") or field_of(job, "render_id") or job.id
        if work.echoes:
            if job.callback_id == mark:
                mine.append(id)
        elif title is None or job.title == title:
            others.append(id)
    if others:
        taken = await claimed(others)
        others = [id for id in others if id not in taken]
    if work.kind == "session":
        sessions = await asyncio.gather(*[heygen.video_agents.get(id) for id in others])
        mine = [session.session_id for session in sessions if _asked(session) == request["prompt"]]
    elif others and title == mark:  # the title is ours, so nothing else has it
        mine = others
    elif others:
        raise Unclear
    if len(mine) > 1 and work.kind in {"session", "video"}:
        raise Unclear
    return mine[::-1]  # lists give the newest first


def _asked(session: Session | SessionCreated) -> str | None:
    """What the person said first."""
    said = [message.content for message in getattr(session, "conversation", ()) if message.role == "user"]
    return said[0] if said else None


def _takes(shape: Any, request: Any, field: str) -> bool:
    if isinstance(request, msgspec.Struct):
        return field in request.__struct_fields__
    annotations = getattr(shape, "__annotations__", None)
    if annotations is None:  # a mapping for a union of structs: the kinds of video, all but one of which have both
        return request.get("type") != "cinematic_avatar" or field == "title"
    return field in annotations
