"""`heygen.workflows`: graphs of nodes that HeyGen runs, in versions. HeyGen's reference calls workflows a preview.

```python
from pathlib import Path

from heygen_async import AsyncHeyGen
from heygen_async.types.workflows import (
    NodeOutputBinding,
    RunInputBinding,
    WorkflowGraph,
    WorkflowInput,
    WorkflowNode,
    WorkflowOutput,
)

GRAPH = WorkflowGraph(
    schema_version="1.0.0",
    inputs={"topic": WorkflowInput(type="text")},
    nodes=[
        WorkflowNode(id="script", type="script_writer", bindings={"topic": RunInputBinding(name="topic")}),
        WorkflowNode(
            id="video",
            type="avatar_video",
            variant="avatar_iv",
            bindings={"script": NodeOutputBinding(node_id="script", port="script")},
        ),
    ],
    outputs={"video": WorkflowOutput(node_id="video", port="video")},
)


async def run_workflow(heygen: AsyncHeyGen, topic: str, path: Path) -> list[str]:
    workflow = await heygen.workflows.create(
        name="Tour", product_graph=GRAPH, node_types=await heygen.workflows.list_node_types()
    )
    run = await heygen.workflow_runs.create_and_wait(
        workflow_id=workflow.id, inputs={"topic": topic}, idempotency_key="tour-1"
    )
    await heygen.download(run, path, url_field="outputs.video.url")
    return [node.node_id for node in run.failed_nodes or ()]
```

A `WorkflowGraph` is checked before it is sent: a duplicate or unknown node id, an undeclared input or a circle is an
`InvalidInputError` with the node's id. With `node_types=` from `list_node_types`, ports are checked too. A plain
mapping is checked by HeyGen. HeyGen never forgets the `idempotency_key` of a run, and refuses it with another body. A
run that ends `partial` is returned, and its `failed_nodes` name the failures. `update.nodes` counts the nodes by
state while the run continues.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from .._http.argument_checks import check_mappings
from .._http.operation import operation
from ..errors import InvalidInputError
from ..pagination import Pager
from ..types import workflows as models
from ..types.base import JSONValue
from . import validation
from .base import Resource
from .workflow_graphs import check_graph

#: The graph of a workflow, as a struct or as an equal mapping.
Graph: TypeAlias = models.WorkflowGraph | Mapping[str, JSONValue]


class Workflows(Resource):
    """Workflows, which are a preview. An account without access to it gets a 403 or 404 error.

    A graph is a `WorkflowGraph`, or an equal mapping. A `WorkflowGraph` is checked before it is sent: duplicate and
    unknown node ids, undeclared inputs, and circles. Types and ports are checked too when `node_types` has the result
    of `list_node_types`; a mapping is checked only then. HeyGen checks everything else, and responds to an invalid
    graph with an `UnprocessableError`. https://developers.heygen.com/reference
    """

    @operation("create_workflow", "POST", "/v3/workflows", idempotency="guarded", preview=True)
    async def create(
        self,
        *,
        name: str,
        product_graph: Graph,
        meta: Mapping[str, JSONValue] | None = None,
        node_types: models.NodeTypes | None = None,
        idempotency_key: str | None = None,
    ) -> models.Workflow:
        """Create a workflow, and publish its graph as version 1. A preview.

        Args:
            name: A name that no other workflow has, 1 to 256 characters.
            product_graph: The graph.
            meta: Data of your own.
            node_types: The result of `list_node_types`, to check types and ports before sending.
            idempotency_key: The key under which HeyGen recognises a repeat for 24 hours; by default a new one. Another
                body under the same key is a conflict.

        Raises:
            InvalidInputError: The graph has a mistake; the message has the node's id. Nothing was sent.
            ConflictError: The name is taken, or the key was used with another body.
            UnprocessableError: HeyGen rejected the graph. `body["error"]["errors"]` lists the reasons.
        """
        validation.check_text("name", name, 256)
        check_mappings(self.create, product_graph=product_graph)
        check_graph(product_graph, node_types)
        body = {"name": name, "product_graph": product_graph, "meta": meta}
        return await self._call(self.create, models.Workflow, body=body, key=idempotency_key)

    @operation("list_workflows", "GET", "/v3/workflows", preview=True)
    def list(self, *, limit: int | None = None, token: str | None = None) -> Pager[models.WorkflowSummary]:
        """List all workflows, without their graphs. A preview.

        Args:
            limit: The number of items per page, 1 to 100; by default 10.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list, models.WorkflowSummary, limit=limit, token=token)

    @operation("get_workflow", "GET", "/v3/workflows/{workflow_id}", preview=True)
    async def get(self, workflow_id: str) -> models.Workflow:
        """Return a workflow with its draft graph. A preview.

        Args:
            workflow_id: The id that `create` returned.
        """
        return await self._call(self.get, models.Workflow, workflow_id)

    @operation("update_workflow", "PATCH", "/v3/workflows/{workflow_id}", preview=True)
    async def update(
        self,
        workflow_id: str,
        *,
        product_graph: Graph,
        expected_revision: int,
        node_types: models.NodeTypes | None = None,
        idempotency_key: str | None = None,
    ) -> models.Workflow:
        """Replace the draft graph of a workflow. Its versions do not change. A preview.

        Args:
            workflow_id: The id that `create` returned.
            product_graph: The new graph.
            expected_revision: The `draft_revision` that the new graph is based on.
            node_types: The result of `list_node_types`, to check types and ports before sending.
            idempotency_key: Sent as `Idempotency-Key`; the API does not honour it here.

        Raises:
            InvalidInputError: The graph has a mistake; the message has the node's id. Nothing was sent.
            ConflictError: The draft has another revision. After a lost response the change itself may be the reason:
                compare the draft of `get` before you update again.
        """
        check_mappings(self.update, product_graph=product_graph)
        check_graph(product_graph, node_types)
        body = {"product_graph": product_graph, "expected_revision": expected_revision}
        return await self._call(self.update, models.Workflow, workflow_id, body=body, key=idempotency_key)

    @operation(
        "publish_workflow_version",
        "POST",
        "/v3/workflows/{workflow_id}/versions",
        idempotency="natural",
        preview=True,
    )
    async def publish_version(
        self,
        workflow_id: str,
        *,
        product_graph: Graph,
        node_types: models.NodeTypes | None = None,
        idempotency_key: str | None = None,
    ) -> models.WorkflowVersion:
        """Publish a graph as the next version of a workflow, which never changes. A preview.

        The draft is neither read nor changed. An unchanged graph returns the version that exists.

        Args:
            workflow_id: The id that `create` returned.
            product_graph: The graph.
            node_types: The result of `list_node_types`, to check types and ports before sending.
            idempotency_key: Sent as `Idempotency-Key`; publishing the same graph twice is safe without it.

        Raises:
            InvalidInputError: The graph has a mistake; the message has the node's id. Nothing was sent.
            UnprocessableError: HeyGen rejected the graph. `body["error"]["errors"]` lists the reasons.
        """
        check_mappings(self.publish_version, product_graph=product_graph)
        check_graph(product_graph, node_types)
        body = {"product_graph": product_graph}
        return await self._call(
            self.publish_version, models.WorkflowVersion, workflow_id, body=body, key=idempotency_key
        )

    @operation("list_workflow_versions", "GET", "/v3/workflows/{workflow_id}/versions", preview=True)
    def list_versions(
        self, workflow_id: str, *, limit: int | None = None, token: str | None = None
    ) -> Pager[models.WorkflowVersionSummary]:
        """List the versions of a workflow, without their graphs. A preview.

        Args:
            workflow_id: The id that `create` returned.
            limit: The number of items per page, 1 to 100; by default 10.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list_versions, models.WorkflowVersionSummary, workflow_id, limit=limit, token=token)

    @operation("get_workflow_version", "GET", "/v3/workflows/{workflow_id}/versions/{version_number}", preview=True)
    async def get_version(self, workflow_id: str, version_number: int) -> models.WorkflowVersion:
        """Return one version of a workflow with its graph. A preview.

        Args:
            workflow_id: The id that `create` returned.
            version_number: The number of the version, from 1.
        """
        if not isinstance(version_number, int) or version_number < 1:
            raise InvalidInputError("version_number", version_number, "an integer from 1")
        return await self._call(self.get_version, models.WorkflowVersion, workflow_id, str(version_number))

    @operation("list_workflow_node_types", "GET", "/v3/workflows/node-types", preview=True)
    async def list_node_types(self) -> models.NodeTypes:
        """Return the types of nodes that graphs can have, with their settings and ports. A preview."""
        return await self._call(self.list_node_types, models.NodeTypes)
