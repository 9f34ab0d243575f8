"""The API's error answers."""

from __future__ import annotations

from typing import Any

__all__ = ["Refusal"]


class Refusal(Exception):  # noqa: N818  it is an answer, not a fault of the emulator
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
    def parameter(cls, param: str | None, message: str) -> Refusal:
        """400 for a field."""
        return cls(400, "invalid_parameter", message, param=param)

    @classmethod
    def missing(cls, thing: str, id: str) -> Refusal:
        """404 for an id."""
        return cls(404, f"{thing}_not_found", f"No {thing} was found with id '{id}'.")

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
