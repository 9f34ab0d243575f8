"""Structs of the API: the bodies of requests and the data of responses.

```python
from heygen_async.types import AvatarVideo, Video

request = AvatarVideo(avatar_id="avatar_1", script="Good morning!", title="Greeting")
assert request.to_dict()["avatar_id"] == "avatar_1"


def describe(video: Video) -> str:
    return f"{video.title or video.id}: {video.status}, {video.duration or 0:.0f} s"
```

* **Names.** Fields have the API's names. `to_dict()` returns a struct as JSON types.
* **Requests.** A request body with several forms is a struct here. A misspelt argument is a `TypeError`, and an equal
  mapping is accepted too. A field that is not set is left out of the request.
* **Responses.** A field that the response lacks is None. A value that does not fit stays in its field unchanged, and
  the log has one warning. Fields that this version does not know are in `heygen.last_response`.
* **States.** A status is a string. An unknown status never counts as finished.
* **Times.** Fields such as `created_at` keep the API's value; `created` is the same as an aware `datetime`.
* **Secrets.** Reprs and messages show a URL without its query. The field has the whole URL.
* **Frameworks.** FastAPI and pydantic accept the structs as types of fields, parameters and responses.

Files of the package
--------------------

Each resource has one file. Ten files are shared by all of them:

* `base`: the struct classes and the common field types.
* `files`: the forms of a file input.
* `file_fields`: the fields that hold files, and the walk over them.
* `redaction`, `pickling`: the values that reprs, messages and pickled exceptions may show.
* `tracebacks`: exceptions without the local variables of the SDK.
* `pydantic_hooks`: the structs in pydantic models and FastAPI.
* `batches`: batches and bulk statuses.
* `job_handles`: the handle of a row's jobs.
* `compositions`: the scenes of videos and templates.

Every name is importable from `heygen_async.types`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .ai_clipping import *
    from .api_keys import *
    from .assets import *
    from .audio import *
    from .avatar_realtime import *
    from .avatars import *
    from .background_removals import *
    from .base import *
    from .batches import *
    from .brand_glossaries import *
    from .brand_kits import *
    from .compositions import *
    from .files import *
    from .filler_word_removals import *
    from .folders import *
    from .hyperframes import *
    from .job_handles import *
    from .lipsyncs import *
    from .models import *
    from .podcasts import *
    from .templates import *
    from .users import *
    from .video_agents import *
    from .video_quality import *
    from .video_translations import *
    from .videos import *
    from .voices import *
    from .webhooks import *
    from .workflow_runs import *
    from .workflows import *
else:
    from .._lazy import lazy_exports

    __getattr__, __dir__, __all__ = lazy_exports(
        __name__,
        {
            "ai_clipping": "ClipShape ClipLength CaptionStyle ClippingStatus ClipStatus ClippingCreated Clip OutputSettings Clipping ClipSettings ClippingRequest",
            "api_keys": "ScopeMode APIKey",
            "assets": "AssetSearchType AssetSearchScope UploadedAsset CompletedAsset Asset DirectUpload DirectUploadBatch FoundAssetType FoundAsset DirectUploadFile",
            "audio": "SoundKind SoundType Sound",
            "avatar_realtime": "StreamStatus StreamCreated Stream TextAppended StreamCancelled TtsStream AudioStream TextStream StreamRequest",
            "avatars": "Ownership AvatarTypeName Gender AvatarStatus AvatarType AvatarError Avatar AvatarUpdated Look AvatarCreated Consent PhotoAvatar DigitalTwin PromptAvatar AvatarRequest LookTemplateTypeName LookTemplateType LookShape LookTemplate NewLook LooksCreated LookPack LookFromTemplate LookRequest",
            "background_removals": "BackgroundRemovalStatus BackgroundRemoval BackgroundRemovalRequest",
            "base": "AvatarId VoiceId Title FolderId CallbackUrl CallbackId BrandGlossaryId BrandVoiceId SpeakerCount Problem OpenEnum RunStatus Shape ResponseStruct RequestStruct CreatedAtStruct CompletedAtStruct Word Deleted DubbingMode Dubbing",
            "batches": "MAX_IDS ItemStatus BatchStatus JobStatus BatchCreated BatchItem Batch",
            "brand_glossaries": "Pronunciation KeptTerm ForcedTranslation BrandGlossary BrandGlossaryDeleted",
            "brand_kits": "BrandKitStatus Logo Font ColorRoles LogoRoles FontRole FontRoles BrandKit BrandKitCreated BrandKitRequest BrandKitDeleted",
            "compositions": "ElementType ScriptType PlaybackMode Trim SceneBackground SceneElement SceneEngineSettings SceneVoiceSettings ScriptPart CompositionScene SceneCaption SceneVideo VideoScenes BackgroundAudio TemplateComposition",
            "files": "UrlFile AssetFile Base64File BytesFile",
            "filler_word_removals": "FillerWordRemovalCreated FillerWordRemoval FillerWordRemovalRequest",
            "folders": "FolderTypeName FolderType Folder",
            "hyperframes": "Quality Container RenderSize RenderShape RenderStatus RenderFormat RenderQuality RenderCreated Render DeletedRender RenderRequest",
            "job_handles": "JobHandle",
            "lipsyncs": "LipsyncCreated Lipsync LipsyncRequest",
            "models": "VoiceMode ImageModel ImageMode ImageShape VideoModel VideoShape ReferenceShape VideoSize VoiceSimilarity SpeakerGender SpeakerAge PromptEnhancement ModelVoiceStatus ModelImageStatus ModelVideoStatus ModelVoiceCreated ModelVoice ModelVoiceDeleted ModelSpeech ModelImagesCreated ModelImage ModelImages ModelVideoCreated ModelVideoTimings ModelVideo InstantVoice ProfessionalVoice NewModelVoice ModelVoiceRequest ModelSpeechRequest ModelImagesRequest TextToVideo ImageToVideo ReferenceToVideo ModelVideoRequest SpeechAudio SpokenWord SpeechAlignment UnknownSpeechPart SpeechPart",
            "podcasts": "PodcastLayout PodcastLength PodcastStatus PodcastCreated Podcast PodcastRequest",
            "templates": "TemplateSummary TemplateVariable TemplateScene Template TextProperties FileProperties CharacterProperties VoiceProperties TextVariable ImageVariable VideoVariable AudioVariable CharacterVariable VoiceVariable Variable TextBinding ImageBinding VideoBinding AudioBinding CharacterBinding VoiceBinding VariableBinding Dimension SubtitlePosition Subtitles TemplateRequest",
            "users": "BillingType Plan CreditPool Credits Subscription UsageBased AutoReload Currency Wallet User",
            "video_agents": "SessionMode Orientation ResourceSource SessionStatus MessageType SessionCreated Message Session SessionSummary MessageSent SessionStopped Style SessionResource SessionRequest MessageRequest",
            "video_quality": "ComparisonQuestion ComparisonStatus ComparisonResult ComparisonError Comparison ComparisonRequest ComparisonBatchCreated ComparisonCounts ComparisonBatchItem ComparisonBatch",
            "video_translations": "FpsMode SrtRole CaptionFormat ProofreadStatus TranslationsCreated Translation Languages TranslationCaption ProofreadsCreated Proofread ProofreadSrt ProofreadGenerated StockVoiceConfig TranslationRequest ProofreadRequest GenerateRequest",
            "videos": "AspectRatio Resolution OutputFormat Expressiveness Fit Corner PlaybackModeName VideoStatus Video VideoCreated AvatarIII AvatarIV AvatarV Engine ElevenLabsModel EngineSettings ElevenLabsSettings FishSettings StarfishSettings VoiceSettings Background Caption WatermarkPlacement Watermark AvatarVideo ImageVideo CinematicVideo ColorBackground ImageBackground VideoBackground SceneBackgroundRequest AvatarInput ImageInput AvatarScene ImageScene Playback VideoScene Scene StudioVideo VideoRequest",
            "voices": "VoiceOwnership SpeechInput VoiceType CloneStatus Voice VoiceDetails DesignedVoices VoiceCloneCreated DeletedVoice Speech CloneRequest",
            "webhooks": "EventName Endpoint RotatedSecret EventType DeliveredEvent VideoReady VideoFailure TranslationReady TranslationFailure PersonalizedVideo Event VideoSuccessEvent VideoFailEvent TranslationSuccessEvent TranslationFailEvent PersonalizedVideoEvent OpenEvent UnknownEvent AnyEvent",
            "workflow_runs": "WorkflowRunStatus WorkflowNodeStatus WorkflowOutputStatus OutputDelivery RunVersion WorkflowRunProgress WorkflowError WorkflowRunOutput WorkflowRunNode WorkflowRunSummary WorkflowRun WorkflowRunRequest",
            "workflows": "WorkflowStatus NodeLifecycle LiteralBinding NodeOutputBinding RunInputBinding ObjectBinding ListBinding Binding WorkflowInput WorkflowNode WorkflowOutput WorkflowGraph LatestVersion WorkflowSummary Workflow PlanStep WorkflowVersionSummary WorkflowVersion NodePort NodeVariant NodeFamily NodeTypes",
        },
    )
