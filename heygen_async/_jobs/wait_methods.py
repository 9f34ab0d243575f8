"""The waits of a client: `wait_for_…` and `watch_…` for everything that HeyGen makes slowly.

All take the job's id, or what create returned, or an earlier look at it, and the options of `WaitOptions`: `timeout`
(seconds for the whole wait, by default the client's `wait_timeout`), `poll` (the pauses between looks, by default what
suits the kind) and `on_update` (called with an `JobUpdate` after every look that succeeded; may be async). All raise

* `JobFailedError` when it ended badly, with HeyGen's code and words,
* `InputRequiredError` when it stopped to ask a person,
* `WaitTimeoutError` when time ran out: the job goes on, and a wait with the same id picks it up,
* `NotFoundError` when it is not there, or was deleted meanwhile.

A job that is finished already is returned at once. The `watch_` twin gives an `JobUpdate` for every look, the last that
of the finished job, and raises the same.
"""

from __future__ import annotations

import asyncio
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Unpack

from ..errors import ConfigurationError, InvalidInputError, WaitTimeoutError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Mapping

    from .._http.transport import Transport
    from ..legacy.types.avatars import PhotoAvatar
    from ..legacy.types.videos import LegacyVideoCreated, TranslationCreated
    from ..types.ai_clipping import Clipping, ClippingCreated
    from ..types.assets import Asset, CompletedAsset, UploadedAsset
    from ..types.avatars import AvatarCreated, Look
    from ..types.background_removals import BackgroundRemoval
    from ..types.base import JSONValue, ResponseStruct
    from ..types.batches import Batch, BatchCreated, JobStatus
    from ..types.brand_kits import BrandKit
    from ..types.filler_word_removals import FillerWordRemoval, FillerWordRemovalCreated
    from ..types.hyperframes import Render, RenderCreated
    from ..types.lipsyncs import Lipsync, LipsyncCreated
    from ..types.models import (
        ModelImages,
        ModelImagesCreated,
        ModelVideo,
        ModelVideoCreated,
        ModelVoice,
        ModelVoiceCreated,
    )
    from ..types.podcasts import Podcast, PodcastCreated
    from ..types.video_agents import MessageSent, Session, SessionCreated
    from ..types.video_translations import (
        Proofread,
        ProofreadGenerated,
        ProofreadsCreated,
        Translation,
        TranslationsCreated,
    )
    from ..types.videos import Video, VideoCreated
    from ..types.voices import VoiceCloneCreated, VoiceDetails
    from .waiting import JobUpdate, WaitOptions


BatchKind: TypeAlias = Literal["videos", "video_translations", "lipsyncs", "assets"]


class Waits:
    """What `AsyncHeyGen` waits with."""

    _transport: Transport

    async def wait_for_video(
        self,
        job: str | Video | VideoCreated | Session | SessionCreated | LegacyVideoCreated,
        *,
        stop_on_cancel: bool = False,
        **options: Unpack[WaitOptions],
    ) -> Video:
        """Wait until a video is finished; from a session of `video_agents`, or its id, its video is found first.

        Args:
            stop_on_cancel: Stop the session at HeyGen too when this wait is cancelled.
        """
        from . import waiting

        return await waiting.video(self._transport, job, stop_on_cancel=stop_on_cancel, **options)

    def watch_video(
        self,
        job: str | Video | VideoCreated | Session | SessionCreated | LegacyVideoCreated,
        **options: Unpack[WaitOptions],
    ) -> AsyncGenerator[JobUpdate[Session] | JobUpdate[Video]]:
        """The looks of `wait_for_video`."""
        from . import waiting

        return waiting.watch_video(self._transport, job, **options)

    async def wait_for_session(
        self,
        job: str | Session | SessionCreated | MessageSent,
        *,
        stop_on_cancel: bool = False,
        **options: Unpack[WaitOptions],
    ) -> Session:
        """Wait until a Video Agent session is completed or stops to ask (`waiting_for_input`, `reviewing`).

        A session that asks is returned: answer with `video_agents.send_message`, and wait for what that returns.
        """
        from . import waiting

        return await waiting.session(self._transport, job, stop_on_cancel=stop_on_cancel, **options)

    def watch_session(
        self, job: str | Session | SessionCreated | MessageSent, **options: Unpack[WaitOptions]
    ) -> AsyncGenerator[JobUpdate[Session]]:
        """The looks of `wait_for_session`."""
        from . import waiting

        return waiting.watch_session(self._transport, job, **options)

    async def wait_for_translation(
        self,
        job: str | Translation | TranslationsCreated | ProofreadGenerated | TranslationCreated,
        **options: Unpack[WaitOptions],
    ) -> Translation:
        """Wait until a translation is finished; one into several languages is several jobs, each with its id."""
        return await self._wait("video_translations.TRANSLATION", job, options)

    def watch_translation(
        self,
        job: str | Translation | TranslationsCreated | ProofreadGenerated | TranslationCreated,
        **options: Unpack[WaitOptions],
    ) -> AsyncGenerator[JobUpdate[Translation]]:
        """The looks of `wait_for_translation`."""
        return self._watch("video_translations.TRANSLATION", job, options)

    async def wait_for_proofread(
        self, job: str | Proofread | ProofreadsCreated, **options: Unpack[WaitOptions]
    ) -> Proofread:
        """Wait until a proofread's subtitles are there to be corrected."""
        return await self._wait("video_translations.PROOFREAD", job, options)

    def watch_proofread(
        self, job: str | Proofread | ProofreadsCreated, **options: Unpack[WaitOptions]
    ) -> AsyncGenerator[JobUpdate[Proofread]]:
        """The looks of `wait_for_proofread`."""
        return self._watch("video_translations.PROOFREAD", job, options)

    async def wait_for_lipsync(self, job: str | Lipsync | LipsyncCreated, **options: Unpack[WaitOptions]) -> Lipsync:
        """Wait until a lipsync is finished."""
        return await self._wait("lipsyncs.LIPSYNC", job, options)

    def watch_lipsync(
        self, job: str | Lipsync | LipsyncCreated, **options: Unpack[WaitOptions]
    ) -> AsyncGenerator[JobUpdate[Lipsync]]:
        """The looks of `wait_for_lipsync`."""
        return self._watch("lipsyncs.LIPSYNC", job, options)

    async def wait_for_avatar(
        self, job: str | Look | AvatarCreated | PhotoAvatar, **options: Unpack[WaitOptions]
    ) -> Look:
        """Wait until an avatar's look is trained; by id, it is the look's (`avatar_item.id`), not the group's.

        Raises:
            InputRequiredError: The person shown has to consent (`pending_consent`): `avatars.create_consent`.
        """
        return await self._wait("avatars.LOOK", job, options)

    def watch_avatar(
        self, job: str | Look | AvatarCreated | PhotoAvatar, **options: Unpack[WaitOptions]
    ) -> AsyncGenerator[JobUpdate[Look]]:
        """The looks of `wait_for_avatar`."""
        return self._watch("avatars.LOOK", job, options)

    async def wait_for_voice(
        self, job: str | VoiceDetails | VoiceCloneCreated, **options: Unpack[WaitOptions]
    ) -> VoiceDetails:
        """Wait until a voice clone can speak (its state is `complete`)."""
        return await self._wait("voices.CLONE", job, options)

    def watch_voice(
        self, job: str | VoiceDetails | VoiceCloneCreated, **options: Unpack[WaitOptions]
    ) -> AsyncGenerator[JobUpdate[VoiceDetails]]:
        """The looks of `wait_for_voice`."""
        return self._watch("voices.CLONE", job, options)

    async def wait_for_asset(self, job: str | CompletedAsset | UploadedAsset, **options: Unpack[WaitOptions]) -> Asset:
        """Wait until an uploaded file can be used."""
        from ..resources.assets import ASSET, Assets
        from . import waiting

        id, started = ASSET.id_of(job), asyncio.get_running_loop().time()
        status = await waiting.job(self._transport, ASSET, job, **options)
        try:
            async with asyncio.timeout(waiting.left(self._transport, options, started)):
                return await Assets(self._transport).get(id)
        except TimeoutError:
            raise WaitTimeoutError(
                f"The asset {id} is ready, but what it is was not told in time; ask with assets.get().",
                kind=ASSET.name, id=id, job=status, state=str(status.status), poll_count=1,
                elapsed=asyncio.get_running_loop().time() - started,
            ) from None  # fmt: skip

    def watch_asset(
        self, job: str | CompletedAsset | UploadedAsset, **options: Unpack[WaitOptions]
    ) -> AsyncGenerator[JobUpdate[JobStatus]]:
        """The looks of `wait_for_asset`, each a bulk status."""
        return self._watch("assets.ASSET", job, options)

    async def wait_for_render(self, job: str | Render | RenderCreated, **options: Unpack[WaitOptions]) -> Render:
        """Wait until a HyperFrames render is finished."""
        return await self._wait("hyperframes.RENDER", job, options)

    def watch_render(
        self, job: str | Render | RenderCreated, **options: Unpack[WaitOptions]
    ) -> AsyncGenerator[JobUpdate[Render]]:
        """The looks of `wait_for_render`."""
        return self._watch("hyperframes.RENDER", job, options)

    async def wait_for_background_removal(
        self, job: str | BackgroundRemoval, **options: Unpack[WaitOptions]
    ) -> BackgroundRemoval:
        """Wait until a video's background is removed."""
        return await self._wait("background_removals.REMOVAL", job, options)

    def watch_background_removal(
        self, job: str | BackgroundRemoval, **options: Unpack[WaitOptions]
    ) -> AsyncGenerator[JobUpdate[BackgroundRemoval]]:
        """The looks of `wait_for_background_removal`."""
        return self._watch("background_removals.REMOVAL", job, options)

    async def wait_for_filler_word_removal(
        self, job: str | FillerWordRemoval | FillerWordRemovalCreated, **options: Unpack[WaitOptions]
    ) -> FillerWordRemoval:
        """Wait until a video's filler words are cut out."""
        return await self._wait("filler_word_removals.REMOVAL", job, options)

    def watch_filler_word_removal(
        self, job: str | FillerWordRemoval | FillerWordRemovalCreated, **options: Unpack[WaitOptions]
    ) -> AsyncGenerator[JobUpdate[FillerWordRemoval]]:
        """The looks of `wait_for_filler_word_removal`."""
        return self._watch("filler_word_removals.REMOVAL", job, options)

    async def wait_for_clips(self, job: str | Clipping | ClippingCreated, **options: Unpack[WaitOptions]) -> Clipping:
        """Wait until the clips of a video are cut; single clips may have failed, each says so."""
        return await self._wait("ai_clipping.CLIPPING", job, options)

    def watch_clips(
        self, job: str | Clipping | ClippingCreated, **options: Unpack[WaitOptions]
    ) -> AsyncGenerator[JobUpdate[Clipping]]:
        """The looks of `wait_for_clips`."""
        return self._watch("ai_clipping.CLIPPING", job, options)

    async def wait_for_podcast(self, job: str | Podcast | PodcastCreated, **options: Unpack[WaitOptions]) -> Podcast:
        """Wait until a podcast is finished."""
        return await self._wait("podcasts.PODCAST", job, options)

    def watch_podcast(
        self, job: str | Podcast | PodcastCreated, **options: Unpack[WaitOptions]
    ) -> AsyncGenerator[JobUpdate[Podcast]]:
        """The looks of `wait_for_podcast`."""
        return self._watch("podcasts.PODCAST", job, options)

    async def wait_for_model_voice(
        self, job: str | ModelVoice | ModelVoiceCreated, **options: Unpack[WaitOptions]
    ) -> ModelVoice:
        """Wait until a voice of `models.voices` can speak (its state is `ACTIVE`)."""
        return await self._wait("models.VOICE", job, options)

    def watch_model_voice(
        self, job: str | ModelVoice | ModelVoiceCreated, **options: Unpack[WaitOptions]
    ) -> AsyncGenerator[JobUpdate[ModelVoice]]:
        """The looks of `wait_for_model_voice`."""
        return self._watch("models.VOICE", job, options)

    async def wait_for_model_image(
        self, job: str | ModelImages | ModelImagesCreated, **options: Unpack[WaitOptions]
    ) -> ModelImages:
        """Wait until the images of one generation of `models.images` are made."""
        return await self._wait("models.IMAGES", job, options)

    def watch_model_image(
        self, job: str | ModelImages | ModelImagesCreated, **options: Unpack[WaitOptions]
    ) -> AsyncGenerator[JobUpdate[ModelImages]]:
        """The looks of `wait_for_model_image`."""
        return self._watch("models.IMAGES", job, options)

    async def wait_for_model_video(
        self, job: str | ModelVideo | ModelVideoCreated, **options: Unpack[WaitOptions]
    ) -> ModelVideo:
        """Wait until a video of `models.videos` is finished."""
        return await self._wait("models.VIDEO", job, options)

    def watch_model_video(
        self, job: str | ModelVideo | ModelVideoCreated, **options: Unpack[WaitOptions]
    ) -> AsyncGenerator[JobUpdate[ModelVideo]]:
        """The looks of `wait_for_model_video`."""
        return self._watch("models.VIDEO", job, options)

    async def wait_for_brand_kit(self, job: str | BrandKit, **options: Unpack[WaitOptions]) -> BrandKit:
        """Wait until a brand kit's website is read."""
        return await self._wait("brand_kits.KIT", job, options)

    def watch_brand_kit(
        self, job: str | BrandKit, **options: Unpack[WaitOptions]
    ) -> AsyncGenerator[JobUpdate[BrandKit]]:
        """The looks of `wait_for_brand_kit`."""
        return self._watch("brand_kits.KIT", job, options)

    async def wait_for_batch(
        self, job: str | BatchCreated, *, of: BatchKind | None = None, **options: Unpack[WaitOptions]
    ) -> Batch:
        """Wait until every item of a batch has ended; single items may have failed, each says so.

        Args:
            of: The resource that it belongs to, when `job` is an id: `videos`, `video_translations`, `lipsyncs` or
                `assets`.
        """
        return await self._wait(_batch(job, of), job, options)

    def watch_batch(
        self, job: str | BatchCreated, *, of: BatchKind | None = None, **options: Unpack[WaitOptions]
    ) -> AsyncGenerator[JobUpdate[Batch]]:
        """The looks of `wait_for_batch`."""
        return self._watch(_batch(job, of), job, options)

    async def wait_for_all(
        self, jobs: Iterable[str | ResponseStruct], *, return_exceptions: bool = False, **options: Unpack[WaitOptions]
    ) -> list[Any]:
        """Wait for all of these at once, whatever their kinds; the results are in the order of the jobs.

        A job is what create returned (a session stands for its video, one that began several jobs for all of them) or
        a video's id. All are waited for to their ends.

        Args:
            return_exceptions: Put an error in its job's place, instead of raising the first when all have ended.

        Raises:
            HeyGenError: The first that ended badly; its notes name the others.
        """
        from . import waiting

        asked = self._waits_for(jobs, options)
        waits = {name: wait() for name, wait in dict(asked).items()}  # the same job is waited for once
        of = dict(zip(waits, await waiting.every(waits, raises=not return_exceptions), strict=True))
        return [of[name] for name, _ in asked]

    async def as_completed(
        self, jobs: Iterable[str | ResponseStruct], **options: Unpack[WaitOptions]
    ) -> AsyncGenerator[tuple[str, Any]]:
        """The id and the result of each job, in the order in which they end; an error is the result of one that failed.

        Takes what `wait_for_all` takes. Leaving the loop early (or closing the generator) ends the other waits.
        """
        tasks = {asyncio.ensure_future(wait()): name for name, wait in dict(self._waits_for(jobs, options)).items()}
        left = set(tasks)
        try:
            while left:
                ended, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    yield tasks[task], task.exception() or task.result()
        finally:
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    def _waits_for(
        self, jobs: Iterable[str | ResponseStruct], options: WaitOptions
    ) -> list[tuple[str, Callable[[], Coroutine[Any, Any, Any]]]]:
        """The id of each job, and what waits for it."""
        waits: list[tuple[str, Callable[[], Coroutine[Any, Any, Any]]]] = []
        for job in jobs:
            name = "wait_for_video" if isinstance(job, str) else wait_for(type(job).__name__)
            if name is None:
                raise InvalidInputError("jobs", job, "what create returned, or a video's id")
            wait = getattr(self, name)
            several = getattr(job, "video_translation_ids", None) or getattr(job, "proofread_ids", None) or [job]
            waits += [(one if isinstance(one, str) else _name(one), partial(wait, one, **options)) for one in several]
        return waits

    def handle_event(self, event: Mapping[str, JSONValue]) -> int:
        """Hand a webhook event (`event_type`, `event_data`) to the waits of this client; how many it concerns.

        Those look at their jobs at once. An event only says when to look: what is true, HeyGen tells then.

        Raises:
            ConfigurationError: The client was made without `events=True`.
        """
        listening = self._transport.shared_state.event_listeners
        if listening is None:
            raise ConfigurationError("This AsyncHeyGen receives no events; make it with events=True.")
        data = event.get("event_data")
        ids = {id for id in data.values() if isinstance(id, str)} if isinstance(data, dict) else set[str]()
        concerned = [watched for id in ids for watched in listening.get(id, ())]
        for watched in concerned:
            watched.wake()
        return len(concerned)

    async def _wait(self, kind: str, job: object, options: WaitOptions) -> Any:
        from . import kinds as jobs, waiting

        return await waiting.job(self._transport, jobs.kind_named(kind), job, **options)

    def _watch(self, kind: str, job: object, options: WaitOptions) -> AsyncGenerator[JobUpdate[Any]]:
        from . import kinds as jobs, waiting

        return waiting.watch(self._transport, jobs.kind_named(kind), job, **options)


@cache
def wait_for(struct: str) -> str | None:
    """The wait of a client that takes a struct of this name: the first whose signature says so."""
    return next((name for name, (takes, _) in signatures().items() if struct in takes), None)


@cache
def signatures() -> dict[str, tuple[list[str], str]]:
    """What each wait for one job takes and gives, by the names of the structs."""
    waits = {name: wait.__annotations__ for name, wait in vars(Waits).items() if name.startswith("wait_for_")}
    return {name: (notes["job"].split(" | "), notes["return"]) for name, notes in waits.items() if "job" in notes}


def _name(job: Any) -> str:
    """The id of a job, in whichever field it stands."""
    job = getattr(job, "avatar_item", None) or job
    ids = (getattr(job, field, None) for field in job.__struct_fields__ if field == "id" or field.endswith("_id"))
    return next(id for id in ids if isinstance(id, str))


def _batch(job: str | BatchCreated, of: BatchKind | None) -> str:
    """The kind of a batch: what it was created by tells; an id alone does not."""
    resource = of if isinstance(job, str) else of or job.resource
    if resource not in {"videos", "video_translations", "lipsyncs", "assets"}:
        raise InvalidInputError("of", of, "videos, video_translations, lipsyncs or assets: whose batch it is")
    return f"{resource}.BATCH"
