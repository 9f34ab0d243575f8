"""`heygen.templates`: videos from HeyGen's editor, with variables that a program fills in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from .._http.operation import operation
from .._http.signatures import show_parameters
from .._jobs.registry import VIDEO
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import templates as models
from ..types.base import Deleted, JSONValue, get_tag
from ..types.videos import Video
from . import validation
from .base import Resource


class TemplateAndWait(models.TemplateRequest, AndWait, total=False):
    """The arguments of `generate_and_wait`."""


class Templates(Resource):
    """Templates."""

    @operation("list_templates", "GET", "/v3/templates")
    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.TemplateSummary]:
        """List the templates that have variables.

        Args:
            limit: The number of items per page, 1 to 100; by default 10.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list, models.TemplateSummary, limit=limit, token=token)

    @operation("get_template", "GET", "/v3/templates/{template_id}")
    async def get(self, template_id: str) -> models.Template:
        """Return a template with its scenes and its variables. `generate` accepts the edited variables.

        Args:
            template_id: The id of the template, from `templates.list`.
        """
        return await self._call(self.get, models.Template, template_id)

    @operation("create_template", "POST", "/v3/templates", idempotency="header")
    async def create(
        self, *, video_id: str, name: str | None = None, idempotency_key: str | None = None
    ) -> models.Template:
        """Create a private template from a video of the account.

        It has no variables yet: `update_variables` sets them. `list` has it as soon as it has a variable.

        Args:
            video_id: The id of the video, from `videos.list`.
            name: The name that HeyGen shows; by default the video's title.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.

        Raises:
            APIError: `template_source_unsupported`: the video is from a URL or from an older editor.
        """
        body = {"video_id": video_id, "name": name}
        return await self._call(self.create, models.Template, body=body, key=idempotency_key)

    @operation("update_template", "PATCH", "/v3/templates/{template_id}")
    async def update(self, template_id: str, *, name: str, idempotency_key: str | None = None) -> models.Template:
        """Rename a template.

        Args:
            template_id: The id of the template, from `templates.list` or `templates.create`.
            name: The new name.
            idempotency_key: Sent as `Idempotency-Key`; a repeat is safe without it.
        """
        return await self._call(self.update, models.Template, template_id, body={"name": name}, key=idempotency_key)

    @operation("delete_template", "DELETE", "/v3/templates/{template_id}")
    async def delete(self, template_id: str, *, idempotency_key: str | None = None) -> Deleted:
        """Delete a template. The videos that were made from it stay.

        Args:
            template_id: The id of the template, from `templates.list` or `templates.create`.
            idempotency_key: Sent as `Idempotency-Key`; deleting twice is safe without it.
        """
        return await self._call(self.delete, Deleted, template_id, key=idempotency_key)

    @operation("update_template_variables", "PUT", "/v3/templates/{template_id}/variables", destructive=True)
    async def update_variables(
        self,
        template_id: str,
        *,
        variables: Mapping[str, models.VariableBinding | JSONValue],
        expected_edit_version: str | None = None,
        idempotency_key: str | None = None,
    ) -> models.Template:
        """Replace all variables of a template. A variable that is left out is removed; `{}` removes all.

        With `expected_edit_version`, HeyGen refuses the change if somebody has edited the template since:

        ```python
        async def name_the_company(heygen: AsyncHeyGen, template_id: str) -> None:
            template = await heygen.templates.get(template_id)
            await heygen.templates.update_variables(
                template_id,
                variables={"company": TextBinding(match="Acme")},
                expected_edit_version=template.edit_version,
            )
        ```

        Args:
            template_id: The id of the template, from `templates.list` or `templates.create`.
            variables: The variables by name, each a `TextBinding`, `ImageBinding`, `VideoBinding`, `AudioBinding`,
                `CharacterBinding` or `VoiceBinding`, or an equal mapping. A name has 1 to 64 letters, digits and `_`,
                and does not begin with a digit.
            expected_edit_version: The `edit_version` that the template must still have; by default any.
            idempotency_key: Sent as `Idempotency-Key`; a repeat is safe without it.

        Raises:
            StaleEditVersionError: The template has changed since this `edit_version`.
            InvalidInputError: A name is invalid.
        """
        validation.check_variable_names(variables)
        body = {"variables": variables, "expected_edit_version": expected_edit_version}
        return await self._call(self.update_variables, models.Template, template_id, body=body, key=idempotency_key)

    @operation(
        "generate_template", "POST", "/v3/templates/{template_id}", idempotency="header", billable=True, wait="video"
    )
    async def generate(
        self, template_id: str, *, idempotency_key: str | None = None, **request: Unpack[models.TemplateRequest]
    ) -> Video:
        """Start a video from a template.

        Costs credit. `AsyncHeyGen.wait_for_video` accepts the result. If a value is a plain string, the template is
        read first: the string becomes the value of a text variable.

        Args:
            template_id: The id of the template, from `templates.list`.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one.
            **request: The fields of `TemplateRequest`.
        """
        self._check_keywords(self.generate, request)
        variables = request.get("variables")
        if isinstance(variables, Mapping) and any(isinstance(value, str) for value in variables.values()):
            request["variables"] = await self._with_text_variables(template_id, variables)
        return await self._call(self.generate, Video, template_id, body=request, key=idempotency_key)

    async def _with_text_variables(
        self, template_id: str, values: Mapping[str, str | models.Variable | JSONValue]
    ) -> dict[str, str | models.Variable | JSONValue]:
        """Return the values with each plain string for one of the template's text variables in the API's form."""
        known = (await self.get(template_id)).variables or {}
        return {
            name: models.TextVariable(name=name, properties=models.TextProperties(content=value))
            if isinstance(value, str) and get_tag(known.get(name)) == "text"
            else value
            for name, value in values.items()
        }

    @show_parameters
    async def generate_and_wait(self, template_id: str, **request: Unpack[TemplateAndWait]) -> Video:
        """Call `generate`, then wait for the finished video.

        Args:
            template_id: The id of the template, from `templates.list`.
            **request: The arguments of `generate`, and the options of the wait.
        """
        return await self._create_and_wait(VIDEO, self.generate_and_wait, self.generate, request, template_id)
