"""The error responses of the API."""

from __future__ import annotations

from typing import Any

__all__ = ["APIErrorResponse"]

#: The documented code for each missing resource; any other has `resource_not_found`.
_NOT_FOUND_CODES = {
    "asset": "asset_not_found", "avatar": "avatar_not_found", "avatar_group": "avatar_not_found",
    "model_voice": "voice_not_found", "render": "hyperframes_render_not_found", "template": "template_not_found",
    "translation": "video_not_found", "video": "video_not_found", "voice": "voice_not_found",
    "webhook_endpoint": "webhook_not_found",
}  # fmt: skip


class APIErrorResponse(Exception):  # noqa: N818  it becomes a response, not a failure of the emulator
    """An error that the emulator sends as its response.

    Args:
        status: The HTTP status.
        code: The API's error code.
        message: The API's error message.
        param: The field at fault, such as `videos[2].script`.
        retry_after: The seconds in `Retry-After`.
        errors: Each single error, where the API lists several.
        hint: What the user of the emulator can do about it.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        param: str | None = None,
        retry_after: float | None = None,
        errors: list[dict[str, Any]] | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status: int = status
        self.code: str = code
        self.message: str = message
        self.param: str | None = param
        self.retry_after: float | None = retry_after
        self.errors: list[dict[str, Any]] | None = errors
        self.hint: str | None = hint

    @classmethod
    def invalid_parameter(cls, param: str | None, message: str) -> APIErrorResponse:
        """Return the 400 for a field."""
        return cls(400, "invalid_parameter", message, param=param)

    @classmethod
    def not_found(
        cls, resource: str, id: str, *, param: str | None = None, hint: str | None = None
    ) -> APIErrorResponse:
        """Return the 404 for an unknown id."""
        code = _NOT_FOUND_CODES.get(resource, "resource_not_found")
        message = f"No {resource.replace('_', ' ')} was found with id '{id}'."
        return cls(404, code, message, param=param, hint=hint)

    def body(self) -> dict[str, Any]:
        """Return the JSON body of v3."""
        error: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "doc_url": f"https://developers.heygen.com/docs/error-codes#{self.code.replace('_', '-')}",
        }
        if self.param is not None:
            error["param"] = self.param
        if self.errors is not None:
            error["errors"] = self.errors
        return {"error": error}
