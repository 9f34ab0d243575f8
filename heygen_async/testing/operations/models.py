"""HeyGen's models: trained voices, speech, images, videos."""

from __future__ import annotations

import base64
import io
import re
import wave
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from ..api_errors import APIErrorResponse
from ..storage import media
from .call import Call, Events, JobListing
from .prices import OWN_PRICES, WORD_SECONDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from ..jobs import Job

__all__ = ["HANDLERS"]

VOICE_PRICE, SPEECH_PRICE = OWN_PRICES["ModelVoiceCreate"], OWN_PRICES["ModelSpeechCreate"]
IMAGE_PRICE, VIDEO_PRICE = OWN_PRICES["ModelImageCreate"], OWN_PRICES["ModelVideoCreate"]
_WORDS_A_PART = 5
_PROFESSIONAL_ONLY = ("pitch_shift", "pitch_variance", "speed", "seed")
_BREAK = re.compile(r"""<break time=["'](\d+(?:\.\d+)?)s["']""")
_MAX_BREAK_SECONDS = 5.0
_LARGE, _LARGE_SHAPES = frozenset({"1080p", "2k"}), frozenset({None, "16:9", "9:16"})
_STATES = {"processing": "PENDING", "completed": "ACTIVE", "failed": "FAILED"}


def _check_count(call: Call, name: str, minimum: int, maximum: int) -> None:
    if not minimum <= len(call.body[name]) <= maximum:
        raise APIErrorResponse.invalid_parameter(name, f"'{name}' must have {minimum} to {maximum} entries.")
    call.check_files(call.body, name)


def _create_voice(call: Call) -> dict[str, Any]:
    call.check_files(call.body, "audio")
    known = call.state.jobs.get(call.get_field("voice_id") or "")
    if known is not None and known.kind != "model_voice":
        known = None  # an id of something else, which only a lenient server accepts
    if known is not None and known.details["mode"] == "instant":
        raise APIErrorResponse.invalid_parameter("voice_id", "An instant voice cannot be trained again.")
    call.state.check_balance(VOICE_PRICE)
    states = [("processing", call.state.render_seconds), ("completed", 0.0)]
    details = (
        {"name": call.get_field("name"), "language": call.get_field("language")} if known is None else known.details
    )
    job = call.state.create_job("model_voice", "voice", states, **details | {"mode": call.body["mode"]})
    if known is not None:  # a new training keeps the voice's id, name and language
        del call.state.jobs[job.id]
        job.id = known.id
        call.state.jobs[job.id] = job
    call.state.charge(VOICE_PRICE, call.operation, job.id, call.key)
    return {"voice_id": job.id}


def _describe_voice(call: Call, job: Job) -> dict[str, Any]:
    state = job.state(call.state.now())
    return {
        "voice_id": job.id,
        "status": _STATES.get(state, state),
        "failure_reason": job.fail_message if state == "failed" else None,
        "created_at": int(job.created_at),
        **job.details,
    }


def _voice(call: Call) -> Job:
    return call.state.find("model_voice", call.ids["voice_id"])


def _get_voice(call: Call) -> dict[str, Any]:
    return _describe_voice(call, _voice(call))


def _list_voices(call: Call) -> JobListing:
    return JobListing(call.state, "model_voice", partial(_describe_voice, call))


def _delete_voice(call: Call) -> dict[str, Any]:
    voice = _voice(call)
    if voice.details["mode"] == "professional" and voice.state(call.state.now()) == "processing":
        raise APIErrorResponse(409, "conflict", f"The voice '{voice.id}' is being trained.")
    call.state.deleted.add(voice.id)
    return {"status": "ok"}


def _check_speech(call: Call) -> None:
    """Check what depends on the mode of the account's own voice."""
    for seconds in _BREAK.findall(call.body["text"]):
        if float(seconds) > _MAX_BREAK_SECONDS:
            raise APIErrorResponse.invalid_parameter("text", "A break lasts at most 5 seconds.")
    voice = call.state.jobs.get(call.body["voice_id"])
    if voice is None or voice.kind != "model_voice":
        return
    mode = voice.details["mode"]
    for name in _PROFESSIONAL_ONLY if mode == "instant" else ("expressiveness_boost",):
        if call.get_field(name) is not None:
            raise APIErrorResponse.invalid_parameter(name, f"'{name}' is not supported by {mode} voices.")
    if mode == "instant" and "<break" in call.body["text"]:
        raise APIErrorResponse.invalid_parameter("text", "Instant voices take no break tags.")


def _speech(call: Call) -> dict[str, Any]:
    _check_speech(call)
    id = call.state.new_id("speech")
    call.state.charge(SPEECH_PRICE, call.operation, id, call.key)
    return {
        "audio_url": call.storage.presigned(f"/speech/{id}/speech.wav"),
        "duration": round(len(call.get_field("text").split()) * WORD_SECONDS, 3),
    }


def _stream(call: Call) -> Events:
    if "X-Api-Key" not in call.request.headers:
        raise APIErrorResponse(401, "unauthorized", "This endpoint takes an API key.")
    _check_speech(call)
    plan = call.state.take_plan("model_speech")
    call.state.charge(SPEECH_PRICE, call.operation, call.state.new_id("speech"), call.key)
    return Events(_frames(call, plan.fail_message))


async def _frames(call: Call, fail_message: str | None) -> AsyncIterator[bytes]:
    words = call.get_field("text").split()
    for part, start in enumerate(range(0, len(words), _WORDS_A_PART)):
        if part and fail_message is not None:
            yield _frame({"type": "error", "detail": fail_message})
            return
        some = words[start : start + _WORDS_A_PART]
        sound = base64.b64encode(_wav(len(some) * WORD_SECONDS)).decode()
        yield _frame({"type": "audio", "part_index": part, "audio": sound})
        if call.get_field("with_timestamps"):
            yield _frame({"type": "alignment", "word_alignments": [_spoken(start + n, w) for n, w in enumerate(some)]})
    yield b"data: [DONE]\n\n"


def _frame(part: dict[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode(part) + b"\n\n"


def _spoken(place: int, word: str) -> dict[str, Any]:
    start, end = round(place * WORD_SECONDS, 3), round((place + 1) * WORD_SECONDS, 3)
    return {"text": word, "start_time": start, "end_time": end, "confidence": 0.9}


def _wav(seconds: float) -> bytes:
    """Return the sample's sound, cut or repeated to this length in seconds."""
    with wave.open(io.BytesIO(media("speech.wav"))) as sample:
        about, sound = sample.getparams(), sample.readframes(sample.getnframes())
    length = round(seconds * about.framerate) * about.sampwidth
    output = io.BytesIO()
    with wave.open(output, "wb") as copy:
        copy.setparams(about)
        copy.writeframes((sound * (length // len(sound) + 1))[:length])
    return output.getvalue()


def _create_images(call: Call) -> dict[str, Any]:
    _check_count(call, "identity_images", 1, 5)
    _check_count(call, "reference_images", 1, 1)
    number = call.get_field("num_images") or 1
    call.state.check_balance(IMAGE_PRICE * number)
    states = [("pending", call.state.render_seconds), ("completed", 0.0)]
    job = call.state.create_job("model_image", "generation", states, number=number, seed=call.get_field("seed") or 0)
    call.state.charge(IMAGE_PRICE * number, call.operation, job.id, call.key)
    return {"generation_id": job.id}


def _get_images(call: Call) -> dict[str, Any]:
    job = call.state.find("model_image", call.ids["generation_id"])
    state = job.state(call.state.now())
    images = [
        {
            "image_id": f"{job.id}_{n}",
            "image_url": call.storage.presigned(f"/images/{job.id}_{n}/thumbnail.jpg"),
            "width": 1024,
            "height": 1024,
            "seed": job.details["seed"] + n,
        }
        for n in range(job.details["number"])
    ]
    return {
        "generation_id": job.id,
        "status": state,
        "images": images if state == "completed" else [],
        **_failure(job, state),
    }


def _create_video(call: Call) -> dict[str, Any]:
    shape = call.get_field("aspect_ratio")
    if call.get_field("resolution") in _LARGE and shape not in _LARGE_SHAPES:
        raise APIErrorResponse.invalid_parameter("aspect_ratio", "1080p and 2k need the aspect ratio 16:9 or 9:16.")
    call.check_files(call.body, "image", "reference_images", "reference_videos", "reference_audio")
    call.state.check_balance(VIDEO_PRICE)
    seconds = call.state.render_seconds
    states = [("pending", seconds * 0.1), ("processing", seconds * 0.9), ("completed", 0.0)]
    details: dict[str, Any] = {"duration": call.get_field("duration") or 5, "seed": call.get_field("seed") or 0}
    job = call.state.create_job("model_video", "model_video", states, **details)
    call.state.charge(VIDEO_PRICE, call.operation, job.id, call.key)
    return {"video_id": job.id}


def _get_video(call: Call) -> dict[str, Any]:
    job = call.state.find("model_video", call.ids["video_id"])
    state = job.state(call.state.now())
    video: dict[str, Any] = {"video_id": job.id, "status": state, **_failure(job, state)}
    if state == "completed":
        url = call.storage.presigned(f"/model_videos/{job.id}/video.mp4")
        shape = {"width": 1344, "height": 768, "aspect_ratio": "16:9"}
        video |= {"video_url": url, "timings": {"inference": job.seconds}, **shape, **job.details}
    return video


def _failure(job: Job, state: str) -> dict[str, Any]:
    return {"failure_code": job.fail_code, "failure_message": job.fail_message} if state == "failed" else {}


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "ModelVoiceCreate": _create_voice,
    "ModelVoiceGet": _get_voice,
    "ModelVoiceList": _list_voices,
    "ModelVoiceDelete": _delete_voice,
    "ModelSpeechCreate": _speech,
    "ModelSpeechStream": _stream,
    "ModelImageCreate": _create_images,
    "ModelImageGet": _get_images,
    "ModelVideoCreate": _create_video,
    "ModelVideoGet": _get_video,
}
