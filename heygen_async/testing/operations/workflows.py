"""Workflows: drafts, and versions that never change."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from ..api_errors import APIErrorResponse
from .call import Call, JobListing, Listing, WithStatus
from .workflow_graphs import check_graph, parents
from .workflow_node_types import NODE_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..jobs import Job

__all__ = ["HANDLERS", "find_version", "find_workflow"]


def find_workflow(call: Call, id: str) -> Job:
    """Return a workflow, which is a resource that `State.jobs` holds."""
    return call.state.find("workflow", id)


def find_version(workflow: Job, number: int | None) -> dict[str, Any]:
    """Return a version of a workflow; the latest without a number."""
    versions = workflow.details["versions"]
    found = [one for one in versions if number in {None, one["version_number"]}]
    if not found:
        raise APIErrorResponse.not_found("workflow_version", str(number))
    return dict(found[-1])


def _create(call: Call) -> dict[str, Any]:
    name, graph = call.body["name"], call.body["product_graph"]
    if any(job.details["name"] == name for job in call.state.jobs_of_kind("workflow")):
        raise APIErrorResponse(409, "conflict", f"There is a workflow '{name}' already.", param="name")
    check_graph(graph)
    workflow = call.state.add_resource(
        "workflow", "workflow", name=name, status="active", draft=graph, revision=1, meta=call.get_field("meta"),
        versions=[],
    )  # fmt: skip
    _publish_graph(call, workflow, graph)
    return _describe(workflow)


def _publish_graph(call: Call, workflow: Job, graph: dict[str, Any]) -> dict[str, Any]:
    versions, before = workflow.details["versions"], parents(graph)
    version = {
        "id": call.state.new_id("version"),
        "definition_id": workflow.id,
        "version_number": len(versions) + 1,
        "checksum": _checksum(graph),
        "compiler_version": "1.0.0",
        "adapter_manifest_digest": hashlib.sha256(b"adapters").hexdigest(),
        "product_graph": graph,
        "plan_summary": [
            {
                "node_id": node["id"],
                "family": node["type"],
                "variant": node.get("variant"),
                "contract_version": "1.0.0",
                "adapter_version": "1.0.0",
                "parents": list(dict.fromkeys(before[node["id"]])),
            }
            for node in graph.get("nodes", ())
        ],
    }
    versions.append(version)
    return version


def _checksum(graph: dict[str, Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(graph, order="sorted")).hexdigest()


def _summary(workflow: Job) -> dict[str, Any]:
    details = workflow.details
    return {
        "id": workflow.id,
        "name": details["name"],
        "status": details["status"],
        "draft_revision": details["revision"],
    }


def _describe(workflow: Job) -> dict[str, Any]:
    latest = workflow.details["versions"][-1]
    return {
        **_summary(workflow),
        "draft_product_graph": workflow.details["draft"],
        "meta": workflow.details["meta"],
        "latest_version": {"id": latest["id"], "version_number": latest["version_number"]},
    }


def _find(call: Call) -> Job:
    return find_workflow(call, call.ids["workflow_id"])


def _list(call: Call) -> JobListing:
    return JobListing(call.state, "workflow", _summary)


def _get(call: Call) -> dict[str, Any]:
    return _describe(_find(call))


def _update(call: Call) -> dict[str, Any]:
    workflow = _find(call)
    revision = workflow.details["revision"]
    if call.body["expected_revision"] != revision:
        message = f"The draft has the revision {revision}, not {call.body['expected_revision']}."
        raise APIErrorResponse(409, "conflict", message, param="expected_revision")
    workflow.details |= {"draft": call.body["product_graph"], "revision": revision + 1}
    return _describe(workflow)


def _publish(call: Call) -> WithStatus:
    workflow, graph = _find(call), call.body["product_graph"]
    check_graph(graph)
    checksum = _checksum(graph)
    for version in workflow.details["versions"]:
        if version["checksum"] == checksum:
            return WithStatus(version, 200)
    return WithStatus(_publish_graph(call, workflow, graph), 201)


def _list_versions(call: Call) -> Listing:
    names = ("id", "version_number", "checksum")
    versions = reversed(_find(call).details["versions"])
    return Listing([{name: version[name] for name in names} for version in versions], "id", 10)


def _get_version(call: Call) -> dict[str, Any]:
    number = call.ids["version_number"]
    if not number.isdecimal():
        raise APIErrorResponse.invalid_parameter("version_number", "'version_number' must be an integer.")
    return find_version(_find(call), int(number))


def _list_node_types(_: Call) -> dict[str, Any]:
    return {"families": NODE_TYPES}


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "WorkflowCreate": _create,
    "WorkflowList": _list,
    "WorkflowGet": _get,
    "WorkflowUpdate": _update,
    "WorkflowVersionPublish": _publish,
    "WorkflowVersionList": _list_versions,
    "WorkflowVersionGet": _get_version,
    "WorkflowNodeTypesList": _list_node_types,
}
