"""HeyGen's error and failure codes: the meaning and the next step of each.

Error responses and failed jobs have the same codes. https://developers.heygen.com/docs/error-codes
"""

from __future__ import annotations

from typing import NamedTuple


class CodeAdvice(NamedTuple):
    """The meaning of a code, for a response without a message, and the next step."""

    meaning: str
    action: str


_CODES: dict[str, CodeAdvice] = {
    "ai_vendor_access_restricted": CodeAdvice(
        "The workspace does not allow the AI vendor of this model",
        "Ask an administrator of the workspace to allow this vendor.",
    ),
    "content_policy_violation": CodeAdvice(
        "The content is against HeyGen's usage policy",
        "Change the content.",
    ),
    "voice_not_usable": CodeAdvice(
        "The voice cannot be used", "Choose another voice; this one does not become usable."
    ),
    "voice_unavailable": CodeAdvice(
        "The voice failed, expired or was canceled", "Choose another voice, or clone this one anew."
    ),
    "voice_expired": CodeAdvice("The voice has expired", "Choose another voice, or clone this one anew."),
    "voice_training_failed": CodeAdvice(
        "The training of the voice failed", "Choose another voice, or train this one anew."
    ),
    "voice_not_ready": CodeAdvice("The voice is still trained", "Wait until it is finished, then try again."),
    "unlimited_mode_disabled": CodeAdvice(
        "The avatar has no unlimited mode", "Choose another avatar, or the engine Avatar IV or V."
    ),
    "resource_limit_reached": CodeAdvice(
        "The account has as many of these as it may",
        "Delete what is not needed any more, or have HeyGen raise the limit. Then try again.",
    ),
    "script_too_short": CodeAdvice(
        "The script gives less than one second of speech", "Write a longer script: at least 1 second of speech."
    ),
    "tts_text_invalid": CodeAdvice(
        "The script has nothing that can be spoken", "Correct the script: it needs words or valid pauses."
    ),
    "download_failed": CodeAdvice(
        "HeyGen could not download a URL of the request",
        "Check that each URL in the request is public and leads to the file itself. Then try again.",
    ),
    "gateway_timeout": CodeAdvice(
        "A URL of the request did not respond in time",
        "Check that each URL in the request is public and responds quickly. Then try again.",
    ),
    "template_source_unsupported": CodeAdvice(
        "This video cannot become a template", "Use a video of HeyGen's present editor, not one from a URL."
    ),
    "ephemeral_upload_disabled": CodeAdvice(
        "This way of uploading is disabled", "Try again later, or pass the file in another way."
    ),
    "hyperframes_project_invalid": CodeAdvice(
        "The project is no valid HyperFrames composition",
        "Check that the ZIP has index.html, or the named composition, at its top level. Then try again.",
    ),
    "hyperframes_project_too_large": CodeAdvice(
        "The project is too large to be sent this way", "Upload it with assets.upload() first, and pass its asset_id."
    ),
    "insufficient_credit": CodeAdvice(
        "The balance does not cover this job", "Add credit or change the plan; users.me() shows the balance."
    ),
    "plan_upgrade_required": CodeAdvice(
        "The plan does not include this", "Change the plan, or choose an avatar, engine or resolution that it includes."
    ),
    "avatar_not_found": CodeAdvice(
        "The avatar does not exist, or is not trained yet", "Take an avatar id from avatars.looks.list()."
    ),
    "voice_not_found": CodeAdvice(
        "The voice does not exist, or is not finished yet", "Take a voice id from voices.list()."
    ),
    "asset_not_found": CodeAdvice(
        "An asset does not exist, or was deleted", "Check the id, or upload the file again and pass its new asset id."
    ),
    "resource_access_denied": CodeAdvice(
        "A resource of the request belongs to another account", "Check that each id belongs to this account."
    ),
    "internal_error": CodeAdvice(
        "HeyGen failed; the request is not the cause", "Try again later; if it persists, report the id to HeyGen."
    ),
    "design_failed": CodeAdvice("The design of the voice failed", "Change the description, then create it again."),
}


def advice_for(code: str | None) -> CodeAdvice | None:
    """Return the meaning and the next step for a code; None for an unknown one. Codes are compared without case."""
    return _CODES.get((code or "").lower())


def explain_failed_job(code: str | None, message: str | None, otherwise: str) -> CodeAdvice:
    """Return why a job failed, and the next step.

    Args:
        code: The failure code.
        message: HeyGen's own message, which comes before the meaning of the code.
        otherwise: The reason when there is no message and the code is not known.
    """
    known = advice_for(code)
    reason = message or (known.meaning if known else otherwise)
    action = known.action if known else "Correct the cause before you create it again."
    return CodeAdvice(reason.rstrip("."), action)
