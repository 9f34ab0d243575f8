"""Voices: a public library, clones, which take time, and speech."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..storage import voice_sample_path
from .call import Call, Listing
from .prices import OWN_PRICES, speaking_seconds, speech

__all__ = ["HANDLERS"]


def _library(call: Call) -> list[dict[str, Any]]:
    wanted = {"type": call.query.get("type", "public")}
    wanted |= {name: call.query[name] for name in ("engine", "language", "gender") if name in call.query}
    return [
        {field: value for field, value in voice.items() if field != "engine"}
        | {
            "preview_audio_url": call.storage.static(
                voice_sample_path(voice["voice_id"], voice.get("gender") or "female")
            )
        }
        for voice in call.state.catalog["voice"].values()
        if all(voice[name] == value for name, value in wanted.items())
    ]


def _describe_clone(call: Call, job: Any) -> dict[str, Any]:
    state = job.state(call.state.now())
    return {
        "voice_id": job.id,
        "name": job.details["name"],
        "language": job.details["language"] or "English",
        "gender": "unknown",
        "support_pause": True,
        "support_interactive_avatar": False,
        "status": "complete" if state == "completed" else state,
        "failure_message": job.fail_message if state == "failed" else None,
        "created_at": int(job.created_at),
    }


def _list(call: Call) -> Listing:
    library = _library(call)
    if call.query.get("type") != "private":
        return Listing(library, "voice_id")
    known = ("voice_id", "name", "language", "gender", "support_pause")
    clones = [_describe_clone(call, job) for job in call.state.jobs_of_kind("voice")]
    private = [{name: clone[name] for name in known} | {"type": "private", "support_locale": False} for clone in clones]
    return Listing(private + library, "voice_id")


def _get(call: Call) -> dict[str, Any]:
    voice_id = call.ids["voice_id"]
    voice = call.state.catalog["voice"].get(voice_id)
    if voice is not None:
        hidden = {"engine", "type", "support_locale"}
        return {field: value for field, value in voice.items() if field not in hidden}
    return _describe_clone(call, call.state.find("voice", voice_id))


def _design(call: Call) -> dict[str, Any]:
    voices = [voice for voice in _library(call) if call.get_field("gender") in {None, voice["gender"]}] or _library(
        call
    )
    seed = call.get_field("seed") or 0
    first = seed * 3 % len(voices)
    return {"seed": seed, "voices": voices[first : first + 3]}


def _clone(call: Call) -> dict[str, Any]:
    states = [("processing", call.state.render_seconds), ("completed", 0.0)]
    job = call.state.create_job(
        "voice", "voice", states, name=call.get_field("voice_name"), language=call.get_field("language")
    )
    call.state.charge(OWN_PRICES["VoiceCloneCreate"], call.operation, job.id, call.key)
    return {"voice_clone_id": job.id}


def _speech(call: Call) -> dict[str, Any]:
    text, speed = call.get_field("text"), call.get_field("speed")
    words = text.split()
    each = speaking_seconds("word", speed)
    billed = speech(text, speed)
    call.state.check_balance(billed.usd)
    id = call.state.new_id("speech")
    call.state.charge(billed.usd, call.operation, id, call.key)
    return {
        "audio_url": call.storage.presigned(f"/speech/{id}/speech.wav"),
        "duration": billed.seconds,
        "request_id": id,
        "word_timestamps": [
            {"word": word, "start": round(n * each, 3), "end": round((n + 1) * each, 3)} for n, word in enumerate(words)
        ],
    }


def _delete(call: Call) -> dict[str, Any]:
    job = call.state.find("voice", call.ids["voice_id"])
    call.state.deleted.add(job.id)
    return {"voice_id": job.id}


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "VoiceList": _list,
    "VoiceGet": _get,
    "VoiceCreate": _design,
    "VoiceCloneCreate": _clone,
    "VoiceSpeechCreate": _speech,
    "VoiceDelete": _delete,
}
