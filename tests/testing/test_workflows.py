"""Workflows, their runs and comparisons in the local HeyGen, by a plain client."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from workflow_support import GRAPH, changed

from heygen_async.testing import HeyGenEmulator, Plan

FILE = {"type": "url", "url": "https://example.com/a.mp4"}
COMPARISON: dict[str, Any] = {
    "prompt": "A calm sea", "model_a": "one", "model_b": "two", "video_a": FILE, "video_b": FILE, "question_id": "craft",
}  # fmt: skip
RUN = {"inputs": {"topic": "The sea"}}


class Plain:
    """A client that knows nothing of the SDK."""

    def __init__(self, api: HeyGenEmulator, session: aiohttp.ClientSession) -> None:
        self.api = api
        self.session = session

    async def __call__(
        self, method: str, path: str, body: Any = None, *, key: str | None = None
    ) -> tuple[int, Any, str | None]:
        """Return the status, the data or the error code, and the field at fault."""
        headers = {"X-Api-Key": self.api.key} | ({"Idempotency-Key": key} if key else {})
        data = None if body is None else io.BytesIO(json.dumps(body).encode())
        async with self.session.request(method, self.api.url + path, data=data, headers=headers) as response:
            content = await response.json()
        error = content.get("error")
        return response.status, error["code"] if error else content["data"], error and error.get("param")

    async def workflow(self, name: str = "Tour", graph: dict[str, Any] = GRAPH) -> dict[str, Any]:
        """Create a workflow."""
        status, workflow, _ = await self("POST", "/v3/workflows", {"name": name, "product_graph": graph})
        assert status == 201, workflow
        return dict(workflow)

    async def run(self, workflow_id: str, key: str = "run-1") -> dict[str, Any]:
        """Start a run."""
        _, run, _ = await self("POST", "/v3/workflow-runs", {"workflow_id": workflow_id, **RUN}, key=key)
        return dict(run)


@pytest.fixture
async def ask(api: HeyGenEmulator) -> AsyncIterator[Plain]:
    async with aiohttp.ClientSession() as session:
        yield Plain(api, session)


NEW: dict[str, Any] = {"name": "New", "product_graph": GRAPH}
#: Requests that the contract refuses: the request, the status, the code, and the field.
REFUSED: list[tuple[str, str, Any, int, str, str | None]] = [
    ("POST", "/v3/workflows", {}, 400, "invalid_parameter", "name"),
    ("POST", "/v3/workflows", {"name": ""} | {"product_graph": GRAPH}, 400, "invalid_parameter", "name"),
    ("POST", "/v3/workflows", {"name": "x" * 257, "product_graph": GRAPH}, 400, "invalid_parameter", "name"),
    ("POST", "/v3/workflows", {"name": "New"}, 400, "invalid_parameter", "product_graph"),
    ("POST", "/v3/workflows", NEW | {"extra": 1}, 400, "invalid_parameter", "extra"),
    ("POST", "/v3/workflows", {**NEW, "name": "Tour"}, 409, "conflict", "name"),
    ("GET", "/v3/workflows?limit=101", None, 400, "invalid_parameter", "limit"),
    ("GET", "/v3/workflows?page=1", None, 400, "invalid_parameter", "page"),
    ("GET", "/v3/workflows/none", None, 404, "resource_not_found", None),
    ("PATCH", "/v3/workflows/none", {"product_graph": GRAPH, "expected_revision": 1}, 404, "resource_not_found", None),
    ("PATCH", "/v3/workflows/{workflow}", {"product_graph": GRAPH}, 400, "invalid_parameter", "expected_revision"),
    ("PATCH", "/v3/workflows/{workflow}", {"product_graph": GRAPH, "expected_revision": -1}, 400, "invalid_parameter", "expected_revision"),
    ("PATCH", "/v3/workflows/{workflow}", {"product_graph": GRAPH, "expected_revision": 7}, 409, "conflict", "expected_revision"),
    ("POST", "/v3/workflows/none/versions", {"product_graph": GRAPH}, 404, "resource_not_found", None),
    ("POST", "/v3/workflows/{workflow}/versions", {"name": "x"}, 400, "invalid_parameter", "product_graph"),
    ("GET", "/v3/workflows/none/versions", None, 404, "resource_not_found", None),
    ("GET", "/v3/workflows/{workflow}/versions?limit=0", None, 400, "invalid_parameter", "limit"),
    ("GET", "/v3/workflows/{workflow}/versions/2", None, 404, "resource_not_found", None),
    ("GET", "/v3/workflows/{workflow}/versions/one", None, 400, "invalid_parameter", "version_number"),
    ("GET", "/v3/workflows/node-types?limit=1", None, 400, "invalid_parameter", "limit"),
    ("POST", "/v3/workflow-runs", {}, 400, "invalid_parameter", "workflow_id"),
    ("POST", "/v3/workflow-runs", {"workflow_id": "none"}, 404, "resource_not_found", None),
    ("POST", "/v3/workflow-runs", {"workflow_id": "{workflow}", "version_number": 0}, 400, "invalid_parameter", "version_number"),
    ("POST", "/v3/workflow-runs", {"workflow_id": "{workflow}", "version_number": 9, **RUN}, 404, "resource_not_found", None),
    ("POST", "/v3/workflow-runs", {"workflow_id": "{workflow}"}, 400, "invalid_parameter", "inputs.topic"),
    ("POST", "/v3/workflow-runs", {"workflow_id": "{workflow}", "inputs": {"topic": "x", "no": 1}}, 400, "invalid_parameter", "inputs.no"),
    ("POST", "/v3/workflow-runs", {"workflow_id": "{workflow}", "inputs": {"topic": "x" * (1 << 20)}}, 400, "invalid_parameter", None),
    ("GET", "/v3/workflow-runs", None, 400, "invalid_parameter", "workflow_id"),
    ("GET", "/v3/workflow-runs/none", None, 404, "resource_not_found", None),
    ("POST", "/v3/workflow-runs/none/cancel", None, 404, "resource_not_found", None),
    ("GET", "/v3/workflow-runs/none/nodes", None, 404, "resource_not_found", None),
    ("GET", "/v3/workflow-runs/{run}/nodes?token=x", None, 400, "invalid_parameter", "token"),
    ("POST", "/v3/video-quality/comparisons", {**COMPARISON, "prompt": ""}, 400, "invalid_parameter", "prompt"),
    ("POST", "/v3/video-quality/comparisons", {**COMPARISON, "model_a": "x" * 256}, 400, "invalid_parameter", "model_a"),
    ("POST", "/v3/video-quality/comparisons", {**COMPARISON, "question_id": "q2"}, 400, "invalid_parameter", "question_id"),
    ("POST", "/v3/video-quality/comparisons", {**COMPARISON, "video_b": {"type": "file"}}, 400, "invalid_parameter", "video_b.type"),
    ("GET", "/v3/video-quality/comparisons/none", None, 404, "resource_not_found", None),
    ("POST", "/v3/video-quality/comparisons/batches", {"comparisons": []}, 400, "invalid_parameter", "comparisons"),
    ("POST", "/v3/video-quality/comparisons/batches", {"comparisons": [COMPARISON] * 101}, 400, "invalid_parameter", "comparisons"),
    ("POST", "/v3/video-quality/comparisons/batches", {"comparisons": [COMPARISON, {}]}, 400, "invalid_parameter", "comparisons[1].prompt"),
    ("GET", "/v3/video-quality/comparisons/batches/none", None, 404, "resource_not_found", None),
    ("GET", "/v3/video-quality/comparisons/batches/{batch}?limit=101", None, 400, "invalid_parameter", "limit"),
]  # fmt: skip


async def test_refuses_what_the_contract_refuses(ask: Plain) -> None:
    workflow = await ask.workflow()
    run = await ask.run(workflow["id"])
    _, batch, _ = await ask("POST", "/v3/video-quality/comparisons/batches", {"comparisons": [COMPARISON]})
    ids = {"workflow": workflow["id"], "run": run["id"], "batch": batch["batch_id"]}
    charged = len(ask.api.ledger)
    for number, (method, path, body, *expected) in enumerate(REFUSED):
        if body and body.get("workflow_id") == "{workflow}":
            body = {**body, "workflow_id": workflow["id"]}
        refused = await ask(method, path.format_map(ids), body, key=f"refused-{number}")
        assert list(refused) == expected, (method, path, body)
    assert len(ask.api.ledger) == charged


#: Graphs that HeyGen refuses: the place of the change, the new value, the code, the node, and the path.
INVALID_GRAPHS: list[tuple[tuple[str | int, ...], Any, str, str | None, str]] = [
    (("nodes", 1, "id"), "script", "duplicate_node_id", "script", "nodes[1].id"),
    (("nodes", 4, "depends_on"), ["none"], "unknown_node_id", "summary", "nodes[4].depends_on[0]"),
    (("nodes", 3, "bindings", "video", "node_id"), "none", "unknown_node_id", "spanish", "nodes[3].bindings.video.node_id"),
    (("nodes", 3, "bindings", "video", "port"), "none", "invalid_port", "spanish", "nodes[3].bindings.video.port"),
    (("nodes", 0, "bindings", "topic", "name"), "none", "undeclared_input", "script", "nodes[0].bindings.topic.name"),
    (("nodes", 0, "depends_on"), ["spanish"], "cycle", "script", "nodes"),
    (("nodes", 0, "type"), "none", "unknown_node_type", "script", "nodes[0].type"),
    (("nodes", 2, "variant"), "none", "unknown_node_type", "video", "nodes[2].type"),
    (("nodes", 0, "config"), {"none": 1}, "invalid_config", "script", "nodes[0].config.none"),
    (("nodes", 3, "config"), {}, "invalid_config", "spanish", "nodes[3].config.output_language"),
    (("nodes", 1, "bindings"), {}, "invalid_port", "picture", "nodes[1].bindings.prompt"),
    (("outputs", "video", "node_id"), "none", "unknown_node_id", None, "outputs.video.node_id"),
    (("outputs", "video", "port"), "none", "invalid_port", "video", "outputs.video.port"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value", "code", "node", "path"), INVALID_GRAPHS)
async def test_an_invalid_graph_is_refused_with_its_mistakes(
    place: tuple[str | int, ...], value: Any, code: str, node: str | None, path: str, ask: Plain
) -> None:
    workflow = await ask.workflow()
    graph = changed(*place, value=value)
    for address, body in (
        ("/v3/workflows", {"name": "Other"}),
        (f"/v3/workflows/{workflow['id']}/versions", {}),
    ):
        url, headers = ask.api.url + address, {"X-Api-Key": ask.api.key}
        async with ask.session.post(url, json={**body, "product_graph": graph}, headers=headers) as response:
            error = (await response.json())["error"]
        assert (response.status, error["code"]) == (422, "graph_invalid")
        assert (code, node, path) in {(one["code"], one["node_id"], one["path"]) for one in error["errors"]}, error


@pytest.mark.parametrize(
    ("binding", "field"),
    [
        ({}, "kind"),
        ({"kind": "file"}, "kind"),
        ({"kind": "node_output", "node_id": "script"}, "port"),
        ({"kind": "run_input", "name": "1"}, "name"),
        ({"kind": "object", "fields": {"a": {"kind": "list", "items": [{"kind": "none"}]}}}, "fields.a.items[0].kind"),
        ({"kind": "literal", "valeu": 1}, "valeu"),
    ],
)
async def test_a_binding_has_a_documented_form_at_every_depth(binding: Any, field: str, ask: Plain) -> None:
    graph = changed("nodes", 0, "bindings", "topic", value=binding)
    refused = await ask("POST", "/v3/workflows", {"name": "Other", "product_graph": graph})
    assert refused == (400, "invalid_parameter", f"product_graph.nodes[0].bindings.topic.{field}")


async def test_a_version_never_changes(ask: Plain) -> None:
    workflow = await ask.workflow()
    path = f"/v3/workflows/{workflow['id']}"
    assert workflow["latest_version"]["version_number"] == 1
    shorter = changed("outputs", value={})
    status, draft, _ = await ask("PATCH", path, {"product_graph": shorter, "expected_revision": 1})
    assert (status, draft["draft_revision"], draft["draft_product_graph"]) == (200, 2, shorter)
    assert (await ask("GET", f"{path}/versions/1"))[1]["product_graph"] == GRAPH
    status, version, _ = await ask("POST", f"{path}/versions", {"product_graph": shorter})
    assert (status, version["version_number"]) == (201, 2)
    status, same, _ = await ask("POST", f"{path}/versions", {"product_graph": GRAPH})
    assert (status, same["version_number"]) == (200, 1)
    _, versions, _ = await ask("GET", f"{path}/versions")
    assert [one["version_number"] for one in versions] == [2, 1]
    assert (await ask("GET", path))[1]["draft_revision"] == 2
    parents = {step["node_id"]: step["parents"] for step in version["plan_summary"]}
    assert parents == {
        "script": [], "picture": [], "video": ["script", "picture"], "spanish": ["video"], "summary": ["script"],
    }  # fmt: skip


async def test_a_run_with_a_failing_node_is_partial(ask: Plain) -> None:
    ask.api.plan(Plan(kind="workflow_run", seconds=100, failed_nodes=["video"]))
    workflow = await ask.workflow()
    run = await ask.run(workflow["id"])
    path = f"/v3/workflow-runs/{run['id']}"
    observed = [(run["status"], run["progress"])]
    for seconds in (11, 30, 30, 30):
        ask.api.clock.advance(seconds)
        _, run, _ = await ask("GET", path)
        observed.append((run["status"], run["progress"]))
    assert observed == [
        ("pending", {"total": 5, "pending": 5}),
        ("processing", {"total": 5, "processing": 2, "pending": 3}),
        ("processing", {"total": 5, "succeeded": 2, "processing": 2, "pending": 1}),
        ("processing", {"total": 5, "succeeded": 3, "failed": 1, "skipped": 1}),
        ("partial", {"total": 5, "succeeded": 3, "failed": 1, "skipped": 1}),
    ]
    assert run["error"] == {"code": "node_failed", "message": "A node failed.", "node_id": "video"}
    states = {output["name"]: output["status"] for output in run["outputs"]}
    assert states == {"spanish": "failed", "video": "failed", "summary": "ready"}
    _, nodes, _ = await ask("GET", f"{path}/nodes")
    assert {node["node_id"]: node["status"] for node in nodes} == {
        "script": "succeeded", "picture": "succeeded", "video": "failed", "spanish": "skipped", "summary": "succeeded",
    }  # fmt: skip
    assert run["started_at"] < run["completed_at"]


@pytest.mark.parametrize(
    ("plan", "status", "failed"),
    [
        (Plan(kind="workflow_run", failed_nodes=["script"]), "failed", ["script"]),
        (Plan(kind="workflow_run", fail_code="internal_error"), "failed", ["script", "picture"]),
        (Plan(kind="workflow_run"), "succeeded", []),
    ],
)
async def test_a_run_ends_by_its_plan(plan: Plan, status: str, failed: list[str], ask: Plain) -> None:
    ask.api.plan(plan)
    run = await ask.run((await ask.workflow())["id"])
    ask.api.clock.advance(60)
    path = f"/v3/workflow-runs/{run['id']}"
    assert (await ask("GET", path))[1]["status"] == status
    nodes = (await ask("GET", f"{path}/nodes"))[1]
    assert [node["node_id"] for node in nodes if node["status"] == "failed"] == failed


async def test_a_canceled_run_keeps_what_has_ended(ask: Plain) -> None:
    run = await ask.run((await ask.workflow())["id"])
    path = f"/v3/workflow-runs/{run['id']}"
    ask.api.clock.advance(30)
    for _ in range(2):
        status, run, _ = await ask("POST", f"{path}/cancel")
        assert (status, run["status"]) == (200, "canceled")
        assert run["progress"] == {"total": 5, "succeeded": 2, "canceled": 3}
    other = await ask.run(run["workflow"]["id"], key="run-2")
    ask.api.finish(other["id"])
    assert (await ask("POST", f"/v3/workflow-runs/{other['id']}/cancel"))[1]["status"] == "succeeded"


async def test_keys_are_replayed_as_each_kind_demands(ask: Plain) -> None:
    api, day = ask.api, 86_400.0
    status, workflow, _ = await ask("POST", "/v3/workflows", NEW, key="w")
    assert (status, await ask("POST", "/v3/workflows", NEW, key="w")) == (201, (200, workflow, None))
    assert (await ask("POST", "/v3/workflows", {**NEW, "name": "Other"}, key="w"))[:2] == (409, "conflict")
    body = {"workflow_id": workflow["id"], **RUN}
    assert await ask("POST", "/v3/workflow-runs", body) == (400, "invalid_parameter", "Idempotency-Key")
    status, run, _ = await ask("POST", "/v3/workflow-runs", body, key="r")
    _, comparison, _ = await ask("POST", "/v3/video-quality/comparisons", COMPARISON, key="c")
    replay = await ask("POST", "/v3/video-quality/comparisons", {**COMPARISON, "prompt": "Other"}, key="c")
    assert replay == (202, comparison, None)
    assert len(api.ledger) == 2
    api.clock.advance(day + 1)
    assert (await ask("POST", "/v3/workflows", {**NEW, "name": "Other"}, key="w"))[0] == 201
    assert (await ask("POST", "/v3/video-quality/comparisons", COMPARISON, key="c"))[1] != comparison
    api.clock.advance(400 * day)
    assert (status, await ask("POST", "/v3/workflow-runs", body, key="r")) == (201, (200, run, None))
    changed_body = {**body, "inputs": {"topic": "Another"}}
    assert (await ask("POST", "/v3/workflow-runs", changed_body, key="r"))[:2] == (409, "conflict")
    assert len([charge for charge in api.ledger if charge.operation == "WorkflowRunCreate"]) == 1


async def test_an_archived_workflow_starts_no_run(ask: Plain) -> None:
    workflow = await ask.workflow()
    ask.api.state.jobs[workflow["id"]].details["status"] = "archived"
    body = {"workflow_id": workflow["id"], **RUN}
    assert (await ask("POST", "/v3/workflow-runs", body, key="k"))[:2] == (409, "workflow_archived")


async def test_a_comparison_is_finished_at_once_or_goes_on(ask: Plain) -> None:
    status, comparison, _ = await ask("POST", "/v3/video-quality/comparisons", COMPARISON)
    assert (status, comparison["status"], comparison["result"]) == (202, "processing", None)
    ask.api.clock.advance(60)
    _, comparison, _ = await ask("GET", f"/v3/video-quality/comparisons/{comparison['comparison_id']}")
    assert comparison["result"]["winner"] == COMPARISON[f"model_{comparison['result']['winner_side']}"]
    ask.api.plan(Plan(kind="comparison", seconds=0))
    status, comparison, _ = await ask("POST", "/v3/video-quality/comparisons", COMPARISON)
    assert (status, comparison["status"]) == (200, "completed")


async def test_a_batch_of_comparisons_has_pages_inside_data(ask: Plain) -> None:
    ask.api.plan(Plan(kind="comparison", fail_code="unreadable", count=1))
    path = "/v3/video-quality/comparisons/batches"
    status, created, _ = await ask("POST", path, {"comparisons": [COMPARISON] * 3})
    assert (status, created["total_items"]) == (202, 3)
    ask.api.clock.advance(60)
    _, batch, _ = await ask("GET", f"{path}/{created['batch_id']}?limit=2")
    assert (batch["status"], batch["counts"]) == ("completed", {"processing": 0, "completed": 2, "failed": 1})
    assert batch["items"][0]["comparison"]["error"]["code"] == "unreadable"
    _, rest, _ = await ask("GET", f"{path}/{created['batch_id']}?token={batch['next_token']}")
    assert ([item["item_index"] for item in rest["items"]], rest["has_more"]) == ([2], False)
