"""The checks of a graph before it is sent: each kind of mistake, with the id of the node."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from workflow_support import GRAPH, changed

from heygen_async import AsyncHeyGen, InvalidInputError, UnprocessableError
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.workflows import (  # fmt: skip
    ListBinding,
    LiteralBinding,
    NodeOutputBinding,
    ObjectBinding,
    RunInputBinding,
    WorkflowGraph,
    WorkflowInput,
    WorkflowNode,
    WorkflowOutput,
)

#: The place of a mistake, the wrong value, the field of the error, and words of its message.
MISTAKES: list[tuple[tuple[str | int, ...], Any, str, str]] = [
    (("nodes", 1, "id"), "script", "nodes[1].id", "'script'; expected an id that no other node"),
    (("nodes", 1, "id"), "1st", "nodes[1].id", "'1st'; expected a letter"),
    (("nodes", 1, "id"), "a" * 65, "nodes[1].id", "at most 63"),
    (("nodes", 4, "depends_on"), ["none"], "nodes[4].depends_on[0]", "'none'; expected the id of a node .* for node 'summary'"),
    (("nodes", 3, "bindings", "video", "node_id"), "none", "nodes[3].bindings.video.node_id", "'none'.* for node 'spanish'"),
    (("nodes", 0, "bindings", "topic", "name"), "none", "nodes[0].bindings.topic.name", r"declares \(topic, look\), for node 'script'"),
    (("nodes", 4, "bindings", "items", "fields", "texts", "items", 0, "node_id"), "none", "nodes[4].bindings.items.fields.texts.items[0].node_id", "for node 'summary'"),
    (("nodes", 4, "bindings", "items", "fields", "more"), {"kind": "run_input", "name": "no"}, "nodes[4].bindings.items.fields.more.name", "for node 'summary'"),
    (("outputs", "video", "node_id"), "none", "outputs.video.node_id", "'none'.* for output 'video'"),
    (("nodes", 0, "depends_on"), ["spanish"], "nodes", "script"),
    (("nodes", 2, "depends_on"), ["video"], "nodes", "video → video"),
    (("nodes", 0, "bindings", "topic"), {"kind": "node_output", "node_id": "summary", "port": "result"}, "nodes", "summary"),
]  # fmt: skip
#: Mistakes that only the types of nodes show.
TYPE_MISTAKES: list[tuple[tuple[str | int, ...], Any, str, str]] = [
    (("nodes", 0, "type"), "none", "nodes[0].type", "one of script_writer, .* for node 'script'"),
    (("nodes", 2, "variant"), "none", "nodes[2].variant", "one of avatar_iv, avatar_v, for node 'video'"),
    (("nodes", 0, "bindings", "none"), {"kind": "literal", "value": 1}, "nodes[0].bindings", "input port of node 'script'.*: topic"),
    (("nodes", 3, "bindings", "video", "port"), "none", "nodes[3].bindings.video.port", "output port of node 'video'.*: video"),
    (("outputs", "spanish", "port"), "none", "outputs.spanish.port", "output port of node 'spanish'"),
]  # fmt: skip


def as_struct(graph: dict[str, Any]) -> WorkflowGraph:
    return msgspec.convert(graph, WorkflowGraph)


@pytest.mark.parametrize(("place", "value", "field", "words"), MISTAKES)
async def test_a_mistake_is_refused_before_sending(
    place: tuple[str | int, ...], value: Any, field: str, words: str, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    graph = as_struct(changed(*place, value=value))
    for send in (
        client.workflows.create(name="Tour", product_graph=graph),
        client.workflows.update("workflow_1", product_graph=graph, expected_revision=1),
        client.workflows.publish_version("workflow_1", product_graph=graph),
    ):
        with pytest.raises(InvalidInputError, match=words) as caught:
            await send
        assert caught.value.field == f"product_graph.{field}"
    assert api.requests == []


@pytest.mark.parametrize(("place", "value", "field", "words"), TYPE_MISTAKES)
async def test_types_and_ports_are_checked_with_the_types_of_nodes(
    place: tuple[str | int, ...], value: Any, field: str, words: str, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    node_types = await client.workflows.list_node_types()
    wrong = changed(*place, value=value)
    for graph in (wrong, as_struct(wrong)):
        with pytest.raises(InvalidInputError, match=words) as caught:
            await client.workflows.create(name="Tour", product_graph=graph, node_types=node_types)
        assert caught.value.field == f"product_graph.{field}"
    assert [request.operation for request in api.requests] == ["WorkflowNodeTypesList"]
    with pytest.raises(
        UnprocessableError, match="script|video|spanish"
    ) as rejected:  # without the types, the API judges
        await client.workflows.create(name="Tour", product_graph=as_struct(wrong))
    assert rejected.value.code == "graph_invalid"
    await client.workflows.create(name="Tour", product_graph=GRAPH, node_types=node_types)


async def test_a_mapping_is_sent_as_it_is(client: AsyncHeyGen) -> None:
    with pytest.raises(UnprocessableError) as caught:
        await client.workflows.create(name="Tour", product_graph=changed("outputs", "video", "node_id", value="none"))
    body: Any = caught.value.body
    assert body["error"]["errors"][0]["path"] == "outputs.video.node_id"
    with pytest.raises(TypeError, match="Did you mean 'outputs'"):
        await client.workflows.create(name="Tour", product_graph={"schema_version": "1.0.0", "output": {}})


async def test_a_graph_of_structs_is_the_equal_mapping(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    graph = WorkflowGraph(
        schema_version="1.0.0",
        inputs={"topic": WorkflowInput(type="text"), "look": WorkflowInput(type="avatar", required=False)},
        nodes=[
            WorkflowNode(id="script", type="script_writer", bindings={"topic": RunInputBinding(name="topic")}),
            WorkflowNode(
                id="picture", type="image_generation", bindings={"prompt": LiteralBinding(value="A calm sea")}
            ),
            WorkflowNode(
                id="video",
                type="avatar_video",
                variant="avatar_iv",
                bindings={
                    "script": NodeOutputBinding(node_id="script", port="script"),
                    "background": NodeOutputBinding(node_id="picture", port="image"),
                },
            ),
            WorkflowNode(
                id="spanish",
                type="video_translation",
                config={"output_language": "Spanish"},
                bindings={"video": NodeOutputBinding(node_id="video", port="video")},
            ),
            WorkflowNode(
                id="summary",
                type="merge",
                depends_on=["script"],
                bindings={
                    "items": ObjectBinding(
                        fields={
                            "texts": ListBinding(
                                items=[NodeOutputBinding(node_id="script", port="script"), LiteralBinding(value=None)]
                            )
                        }
                    )
                },
            ),
        ],
        outputs={
            "spanish": WorkflowOutput(node_id="spanish", port="video"),
            "video": WorkflowOutput(node_id="video", port="video"),
            "summary": WorkflowOutput(node_id="summary", port="result"),
        },
    )
    workflow = await client.workflows.create(name="Tour", product_graph=graph, meta={"team": "sea"})
    body: Any = api.requests[-1].json
    assert body["product_graph"] == GRAPH
    draft = (await client.workflows.get(workflow.id)).draft_product_graph
    assert draft == graph
    draft.nodes[3].config["output_language"] = "French"
    updated = await client.workflows.update(workflow.id, product_graph=draft, expected_revision=1)
    assert (updated.draft_revision, updated.draft_product_graph) == (2, draft)
