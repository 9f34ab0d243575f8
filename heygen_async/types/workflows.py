"""Workflows: graphs of nodes that HeyGen runs, their versions, and the types of nodes.

The structs of a graph are both sent and received: a draft from `workflows.get` can be changed and sent back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, TypeAlias

from msgspec import UNSET, Meta, UnsetType

from .base import JSONValue, OpenEnum, ResponseStruct


class WorkflowStatus(OpenEnum):
    """The state of a workflow. An archived one cannot be run."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


class NodeLifecycle(OpenEnum):
    """Whether new graphs should use a type of node."""

    AVAILABLE = "available"
    DEPRECATED = "deprecated"


class _GraphPart(ResponseStruct, omit_defaults=True):
    """A part of a graph, in requests and responses. Fields with their default are not sent."""


class LiteralBinding(_GraphPart, tag_field="kind", tag="literal"):
    """A fixed value."""

    value: Annotated[JSONValue | UnsetType, Meta(description="The value, any JSON.")] = UNSET


class NodeOutputBinding(_GraphPart, tag_field="kind", tag="node_output"):
    """A value that another node produces. The other node runs first."""

    node_id: Annotated[str, Meta(description="The `id` of the other node.")]
    port: Annotated[str, Meta(description="The output port of the other node.")]


class RunInputBinding(_GraphPart, tag_field="kind", tag="run_input"):
    """An input of the run."""

    name: Annotated[str, Meta(description="The name of an input of the graph.")]


class ObjectBinding(_GraphPart, tag_field="kind", tag="object"):
    """An object that is composed of other bindings."""

    fields: Annotated[dict[str, Binding], Meta(description="A binding for each field.")] = {}


class ListBinding(_GraphPart, tag_field="kind", tag="list"):
    """A list that is composed of other bindings."""

    items: Annotated[list[Binding], Meta(description="A binding for each item.")] = []


#: The source of a value for an input port of a node.
Binding: TypeAlias = LiteralBinding | NodeOutputBinding | RunInputBinding | ObjectBinding | ListBinding


class WorkflowInput(_GraphPart):
    """An input that each run passes to the graph."""

    type: Annotated[str, Meta(description="`text`, `json`, `video`, `image`, `audio` or `avatar`.")]
    required: Annotated[bool | None, Meta(description="Whether each run must pass it; by default true.")] = None


class WorkflowNode(_GraphPart):
    """One step of a graph. It runs when the nodes in its bindings and in `depends_on` have ended."""

    id: Annotated[str, Meta(description="Its name: a letter, then at most 63 letters, digits and `_`.")]
    type: Annotated[str, Meta(description="Its family, from `workflows.list_node_types`.")]
    variant: Annotated[str | None, Meta(description="The variant of its family.")] = None
    config: Annotated[dict[str, JSONValue], Meta(description="Its settings, by the `config_schema` of its type.")] = {}
    depends_on: Annotated[list[str], Meta(description="The ids of nodes that must end before it starts.")] = []
    bindings: Annotated[dict[str, Binding], Meta(description="A binding for each input port.")] = {}


class WorkflowOutput(_GraphPart):
    """An output of the graph: an output port of a node."""

    node_id: Annotated[str, Meta(description="The `id` of the node.")]
    port: Annotated[str, Meta(description="The output port of the node.")]


class WorkflowGraph(_GraphPart):
    """A graph of nodes, with the inputs that a run takes and the outputs that it returns."""

    schema_version: Annotated[str, Meta(description="The version of the graph's form, such as `1.0.0`.")]
    inputs: Annotated[dict[str, WorkflowInput], Meta(description="The inputs by their names.")] = {}
    nodes: Annotated[list[WorkflowNode], Meta(description="The nodes, in any order.")] = []
    outputs: Annotated[dict[str, WorkflowOutput], Meta(description="The outputs by their names.")] = {}


class LatestVersion(ResponseStruct):
    """The newest version of a workflow."""

    id: str
    version_number: int | None = None


class WorkflowSummary(ResponseStruct):
    """A workflow as lists return it."""

    id: str
    name: str | None = None
    status: WorkflowStatus | None = None
    draft_revision: int | None = None


class Workflow(WorkflowSummary):
    """A workflow. `draft_product_graph` is the draft; each update of it increases `draft_revision`."""

    draft_product_graph: WorkflowGraph | None = None
    meta: dict[str, JSONValue] | None = None
    latest_version: LatestVersion | None = None


class PlanStep(ResponseStruct):
    """A node as HeyGen will run it. `parents` are the nodes that run before it."""

    node_id: str
    family: str | None = None
    variant: str | None = None
    contract_version: str | None = None
    adapter_version: str | None = None
    parents: list[str] | None = None


class WorkflowVersionSummary(ResponseStruct):
    """A version as lists return it."""

    id: str
    version_number: int | None = None
    checksum: str | None = None


class WorkflowVersion(WorkflowVersionSummary):
    """A version, which never changes. `definition_id` is the id of its workflow."""

    definition_id: str | None = None
    compiler_version: str | None = None
    adapter_manifest_digest: str | None = None
    product_graph: WorkflowGraph | None = None
    plan_summary: list[PlanStep] | None = None


class NodePort(ResponseStruct):
    """An input or output port of a type of node."""

    name: str
    type: str | None = None
    required: bool | None = None
    description: str | None = None


class NodeVariant(ResponseStruct):
    """A variant of a family of nodes. `config_schema` is the JSON Schema of its settings."""

    variant: str | None = None
    display_name: str | None = None
    description: str | None = None
    category: str | None = None
    config_schema: dict[str, JSONValue] | None = None
    input_ports: list[NodePort] | None = None
    output_ports: list[NodePort] | None = None
    contract_version: str | None = None
    lifecycle: NodeLifecycle | None = None


class NodeFamily(ResponseStruct):
    """A family of nodes: `family` is the `type` of a node in a graph."""

    family: str
    display_name: str | None = None
    variants: list[NodeVariant] | None = None


class NodeTypes(ResponseStruct):
    """The types of nodes that HeyGen can run."""

    families: list[NodeFamily] | None = None

    def find(self, type: str, variant: str | None = None) -> Iterator[NodeVariant]:
        """Yield the variants of a family, or only the one with this name.

        Args:
            type: The family.
            variant: The name of the variant; None for all variants of the family.
        """
        for family in self.families or ():
            if family.family == type:
                yield from (one for one in family.variants or () if variant is None or one.variant == variant)
