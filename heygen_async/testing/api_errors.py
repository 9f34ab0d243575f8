"""The API's error answers."""

from __future__ import annotations

from typing import Any

__all__ = ["APIErrorResponse"]

#: What is not there, by the documentation's own codes; everything else is a `resource_not_found`.
_MISSING = {
    "asset": "asset_not_found", "avatar": "avatar_not_found", "avatar_group": "avatar_not_found",
    "model_voice": "voice_not_found", "render": "hyperframes_render_not_found", "template": "template_not_found",
    "translation": "video_not_found", "video": "video_not_found", "voice": "voice_not_found",
    "webhook_endpoint": "webhook_not_found",
}  # fmt: skip


class APIErrorResponse(Exception):  # noqa: N818  it is an answer, not a fault of the emulator
    """Answer with an error, in v3's envelope."""

    def __init__(
        self, status: int, code: str, message: str, *, param: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.status: int = status
        self.code: str = code
        self.message: str = message
        self.param: str | None = param
        self.retry_after: float | None = retry_after

    @classmethod
    def invalid_parameter(cls, param: str | None, message: str) -> APIErrorResponse:
        """400 for a field."""
        return cls(400, "invalid_parameter", message, param=param)

    @classmethod
    def not_found(cls, thing: str, id: str) -> APIErrorResponse:
        """404 for an id."""
        code = _MISSING.get(thing, "resource_not_found")
        return cls(404, code, f"No {thing.replace('_', ' ')} was found with id '{id}'.")

    def body(self) -> dict[str, Any]:
        """The envelope."""
        error: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "doc_url": f"https://developers.heygen.com/docs/error-codes#{self.code.replace('_', '-')}",
        }
        if self.param is not None:
            error["param"] = self.param
        return {"error": error}
