"""The client's waits that are built from the registry's entries, as type checkers and editors see them.

`tests/_jobs/write_declarations.py` writes this file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ..legacy.types import avatars as legacy_avatars, videos as legacy_videos
    from ..types import (
        ai_clipping,
        assets,
        avatars,
        background_removals,
        batches,
        brand_kits,
        filler_word_removals,
        hyperframes,
        lipsyncs,
        models,
        podcasts,
        video_quality,
        video_translations,
        videos,
        voices,
        workflow_runs,
    )
    from .wait_protocols import WaitMethod, WatchMethod

    #: The result of a wait that has a URL to download.
    JobWithURL: TypeAlias = (
        videos.Video
        | video_translations.Translation
        | lipsyncs.Lipsync
        | avatars.Look
        | voices.VoiceDetails
        | assets.Asset
        | hyperframes.Render
        | background_removals.BackgroundRemoval
        | filler_word_removals.FillerWordRemoval
        | ai_clipping.Clipping
        | podcasts.Podcast
        | models.ModelImages
        | models.ModelVideo
        | brand_kits.BrandKit
        | workflow_runs.WorkflowRun
    )


class DeclaredWaits:
    """The client's waits that are built from the entries."""

    wait_for_translation: WaitMethod[
        video_translations.TranslationsCreated
        | video_translations.ProofreadGenerated
        | legacy_videos.TranslationCreated,
        video_translations.Translation,
    ]
    """Wait until a translation is finished. A translation into several languages is several jobs, each with its id."""
    watch_translation: WatchMethod[
        video_translations.TranslationsCreated
        | video_translations.ProofreadGenerated
        | legacy_videos.TranslationCreated,
        video_translations.Translation,
    ]
    wait_for_proofread: WaitMethod[video_translations.ProofreadsCreated, video_translations.Proofread]
    """Wait until a proofread's subtitles can be corrected."""
    watch_proofread: WatchMethod[video_translations.ProofreadsCreated, video_translations.Proofread]
    wait_for_lipsync: WaitMethod[lipsyncs.LipsyncCreated, lipsyncs.Lipsync]
    """Wait until a lipsync is finished."""
    watch_lipsync: WatchMethod[lipsyncs.LipsyncCreated, lipsyncs.Lipsync]
    wait_for_avatar: WaitMethod[avatars.AvatarCreated | avatars.LooksCreated | legacy_avatars.PhotoAvatar, avatars.Look]
    """Wait until an avatar look is trained. An id is the look's id (`avatar_item.id`), not the group's."""
    watch_avatar: WatchMethod[avatars.AvatarCreated | avatars.LooksCreated | legacy_avatars.PhotoAvatar, avatars.Look]
    wait_for_voice: WaitMethod[voices.VoiceCloneCreated, voices.VoiceDetails]
    """Wait until a voice clone can speak. Its final state is `complete`."""
    watch_voice: WatchMethod[voices.VoiceCloneCreated, voices.VoiceDetails]
    wait_for_asset: WaitMethod[assets.CompletedAsset | assets.UploadedAsset, assets.Asset]
    """Wait until an uploaded file can be used."""
    watch_asset: WatchMethod[assets.CompletedAsset | assets.UploadedAsset, batches.JobStatus]
    wait_for_render: WaitMethod[hyperframes.RenderCreated, hyperframes.Render]
    """Wait until a HyperFrames render is finished."""
    watch_render: WatchMethod[hyperframes.RenderCreated, hyperframes.Render]
    wait_for_background_removal: WaitMethod[str, background_removals.BackgroundRemoval]
    """Wait until a video's background is removed."""
    watch_background_removal: WatchMethod[str, background_removals.BackgroundRemoval]
    wait_for_filler_word_removal: WaitMethod[
        filler_word_removals.FillerWordRemovalCreated, filler_word_removals.FillerWordRemoval
    ]
    """Wait until a video's filler words are cut out."""
    watch_filler_word_removal: WatchMethod[
        filler_word_removals.FillerWordRemovalCreated, filler_word_removals.FillerWordRemoval
    ]
    wait_for_clips: WaitMethod[ai_clipping.ClippingCreated, ai_clipping.Clipping]
    """Wait until the clips of a video are cut. Single clips may have failed; each has its own status."""
    watch_clips: WatchMethod[ai_clipping.ClippingCreated, ai_clipping.Clipping]
    wait_for_podcast: WaitMethod[podcasts.PodcastCreated, podcasts.Podcast]
    """Wait until a podcast is finished."""
    watch_podcast: WatchMethod[podcasts.PodcastCreated, podcasts.Podcast]
    wait_for_model_voice: WaitMethod[models.ModelVoiceCreated, models.ModelVoice]
    """Wait until a voice of `models.voices` can speak. Its final state is `ACTIVE`."""
    watch_model_voice: WatchMethod[models.ModelVoiceCreated, models.ModelVoice]
    wait_for_model_image: WaitMethod[models.ModelImagesCreated, models.ModelImages]
    """Wait until the images of one generation of `models.images` are finished."""
    watch_model_image: WatchMethod[models.ModelImagesCreated, models.ModelImages]
    wait_for_model_video: WaitMethod[models.ModelVideoCreated, models.ModelVideo]
    """Wait until a video of `models.videos` is finished."""
    watch_model_video: WatchMethod[models.ModelVideoCreated, models.ModelVideo]
    wait_for_brand_kit: WaitMethod[brand_kits.BrandKitCreated, brand_kits.BrandKit]
    """Wait until a brand kit's website is read."""
    watch_brand_kit: WatchMethod[brand_kits.BrandKitCreated, brand_kits.BrandKit]
    wait_for_workflow_run: WaitMethod[str, workflow_runs.WorkflowRun]
    """Wait until a workflow run has ended. A run that is `partial` is returned too; `failed_nodes` names its failures."""
    watch_workflow_run: WatchMethod[str, workflow_runs.WorkflowRun]
    wait_for_comparison: WaitMethod[str, video_quality.Comparison]
    """Wait until two videos are compared."""
    watch_comparison: WatchMethod[str, video_quality.Comparison]
    wait_for_comparison_batch: WaitMethod[video_quality.ComparisonBatchCreated, video_quality.ComparisonBatch]
    """Wait until every comparison of a batch has ended. Single ones may have failed; each has its own status."""
    watch_comparison_batch: WatchMethod[video_quality.ComparisonBatchCreated, video_quality.ComparisonBatch]
