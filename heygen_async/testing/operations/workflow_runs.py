"""Runs of workflows. The nodes of a graph run level by level, and a plan may let some of them fail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..api_errors import APIErrorResponse
from . import prices
from .call import Call, JobListing, Listing
from .workflow_graphs import levels, parents
from .workflow_node_types import find_variant
from .workflows import find_version, find_workflow

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..jobs import Job

__all__ = ["HANDLERS"]

_MAX_BYTES = 1 << 20
_START_SHARE = 0.1  # of a run's time, in which it is pending
_ENDS = frozenset({"succeeded", "partial", "failed", "canceled"})
_FILES = {"video": "video.mp4", "image": "thumbnail.jpg", "audio": "speech.wav"}


def _create(call: Call) -> dict[str, Any]:
    if len(call.raw) > _MAX_BYTES:
        raise APIErrorResponse.invalid_parameter(None, "The request body must have at most 1 MiB.")
    workflow = find_workflow(call, call.body["workflow_id"])
    version = find_version(workflow, call.get_field("version_number"))
    if workflow.details["status"] == "archived":
        raise APIErrorResponse(409, "workflow_archived", f"The workflow '{workflow.id}' is archived.")
    graph = version["product_graph"]
    _check_inputs(graph.get("inputs", {}), call.get_field("inputs") or {})
    price = prices.OWN_PRICES["WorkflowRunCreate"] * len(graph.get("nodes", ()))
    call.state.check_balance(price)
    seconds = call.state.render_seconds
    states = [("pending", seconds * _START_SHARE), ("processing", seconds * (1 - _START_SHARE)), ("succeeded", 0.0)]
    job = call.state.create_job("workflow_run", "run", states, workflow=workflow.id, version=version)
    job.details["times"] = _node_times(job, graph)
    if job.failed_nodes:
        job.states = [*job.states[:-1], (_outcome(job), 0.0)]
    call.state.charge(price, call.operation, job.id, call.key)
    return _describe(call, job)


def _check_inputs(declared: dict[str, Any], inputs: dict[str, Any]) -> None:
    for name in inputs:
        if name not in declared:
            raise APIErrorResponse.invalid_parameter(f"inputs.{name}", f"The graph has no input '{name}'.")
    for name, about in declared.items():
        if about.get("required", True) and name not in inputs:
            raise APIErrorResponse.invalid_parameter(f"inputs.{name}", f"'inputs.{name}' is required.")


def _node_times(job: Job, graph: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Return, for each node, the seconds from the run's start to the node's start and end."""
    level_of = levels(graph)
    pending = job.states[0][1] if len(job.states) > 1 else 0.0
    step = (job.seconds - pending) / (max(level_of.values(), default=0) + 1)
    return {id: (pending + step * level, pending + step * (level + 1)) for id, level in level_of.items()}


def _failures(job: Job, state: str) -> tuple[set[str], set[str]]:
    """Return the nodes that fail, and those that are skipped because they wait for a failed one."""
    graph = job.details["version"]["product_graph"]
    before, failed = parents(graph), set(job.failed_nodes)
    if state == "failed" and not failed:  # the run failed as a whole: its first nodes did
        failed = {id for id, level in levels(graph).items() if level == 0}
    skipped: set[str] = set()
    for id in levels(graph):  # parents come first
        if id not in failed and not (failed | skipped).isdisjoint(before[id]):
            skipped.add(id)
    return failed, skipped


def _outcome(job: Job) -> str:
    """Return the end of a run with failed nodes: `partial` when an output, or without outputs a node, has a result."""
    graph = job.details["version"]["product_graph"]
    failed, skipped = _failures(job, "partial")
    sources = {output["node_id"] for output in graph.get("outputs", {}).values()} or {*levels(graph)}
    return "partial" if sources - failed - skipped else "failed"


def _state(job: Job, now: float) -> str:
    state = job.state(now)
    return (_outcome(job) if job.failed_nodes else "succeeded") if state == "completed" else state


def _node_states(job: Job, now: float) -> dict[str, str]:
    """Return the state of each node."""
    run_state, elapsed = _state(job, now), now - job.created_at
    failed, skipped = _failures(job, run_state)
    states: dict[str, str] = {}
    for id, (start, end) in job.details["times"].items():
        if run_state == "canceled" and job.seconds < end:
            states[id] = "canceled"
        elif id in skipped:
            states[id] = "skipped" if run_state in _ENDS or elapsed >= start else "pending"
        elif run_state in _ENDS or elapsed >= end:
            states[id] = "failed" if id in failed else "succeeded"
        else:
            states[id] = "processing" if elapsed >= start else "pending"
    return states


def _describe(call: Call, job: Job) -> dict[str, Any]:
    now = call.state.now()
    state, node_states, version = _state(job, now), _node_states(job, now), job.details["version"]
    counts = {"total": len(node_states)}
    for node_state in node_states.values():
        counts[node_state] = counts.get(node_state, 0) + 1
    failed = next((id for id, node_state in node_states.items() if node_state == "failed"), None)
    return {
        "id": job.id,
        "workflow": {
            "id": job.details["workflow"],
            "version_id": version["id"],
            "version_number": version["version_number"],
        },
        "status": state,
        "created_at": _time(job.created_at),
        "started_at": None if state == "pending" else _time(job.created_at + job.states[0][1] * (len(job.states) > 2)),
        "completed_at": _time(job.ends_at) if state in _ENDS else None,
        "progress": counts,
        "error": _error(job, failed) if state in {"failed", "partial"} else None,
        "outputs": [_output(call, job, name, node_states) for name in version["product_graph"].get("outputs", {})],
    }


def _output(call: Call, job: Job, name: str, node_states: dict[str, str]) -> dict[str, Any]:
    graph = job.details["version"]["product_graph"]
    source = graph["outputs"][name]
    node = next(node for node in graph["nodes"] if node["id"] == source["node_id"])
    variant = find_variant(node["type"], node.get("variant")) or {"output_ports": []}
    type = next(port["type"] for port in variant["output_ports"] if port["name"] == source["port"])
    state = {"succeeded": "ready", "failed": "failed", "skipped": "failed", "canceled": "failed"}.get(
        node_states[node["id"]], "pending"
    )
    output: dict[str, Any] = {"name": name, "type": type, "status": state}
    if state == "ready" and type in _FILES:
        url = call.storage.presigned(f"/workflow_runs/{job.id}_{name}/{_FILES[type]}")
        output |= {"delivery": "reference", "artifact_id": f"artifact_{job.id}_{name}", "url": url, "expires_in": 3600}
    elif state == "ready":
        output |= {"delivery": "inline", "value": f"The result of {node['id']}."}
    return output


def _error(job: Job, node_id: str | None) -> dict[str, Any]:
    return {
        "code": job.fail_code or "node_failed",
        "message": job.fail_message or "A node failed.",
        "node_id": node_id,
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _find(call: Call) -> Job:
    return call.state.find("workflow_run", call.ids["run_id"])


def _get(call: Call) -> dict[str, Any]:
    return _describe(call, _find(call))


def _list(call: Call) -> JobListing:
    now = call.state.now()

    def describe(job: Job) -> dict[str, Any]:
        return {
            "id": job.id,
            "version_id": job.details["version"]["id"],
            "status": _state(job, now),
            "created_at": _time(job.created_at),
        }

    def matches(job: Job) -> bool:
        return bool(job.details["workflow"] == call.query["workflow_id"])

    return JobListing(call.state, "workflow_run", describe, matches=matches)


def _cancel(call: Call) -> dict[str, Any]:
    job = _find(call)
    if _state(job, call.state.now()) not in _ENDS:
        job.end(call.state.now(), "canceled")
    return _describe(call, job)


def _list_nodes(call: Call) -> Listing:
    job, now = _find(call), call.state.now()
    types = {node["id"]: node["type"] for node in job.details["version"]["product_graph"].get("nodes", ())}
    nodes: list[dict[str, Any]] = []
    for id, state in _node_states(job, now).items():
        start, end = job.details["times"][id]
        ran = state in {"processing", "succeeded", "failed"}
        nodes.append(
            {
                "node_id": id,
                "node_type": types[id],
                "status": state,
                "started_at": _time(job.created_at + start) if ran else None,
                "completed_at": _time(job.created_at + end) if state in {"succeeded", "failed"} else None,
                "error": _error(job, id) if state == "failed" else None,
            }
        )
    return Listing(nodes, "node_id", 10)


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "WorkflowRunCreate": _create,
    "WorkflowRunList": _list,
    "WorkflowRunGet": _get,
    "WorkflowRunCancel": _cancel,
    "WorkflowRunNodesList": _list_nodes,
}
