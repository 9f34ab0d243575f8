"""Video Agent sessions: they think, perhaps ask, and then a video of theirs is rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_errors import APIErrorResponse
from .call import Call, Listing
from .videos import begin, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..state import Job

__all__ = ["HANDLERS"]

PRICE = 2.0  # USD a session
_THINKS = 0.1  # of the time that the whole takes


def _create(call: Call) -> dict[str, Any]:
    state = call.state
    state.take_slots(PRICE)  # what is refused leaves nothing
    plan = state.plan_for("session")
    chat = call.given("mode") == "chat"
    question = plan.question or ("Which of your avatars shall present it?" if chat else None)
    thinks = (plan.seconds if plan.seconds is not None else state.render_seconds) * _THINKS
    states = list(
        plan.states or [("thinking", thinks), ("waiting_for_input" if question and chat else "generating", 0.0)]
    )
    job = state.create_job(
        "session", "session", states, title=call.given("prompt")[:40], messages=[], videos=[], chat=chat
    )
    if plan.fail_message is not None or plan.fail_code is not None:
        job.states = [("thinking", thinks), ("failed", 0.0)]
        job.fail_message = plan.fail_message or plan.fail_code
    job.facts["question"] = question
    _say(call, job, "user", call.given("prompt"))
    if job.states[-1][0] == "generating":
        _render(call, job)
    else:
        state.charge(PRICE, call.operation, job.id, call.key)
    return {"session_id": job.id, "status": _status(call, job), "created_at": int(job.made), "video_id": None}


def _render(call: Call, job: Job) -> None:
    """The session's video begins when the thinking ends."""
    video = begin(call, price=PRICE, session=job.id, title=job.facts["title"])
    video.made = job.ends
    job.facts["videos"].append(video.id)


def _video(call: Call, job: Job) -> Job | None:
    """The session's newest video."""
    return call.state.jobs[job.facts["videos"][-1]] if job.facts["videos"] else None


def _begun(call: Call, job: Job) -> list[str]:
    """The session's videos, oldest first, but for one that is rendered when the thinking ends."""
    now = call.state.now()
    generates = job.state(now) == "generating"
    return [id for id in job.facts["videos"] if generates or call.state.jobs[id].made <= now]


def _say(call: Call, job: Job, role: str, content: str, type: str = "text") -> None:
    job.facts["messages"].insert(
        0, {"role": role, "content": content, "type": type, "created_at": int(call.state.now()), "resource_ids": None}
    )


def _status(call: Call, job: Job) -> str:
    state, video = job.state(call.state.now()), _video(call, job)
    if state == "generating" and video is not None:
        of_video = video.state(call.state.now())
        return of_video if of_video in {"completed", "failed"} else state
    return state


def _progress(call: Call, job: Job) -> int:
    video = _video(call, job)
    ends = video.ends if video is not None else job.ends
    share = (call.state.now() - job.made) / (ends - job.made) if ends > job.made else 1.0
    return max(0, min(100 if _status(call, job) == "completed" else 99, int(share * 100)))


def _get(call: Call) -> dict[str, Any]:
    job = call.state.find("session", call.ids["session_id"])
    status = _status(call, job)
    messages = job.facts["messages"]
    if status == "waiting_for_input" and messages[0]["role"] == "user":
        _say(call, job, "model", job.facts["question"] or "What shall I do?")
    if status == "failed" and messages[0]["type"] != "error":
        _say(call, job, "model", job.fail_message or "It failed.", "error")
    video = None if status in {"thinking", "waiting_for_input"} else _video(call, job)
    return {
        "session_id": job.id,
        "status": status,
        "created_at": int(job.made),
        "progress": _progress(call, job),
        "title": job.facts["title"],
        "video_id": None if video is None else video.id,
        "messages": messages[:40],
    }


def _list(call: Call) -> Listing:
    jobs = call.state.jobs_of_kind("session")
    return Listing(
        [{"session_id": j.id, "created_at": int(j.made), "title": j.facts["title"]} for j in jobs], "session_id"
    )


def _send(call: Call) -> dict[str, Any]:
    job = call.state.find("session", call.ids["session_id"])
    if not job.facts["chat"]:
        raise APIErrorResponse(400, "invalid_parameter", "Messages can only be sent to sessions created in chat mode.")
    now, video = call.state.now(), _video(call, job)
    renders = video is None or video.ends <= now
    if renders and not call.state.runs(job):
        call.state.take_slots(PRICE)
    _say(call, job, "user", call.given("message"))
    job.states = [("thinking", now - job.made + call.state.render_seconds * _THINKS), ("generating", 0.0)]
    if renders:
        _render(call, job)
    return {"session_id": job.id, "run_id": call.state.new_id("run"), "title": job.facts["title"]}


def _stop(call: Call) -> dict[str, Any]:
    """What was rendered stays, what is being rendered fails, and what was not begun is not there."""
    job = call.state.find("session", call.ids["session_id"])
    if _status(call, job) in {"completed", "failed"}:
        return {"session_id": job.id}
    begun = _begun(call, job)
    call.state.deleted.update(job.facts["videos"][len(begun) :])
    job.facts["videos"] = begun
    now = call.state.now()
    for stopped in (job, *(call.state.jobs[id] for id in begun[-1:])):
        if stopped is job or stopped.ends > now:
            stopped.end(now, "failed")
            stopped.fail_message = "The session was stopped."
    return {"session_id": job.id}


def _styles(call: Call) -> Listing:
    tags = ("cinematic", "retro-tech", "minimal", "hand-drawn")
    styles = [
        {"style_id": f"style_{n:02d}", "name": f"Style {n}", "aspect_ratio": "16:9", "tags": [tags[n % 4]]}
        for n in range(30)
    ]
    tag = call.query.get("tag")
    return Listing([style for style in styles if tag is None or tag in style["tags"]], "style_id")


def _videos(call: Call) -> list[dict[str, Any]]:
    ids = _begun(call, call.state.find("session", call.ids["session_id"]))
    videos = [call.state.jobs[id] for id in reversed(ids) if id not in call.state.deleted]
    return [shown(video, call.state.now(), call.storage) for video in videos]


def _all_resources(call: Call) -> list[dict[str, Any]]:
    job = call.state.find("session", call.ids["session_id"])
    return [
        {
            "resource_id": f"{job.id}_r{n}",
            "resource_type": kind,
            "source_type": "generated",
            "created_at": int(job.made),
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
