"""The registry of job kinds: one entry for each kind of job that the API runs.

Waits, batches, webhook events, downloads, tools and the command line read the entries. To add a kind, add an entry here
and its structs in `types/`; then run `python tests/_jobs/write_declarations.py`, which writes `declared_waits.py`. The
entries name the structs and do not import them, so that importing the client stays cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from .._http.backoff import Backoff
from .._http.endpoint import Endpoint
from ..errors import InvalidInputError
from .kinds import QUICK_POLL, BatchCreate, JobKind

if TYPE_CHECKING:
    from ..types import (
        ai_clipping,
        avatars,
        background_removals,
        batches,
        brand_kits,
        filler_word_removals,
        hyperframes,
        lipsyncs,
        models,
        podcasts,
        video_agents,
        video_quality,
        video_translations,
        videos,
        voices,
        workflow_runs,
    )

# Endpoints that the resources' methods use too.
VIDEO_STATUSES = Endpoint("GET", "/v3/videos/statuses")
TRANSLATION_STATUSES = Endpoint("GET", "/v3/video-translations/statuses")
LIPSYNC_STATUSES = Endpoint("GET", "/v3/lipsyncs/statuses")
ASSET_STATUSES = Endpoint("GET", "/v3/assets/statuses")
GET_ASSET = Endpoint("GET", "/v3/assets/{asset_id}")
WORKFLOW_RUN_NODES = Endpoint("GET", "/v3/workflow-runs/{run_id}/nodes", preview=True)
STOP_SESSION = Endpoint(
    "POST",
    "/v3/video-agents/{session_id}/stop",
    recovery="Look at the session with video_agents.get(): it says whether it still works.",
)

# One line for each aspect of a kind, so that entries can be compared.
# fmt: off
VIDEO: JobKind[videos.Video] = JobKind(
    name="video", wait="video",
    result="videos.Video",
    created=(
        "videos.VideoCreated", "video_agents.Session", "video_agents.SessionCreated", "legacy_videos.LegacyVideoCreated",
    ),
    id_field="video_id",
    endpoint=Endpoint("GET", "/v3/videos/{video_id}"),
    result_fields=("video_url",),
    bulk_endpoint=VIDEO_STATUSES, bulk_id_parameter="video_ids", event_prefixes=("avatar_video",),
    batch_creates=(
        BatchCreate("videos", "videos.VideoRequest", takes_struct=True, lists_by_title=True, has_batches=True),
        BatchCreate("templates", "templates.TemplateRequest", method="generate", lists_by_title=True),
    ),
)
SESSION: JobKind[video_agents.Session] = JobKind(
    name="video agent session", wait="session",
    result="video_agents.Session", created=("video_agents.SessionCreated", "video_agents.MessageSent"),
    id_field="session_id",
    endpoint=Endpoint("GET", "/v3/video-agents/{session_id}"),
    result_fields=("video_id",),
    needs_input=frozenset({"waiting_for_input", "reviewing"}),
    input_advice="reply with video_agents.send_message, then wait again",
    poll=QUICK_POLL, event_prefixes=("video_agent",), url_fields=(),
    batch_creates=(BatchCreate("video_agents", "video_agents.SessionRequest"),),
)
TRANSLATION: JobKind[video_translations.Translation] = JobKind(
    name="video translation", wait="translation",
    about="Wait until a translation is finished. A translation into several languages is several jobs, each with its id.",
    result="video_translations.Translation",
    created=(
        "video_translations.TranslationsCreated", "video_translations.ProofreadGenerated",
        "legacy_videos.TranslationCreated",
    ),
    id_field="video_translation_id", ids_field="video_translation_ids",
    endpoint=Endpoint("GET", "/v3/video-translations/{video_translation_id}"),
    result_fields=("video_url", "audio_url"),
    bulk_endpoint=TRANSLATION_STATUSES, bulk_id_parameter="video_translation_ids",
    event_prefixes=("video_translate",), url_fields=("video_url", "audio_url"),
    batch_creates=(
        BatchCreate(
            "video_translations", "video_translations.TranslationRequest", lists_callback_id=True, has_batches=True
        ),
    ),
)
PROOFREAD: JobKind[video_translations.Proofread] = JobKind(
    name="proofread", wait="proofread",
    about="Wait until a proofread's subtitles can be corrected.",
    result="video_translations.Proofread", created=("video_translations.ProofreadsCreated",),
    id_field="proofread_id", ids_field="proofread_ids",
    endpoint=Endpoint("GET", "/v3/video-translations/proofreads/{proofread_id}"),
    event_prefixes=("proofread_creation",), url_fields=(),
)
LIPSYNC: JobKind[lipsyncs.Lipsync] = JobKind(
    name="lipsync", wait="lipsync",
    about="Wait until a lipsync is finished.",
    result="lipsyncs.Lipsync", created=("lipsyncs.LipsyncCreated",), id_field="lipsync_id",
    endpoint=Endpoint("GET", "/v3/lipsyncs/{lipsync_id}"),
    result_fields=("video_url",),
    bulk_endpoint=LIPSYNC_STATUSES, bulk_id_parameter="lipsync_ids",
    event_prefixes=("lipsync",), url_fields=("video_url", "caption_url"),
    batch_creates=(
        BatchCreate("lipsyncs", "lipsyncs.LipsyncRequest", lists_callback_id=True, has_batches=True),
    ),
)
AVATAR_LOOK: JobKind[avatars.Look] = JobKind(
    name="avatar look", wait="avatar",
    about="Wait until an avatar look is trained. An id is the look's id (`avatar_item.id`), not the group's.",
    result="avatars.Look", created=("avatars.AvatarCreated", "avatars.LooksCreated", "legacy_avatars.PhotoAvatar"),
    id_field="avatar_item", ids_field="looks",
    endpoint=Endpoint("GET", "/v3/avatars/looks/{look_id}"),
    completed=frozenset({"completed", "none"}), needs_input=frozenset({"pending_consent"}),
    input_advice="ask for the consent with avatars.create_consent, then wait again",
    poll=QUICK_POLL,
    event_prefixes=("photo_avatar_generation", "photo_avatar_train", "instant_avatar"),
    url_fields=("preview_video_url",),
    batch_creates=(BatchCreate("avatars", "avatars.AvatarRequest", id_column="avatar_id", takes_struct=True),),
)
VOICE_CLONE: JobKind[voices.VoiceDetails] = JobKind(
    name="voice clone", wait="voice",
    about="Wait until a voice clone can speak. Its final state is `complete`.",
    result="voices.VoiceDetails", created=("voices.VoiceCloneCreated",), id_field="voice_clone_id",
    endpoint=Endpoint("GET", "/v3/voices/{voice_id}"), completed=frozenset({"complete", "none"}),
    poll=QUICK_POLL, url_fields=("preview_audio_url",),
)
# Only the bulk statuses show the state of an asset. They do not know every asset: `final_endpoint` does.
ASSET: JobKind[batches.JobStatus] = JobKind(
    name="asset", wait="asset",
    about="Wait until an uploaded file can be used.",
    result="batches.JobStatus", created=("assets.CompletedAsset", "assets.UploadedAsset"),
    id_field="asset_id",
    endpoint=ASSET_STATUSES, bulk_endpoint=ASSET_STATUSES, bulk_id_parameter="asset_ids",
    final_endpoint=GET_ASSET, final_result="assets.Asset",
    completed=frozenset({"completed", "not_found"}),
    poll=Backoff(initial=0.5, factor=1.5, maximum=5.0, jitter=0.1),  # a file is checked within seconds
    url_fields=("url",),
)
RENDER: JobKind[hyperframes.Render] = JobKind(
    name="render", wait="render",
    about="Wait until a HyperFrames render is finished.",
    result="hyperframes.Render", created=("hyperframes.RenderCreated",), id_field="render_id",
    endpoint=Endpoint("GET", "/v3/hyperframes/renders/{render_id}"),
    result_fields=("video_url",),
    poll=QUICK_POLL, event_prefixes=("hyperframes_video",),
    batch_creates=(BatchCreate("hyperframes", "hyperframes.RenderRequest", lists_callback_id=True),),
)
BACKGROUND_REMOVAL: JobKind[background_removals.BackgroundRemoval] = JobKind(
    name="background removal", wait="background_removal",
    about="Wait until a video's background is removed.",
    result="background_removals.BackgroundRemoval", id_field="id",
    endpoint=Endpoint("GET", "/v3/background-removals/{job_id}"),
    result_fields=("layers",),
    failed=frozenset({"failed", "deleted"}),
    batch_creates=(
        BatchCreate(
            "background_removals", "background_removals.BackgroundRemovalRequest", id_column="background_removal_id"
        ),
    ),
)
FILLER_WORD_REMOVAL: JobKind[filler_word_removals.FillerWordRemoval] = JobKind(
    name="filler-word removal", wait="filler_word_removal",
    about="Wait until a video's filler words are cut out.",
    result="filler_word_removals.FillerWordRemoval", created=("filler_word_removals.FillerWordRemovalCreated",),
    id_field="filler_word_removal_id",
    endpoint=Endpoint("GET", "/v3/filler-word-removals/{filler_word_removal_id}"),
    result_fields=("video_url",),
    event_prefixes=("filler_word_removal",),
)
CLIPPING: JobKind[ai_clipping.Clipping] = JobKind(
    name="clipping job", wait="clips",
    about="Wait until the clips of a video are cut. Single clips may have failed; each has its own status.",
    result="ai_clipping.Clipping", created=("ai_clipping.ClippingCreated",),
    id_field="ai_clipping_id",
    endpoint=Endpoint("GET", "/v3/ai-clipping/{job_id}"), failed=frozenset({"failed", "cancelled"}),
    result_fields=("clips",),
    event_prefixes=("ai_clipping",),
    batch_creates=(
        BatchCreate("ai_clipping", "ai_clipping.ClippingRequest", lists_callback_id=True),
    ),
)
PODCAST: JobKind[podcasts.Podcast] = JobKind(
    name="podcast", wait="podcast",
    about="Wait until a podcast is finished.",
    result="podcasts.Podcast", created=("podcasts.PodcastCreated",), id_field="podcast_id",
    endpoint=Endpoint("GET", "/v3/podcasts/{podcast_id}", preview=True),
    result_fields=("video_url",),
    event_prefixes=("podcast",),
)
MODEL_VOICE: JobKind[models.ModelVoice] = JobKind(
    name="model voice", wait="model_voice",
    about="Wait until a voice of `models.voices` can speak. Its final state is `ACTIVE`.",
    result="models.ModelVoice", created=("models.ModelVoiceCreated",), id_field="voice_id",
    endpoint=Endpoint("GET", "/v3/models/audio/voices/{voice_id}"),
    completed=frozenset({"ACTIVE"}), failed=frozenset({"FAILED"}), poll=QUICK_POLL, url_fields=(),
)
MODEL_IMAGES: JobKind[models.ModelImages] = JobKind(
    name="generation of model images", wait="model_image",
    about="Wait until the images of one generation of `models.images` are finished.",
    result="models.ModelImages", created=("models.ModelImagesCreated",), id_field="generation_id",
    endpoint=Endpoint("GET", "/v3/models/images/{generation_id}"),
    result_fields=("images",),
    failed=frozenset({"failed", "cancelled"}), poll=QUICK_POLL,
)
MODEL_VIDEO: JobKind[models.ModelVideo] = JobKind(
    name="model video", wait="model_video",
    about="Wait until a video of `models.videos` is finished.",
    result="models.ModelVideo", created=("models.ModelVideoCreated",), id_field="video_id",
    endpoint=Endpoint("GET", "/v3/models/videos/{video_id}"),
    result_fields=("video_url",),
    failed=frozenset({"failed", "cancelled"}), event_prefixes=("model_video",),
)
BRAND_KIT: JobKind[brand_kits.BrandKit] = JobKind(
    name="brand kit", wait="brand_kit",
    about="Wait until a brand kit's website is read.",
    result="brand_kits.BrandKit", created=("brand_kits.BrandKitCreated",), id_field="brand_kit_id",
    endpoint=Endpoint("GET", "/v3/brand-kits/{brand_kit_id}"), failed=frozenset({"error"}),
    poll=QUICK_POLL, url_fields=("logo_url",),
)
WORKFLOW_RUN: JobKind[workflow_runs.WorkflowRun] = JobKind(
    name="workflow run", wait="workflow_run",
    about="Wait until a workflow run has ended. A run that is `partial` is returned too; `failed_nodes` names its failures.",
    result="workflow_runs.WorkflowRun", id_field="id",
    endpoint=Endpoint("GET", "/v3/workflow-runs/{run_id}", preview=True), nodes_endpoint=WORKFLOW_RUN_NODES,
    completed=frozenset({"succeeded", "partial"}), failed=frozenset({"failed", "canceled"}),
    url_fields=("url",),
    batch_creates=(BatchCreate("workflow_runs", "workflow_runs.WorkflowRunRequest", id_column="run_id"),),
)
COMPARISON: JobKind[video_quality.Comparison] = JobKind(
    name="comparison", wait="comparison",
    about="Wait until two videos are compared.",
    result="video_quality.Comparison", id_field="comparison_id",
    endpoint=Endpoint("GET", "/v3/video-quality/comparisons/{comparison_id}", preview=True),
    result_fields=("result",),
    poll=QUICK_POLL, url_fields=(),
    batch_creates=(
        BatchCreate("video_quality", "video_quality.ComparisonRequest", has_batches=True, batch_field="comparisons"),
    ),
)
COMPARISON_BATCH: JobKind[video_quality.ComparisonBatch] = JobKind(
    name="comparison batch", wait="comparison_batch",
    about="Wait until every comparison of a batch has ended. Single ones may have failed; each has its own status.",
    result="video_quality.ComparisonBatch", created=("video_quality.ComparisonBatchCreated",), id_field="batch_id",
    endpoint=Endpoint("GET", "/v3/video-quality/comparisons/batches/{batch_id}", preview=True),
    poll=QUICK_POLL, url_fields=(),
)
# fmt: on


def _batch(name: str, resource: str, path: str) -> JobKind[batches.Batch]:
    return JobKind(
        name=name,
        wait="batch",
        result="batches.Batch",
        created=("batches.BatchCreated",),
        id_field="batch_id",
        endpoint=Endpoint("GET", path + "/batches/{batch_id}"),
        event_prefixes=("batch",),
        url_fields=(),
        batch_of=resource,
    )


VIDEO_BATCH = _batch("video batch", "videos", "/v3/videos")
TRANSLATION_BATCH = _batch("translation batch", "video_translations", "/v3/video-translations")
LIPSYNC_BATCH = _batch("lipsync batch", "lipsyncs", "/v3/lipsyncs")
ASSET_BATCH = _batch("asset batch", "assets", "/v3/assets")


def _is_kind(entry: object) -> TypeGuard[JobKind[Any]]:
    return isinstance(entry, JobKind)


#: Every kind, in the order above.
KINDS: tuple[JobKind[Any], ...] = tuple(filter(_is_kind, globals().values()))
#: The fields that hold several ids where one request started several jobs.
IDS_FIELDS = tuple(kind.ids_field for kind in KINDS if kind.ids_field)


def kind_of_result(struct: str) -> JobKind[Any] | None:
    """Return the kind whose wait returns a struct of this name."""
    return next((kind for kind in KINDS if kind.final_name == struct), None)


def kind_created_by(struct: str) -> JobKind[Any] | None:
    """Return the kind that waits for a struct of this name: for a session, the kind of its video."""
    return next((kind for kind in KINDS if kind.accepts(struct)), None)


def batch_kind(resource: str | None) -> JobKind[batches.Batch] | None:
    """Return the kind of the batches of a resource, such as `videos`."""
    return next((kind for kind in KINDS if resource and kind.batch_of == resource), None)


def kind_named(name: str) -> JobKind[Any]:
    """Return the kind with this name: the word of its wait, or the resource of a batch's rows, such as `videos`.

    Raises:
        InvalidInputError: No kind has this name.
    """
    by_name = {create.resource: kind for kind in KINDS for create in kind.batch_creates}
    by_name |= {kind.wait: kind for kind in KINDS if not kind.batch_of}
    if name not in by_name:
        raise InvalidInputError("kind", name, f"one of {', '.join(sorted(by_name))}")
    return by_name[name]
