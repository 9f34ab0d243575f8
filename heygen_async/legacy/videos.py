"""Videos, templates and translations of v1 and v2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from .._http.argument_checks import check_keywords
from .._http.signatures import show_parameters
from ..errors import InvalidInputError
from ..resources import validation
from ..types.base import JSONValue, get_field
from ..types.templates import Dimension
from .endpoints import LegacyResource, legacy_endpoint
from .presets import check_dimension
from .types import videos as models

_GENERATE = legacy_endpoint("POST", "/v2/video/generate", "videos.create", billable=True)
_GENERATE_AV4 = legacy_endpoint("POST", "/v2/video/av4/generate", "videos.create", billable=True)
_GENERATE_WEBM = legacy_endpoint("POST", "/v1/video.webm", "videos.create", billable=True)
_STATUS = legacy_endpoint("GET", "/v1/video_status.get", "videos.get")
_LIST = legacy_endpoint("GET", "/v1/video.list", "videos.list")
_DELETE = legacy_endpoint("DELETE", "/v1/video.delete", "videos.delete")
_SHARE = legacy_endpoint("POST", "/v1/video/share")
_AGENT = legacy_endpoint("POST", "/v1/video_agent/generate", "video_agents.create", billable=True)
_TEMPLATES = legacy_endpoint("GET", "/v2/templates", "templates.list")
_TEMPLATE = legacy_endpoint("GET", "/v2/template/{template_id}", "templates.get")
_FROM_TEMPLATE = legacy_endpoint("POST", "/v2/template/{template_id}/generate", "templates.generate", billable=True)
_TRANSLATE = legacy_endpoint("POST", "/v2/video_translate", "video_translations.create", billable=True)
_TRANSLATION = legacy_endpoint("GET", "/v2/video_translate/{video_translate_id}", "video_translations.get")
_LANGUAGES = legacy_endpoint("GET", "/v2/video_translate/target_languages", "video_translations.list_languages")


class Videos(LegacyResource):
    """Videos of one or several scenes."""

    async def generate(self, request: models.VideoRequest | Mapping[str, JSONValue]) -> models.LegacyVideoCreated:
        """Create a video of 1 to 50 scenes, which is charged. Pass the result to `AsyncHeyGen.wait_for_video`.

        Args:
            request: The scenes and the options of the video.

        Raises:
            AmbiguousRequestError: The response was lost. The endpoint honours no idempotency key, so check
                `videos.list` before you repeat the call.
        """
        validation.check_length("video_inputs", get_field(request, "video_inputs"), 50, min_length=1)
        size = get_field(request, "dimension")
        if isinstance(size, Dimension):
            check_dimension(size.width, size.height)
        return await self._call(_GENERATE, models.LegacyVideoCreated, body=request)

    @show_parameters
    async def generate_av4(self, **request: Unpack[models.AvatarIVRequest]) -> models.LegacyVideoCreated:
        """Create a video from an uploaded picture, by its `image_key`. It is charged."""
        check_keywords(self.generate_av4, request)
        return await self._call(_GENERATE_AV4, models.LegacyVideoCreated, body=request)

    @show_parameters
    async def generate_webm(self, **request: Unpack[models.WebMRequest]) -> models.LegacyVideoCreated:
        """Create a video without a background, as WebM. It is charged."""
        check_keywords(self.generate_webm, request)
        if (request.get("input_text") is None) == (request.get("input_audio") is None):
            raise InvalidInputError("input_text", request.get("input_text"), "a text with its voice_id, or input_audio")
        return await self._call(_GENERATE_WEBM, models.LegacyVideoCreated, body=request)

    async def status(self, video_id: str) -> models.LegacyVideo:
        """Return a video. Its URLs expire after seven days.

        Args:
            video_id: The id of the video.
        """
        return await self._call(_STATUS, models.LegacyVideo, query={"video_id": video_id})

    async def list(self, *, limit: int | None = None, token: str | None = None) -> models.VideoPage:
        """Return a page of all videos, newest first; `limit` from 0 to 100, `token` from the previous page.

        Args:
            limit: The number of videos of the page, 1 to 100; by default 100.
            token: The `token` of the previous page.
        """
        return await self._call(_LIST, models.VideoPage, query={"limit": validation.check_limit(limit), "token": token})

    async def delete(self, video_id: str) -> None:
        """Delete a video permanently.

        Args:
            video_id: The id of the video.
        """
        await self._call_without_result(_DELETE, body={"video_id": video_id})

    async def share(self, video_id: str) -> str:
        """Return a public URL of the video's player.

        Args:
            video_id: The id of the video.
        """
        return await self._call(_SHARE, str, body={"video_id": video_id})


class VideoAgent(LegacyResource):
    """A video from one prompt."""

    async def generate(self, *, prompt: str) -> models.LegacyVideoCreated:
        """Create a video from a prompt, which is charged. Pass the result to `AsyncHeyGen.wait_for_video`.

        Args:
            prompt: The prompt, of 1 to 10,000 characters.
        """
        validation.check_text("prompt", prompt, 10_000)
        return await self._call(_AGENT, models.LegacyVideoCreated, body={"prompt": prompt})


class Templates(LegacyResource):
    """Templates created on the web."""

    async def list(self) -> Sequence[models.LegacyTemplate]:
        """Return all templates."""
        return (await self._call(_TEMPLATES, models.Templates)).templates

    async def get(self, template_id: str) -> models.TemplateVariables:
        """Return the variables of a template.

        Args:
            template_id: The id of the template, from `list`.
        """
        return await self._call(_TEMPLATE, models.TemplateVariables, template_id)

    async def generate(
        self,
        template_id: str,
        *,
        variables: Mapping[str, object] | None = None,
        title: str | None = None,
        caption: bool | None = None,
        dimension: Dimension | None = None,
        include_gif: bool | None = None,
        test: bool | None = None,
        callback_id: str | None = None,
        callback_url: str | None = None,
    ) -> models.LegacyVideoCreated:
        """Create a video from a template with other values of its variables. It is charged unless `test` is true.

        Args:
            template_id: The id of the template, from `list`.
            variables: The values by the names of the variables, in the form of `get`.
            title: The name that HeyGen shows.
            caption: Whether the video has subtitles.
            dimension: The size in pixels; by default that of the template.
            include_gif: Whether HeyGen renders an animated preview too.
            test: Whether the video is free and has a watermark.
            callback_id: A value of your own that HeyGen sends to `callback_url`.
            callback_url: A public https URL that HeyGen calls when the job ends.
        """
        if dimension is not None:
            check_dimension(dimension.width, dimension.height)
        body = {
            "variables": variables,
            "title": title,
            "caption": caption,
            "dimension": dimension,
            "include_gif": include_gif,
            "test": test,
            "callback_id": callback_id,
            "callback_url": callback_url,
        }
        return await self._call(_FROM_TEMPLATE, models.LegacyVideoCreated, template_id, body=body)


class Translations(LegacyResource):
    """Videos in other languages."""

    @show_parameters
    async def create(self, **request: Unpack[models.TranslateRequest]) -> models.TranslationCreated:
        """Create a translation, which is charged. Pass the result to `AsyncHeyGen.wait_for_translation`."""
        check_keywords(self.create, request)
        return await self._call(_TRANSLATE, models.TranslationCreated, body=request)

    async def get(self, video_translate_id: str) -> models.LegacyTranslation:
        """Return a translation.

        Args:
            video_translate_id: The id that `create` returned.
        """
        return await self._call(_TRANSLATION, models.LegacyTranslation, video_translate_id)

    async def list_languages(self) -> Sequence[str]:
        """List the languages that `output_language` takes."""
        return (await self._call(_LANGUAGES, models.TargetLanguages)).languages
