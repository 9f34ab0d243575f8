"""Video Agent sessions: a session thinks, may wait for input, and then renders a video."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_errors import APIErrorResponse
from .call import Call, JobListing, Listing
from .prices import Billed, agent_video
from .videos import describe, start_video

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..jobs import Job

__all__ = ["HANDLERS"]

_THINKING_SHARE = 0.1  # of the session's whole time


def _create(call: Call) -> dict[str, Any]:
    state = call.state
    billed = agent_video(call.get_field("prompt"))
    state.reserve_capacity(billed.usd)
    plan = state.take_plan("session")
    chat = call.get_field("mode") == "chat"
    question = plan.question or ("Which of your avatars shall present it?" if chat else None)
    thinks = (plan.seconds if plan.seconds is not None else state.render_seconds) * _THINKING_SHARE
    states = list(plan.states or _usual_states(thinks, chat=chat, asks=question is not None))
    job = state.create_job(
        "session", "session", states, title=call.get_field("prompt")[:40], messages=[], videos=[], chat=chat
    )
    if plan.fail_message is not None or plan.fail_code is not None:
        job.states = [("thinking", thinks), ("failed", 0.0)]
        job.fail_message = plan.fail_message or plan.fail_code
    job.details["question"] = question
    _add_message(call, job, "user", call.get_field("prompt"))
    if job.states[-1][0] == "generating":
        _render(call, job, billed)
    else:
        state.charge(billed.usd, call.operation, job.id, call.key)
    started = _started_videos(call, job)
    return {
        "session_id": job.id,
        "status": _status(call, job),
        "created_at": int(job.created_at),
        "video_id": started[0] if started else None,
    }


def _usual_states(thinks: float, *, chat: bool, asks: bool) -> list[tuple[str, float]]:
    """Return the states of a session: in the mode `generate` its video starts at once."""
    if not chat:
        return [("generating", 0.0)]
    return [("thinking", thinks), ("waiting_for_input" if asks else "generating", 0.0)]


def _render(call: Call, job: Job, billed: Billed) -> None:
    """Start the session's video at the end of its thinking."""
    video = start_video(call, billed=billed, session=job.id, title=job.details["title"])
    video.created_at = job.ends_at
    job.details["videos"].append(video.id)


def _video(call: Call, job: Job) -> Job | None:
    """Return the session's newest video."""
    return call.state.jobs[job.details["videos"][-1]] if job.details["videos"] else None


def _started_videos(call: Call, job: Job) -> list[str]:
    """Return the ids of the session's videos, oldest first, without one that has not started."""
    now = call.state.now()
    generates = job.state(now) == "generating"
    return [id for id in job.details["videos"] if generates or call.state.jobs[id].created_at <= now]


def _add_message(call: Call, job: Job, role: str, content: str, type: str = "text") -> None:
    job.details["messages"].insert(
        0, {"role": role, "content": content, "type": type, "created_at": int(call.state.now()), "resource_ids": None}
    )


def _status(call: Call, job: Job) -> str:
    state, video = job.state(call.state.now()), _video(call, job)
    if state == "generating" and video is not None:
        video_state = video.state(call.state.now())
        return video_state if video_state in {"completed", "failed"} else state
    return state


def _progress(call: Call, job: Job) -> int:
    video = _video(call, job)
    ends = video.ends_at if video is not None else job.ends_at
    share = (call.state.now() - job.created_at) / (ends - job.created_at) if ends > job.created_at else 1.0
    return max(0, min(100 if _status(call, job) == "completed" else 99, int(share * 100)))


def _get(call: Call) -> dict[str, Any]:
    job = call.state.find("session", call.ids["session_id"])
    status = _status(call, job)
    messages = job.details["messages"]
    if status == "waiting_for_input" and messages[0]["role"] == "user":
        _add_message(call, job, "model", job.details["question"] or "What shall I do?")
    if status == "failed" and messages[0]["type"] != "error":
        _add_message(call, job, "model", job.fail_message or "It failed.", "error")
    video = None if status in {"thinking", "waiting_for_input"} else _video(call, job)
    return {
        "session_id": job.id,
        "status": status,
        "created_at": int(job.created_at),
        "progress": _progress(call, job),
        "title": job.details["title"],
        "video_id": None if video is None else video.id,
        "messages": messages[:40],
    }


def _list(call: Call) -> JobListing:
    def describe(job: Job) -> dict[str, Any]:
        return {"session_id": job.id, "created_at": int(job.created_at), "title": job.details["title"]}

    return JobListing(call.state, "session", describe, 20)


def _send(call: Call) -> dict[str, Any]:
    job = call.state.find("session", call.ids["session_id"])
    if not job.details["chat"]:
        raise APIErrorResponse(400, "invalid_parameter", "Messages can only be sent to sessions created in chat mode.")
    now, video = call.state.now(), _video(call, job)
    renders = video is None or video.ends_at <= now
    message: str = call.get_field("message") or ""
    billed = agent_video(message)
    if renders and not call.state.is_running(job):
        call.state.reserve_capacity(billed.usd)
    _add_message(call, job, "user", message)
    job.states = [("thinking", now - job.created_at + call.state.render_seconds * _THINKING_SHARE), ("generating", 0.0)]
    if renders:
        _render(call, job, billed)
    return {"session_id": job.id, "run_id": call.state.new_id("run"), "title": job.details["title"]}


def _stop(call: Call) -> dict[str, Any]:
    """Stop a session: finished videos stay, a running one fails, and one that has not started is removed."""
    job = call.state.find("session", call.ids["session_id"])
    if _status(call, job) in {"completed", "failed"}:
        return {"session_id": job.id}
    started = _started_videos(call, job)
    call.state.deleted.update(job.details["videos"][len(started) :])
    job.details["videos"] = started
    now = call.state.now()
    for stopped in (job, *(call.state.jobs[id] for id in started[-1:])):
        if stopped is job or stopped.ends_at > now:
            stopped.end(now, "failed")
            stopped.fail_message = "The session was stopped."
    return {"session_id": job.id}


def _styles(call: Call) -> Listing:
    styles = list(call.state.catalog["style"].values())
    tag = call.query.get("tag")
    return Listing([style for style in styles if tag is None or tag in style["tags"]], "style_id")


def _videos(call: Call) -> list[dict[str, Any]]:
    ids = _started_videos(call, call.state.find("session", call.ids["session_id"]))
    videos = [call.state.jobs[id] for id in reversed(ids) if id not in call.state.deleted]
    return [describe(video, call.state.now(), call.storage) for video in videos]


def _all_resources(call: Call) -> list[dict[str, Any]]:
    job = call.state.find("session", call.ids["session_id"])
    return [
        {
            "resource_id": f"{job.id}_r{n}",
            "resource_type": kind,
            "source_type": "generated",
            "created_at": int(job.created_at),
        }
        for n, kind in enumerate(("avatar", "voice", "draft"))
    ]


def _resource(call: Call) -> dict[str, Any]:
    wanted = call.ids["resource_id"]
    for resource in _all_resources(call):
        if resource["resource_id"] == wanted:
            return resource
    raise APIErrorResponse.not_found("resource", wanted)


def _resources(call: Call) -> Listing:
    found = _all_resources(call)
    if "type" in call.query:
        found = [resource for resource in found if resource["resource_type"] == call.query["type"]]
    if "source" in call.query:
        found = [resource for resource in found if resource["source_type"] == call.query["source"]]
    if "resource_ids" in call.query:
        found = [resource for resource in found if resource["resource_id"] in call.query["resource_ids"].split(",")]
    return Listing(found, "resource_id", 8, "resources")


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "VideoAgentCreate": _create,
    "VideoAgentGet": _get,
    "VideoAgentList": _list,
    "VideoAgentSend": _send,
    "VideoAgentStop": _stop,
    "VideoAgentStylesList": _styles,
    "VideoAgentVideosList": _videos,
    "VideoAgentResourcesGet": _resource,
    "VideoAgentResourcesList": _resources,
}
