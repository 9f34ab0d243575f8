"""The checks of a workflow's graph before it is sent: ids, references, circles, and with node types also ports.

HeyGen checks each graph too, and responds to an invalid one with 422 `graph_invalid`. These checks find the mistakes
that need no knowledge of HeyGen's types of nodes. Types and ports are checked only against the node types that the
program passes, because HeyGen may add types at any time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

import msgspec

from ..errors import InvalidInputError
from ..types.base import JSONValue
from ..types.workflows import (
    Binding,
    ListBinding,
    NodeOutputBinding,
    NodeTypes,
    ObjectBinding,
    RunInputBinding,
    WorkflowGraph,
    WorkflowNode,
)

_FIELD = "product_graph"
_ID = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,63}")


def check_graph(graph: WorkflowGraph | Mapping[str, JSONValue], node_types: NodeTypes | None) -> None:
    """Check a graph. A mapping is checked only with `node_types`; without them the API judges it alone.

    Args:
        graph: The graph.
        node_types: The types from `workflows.list_node_types`, to check types and ports too.

    Raises:
        InvalidInputError: A node's id is invalid or not unique, a reference leads nowhere, nodes wait for each other in
            a circle, or a type or port does not exist. The message has the node's id.
    """
    if not isinstance(graph, WorkflowGraph) and node_types is None:
        return
    try:
        checked = msgspec.convert(msgspec.to_builtins(graph), WorkflowGraph)
    except msgspec.ValidationError as error:
        raise InvalidInputError(_FIELD, graph, f"a WorkflowGraph ({error})") from None
    nodes = _nodes_by_id(checked)
    for path, node in _paths(checked):
        _check_references(path, node, nodes, checked)
    for name, output in checked.outputs.items():
        _check_node(f"{_FIELD}.outputs.{name}.node_id", output.node_id, nodes, f"output {name!r}")
    _check_order(checked)
    if node_types is not None:
        _check_types(checked, nodes, node_types)


def _paths(graph: WorkflowGraph) -> Iterator[tuple[str, WorkflowNode]]:
    """Yield each node with its path in the body."""
    for index, node in enumerate(graph.nodes):
        yield f"{_FIELD}.nodes[{index}]", node


def _nodes_by_id(graph: WorkflowGraph) -> dict[str, WorkflowNode]:
    nodes: dict[str, WorkflowNode] = {}
    for path, node in _paths(graph):
        if not _ID.fullmatch(node.id):
            raise InvalidInputError(f"{path}.id", node.id, "a letter, then at most 63 letters, digits and _")
        if node.id in nodes:
            raise InvalidInputError(f"{path}.id", node.id, "an id that no other node of the graph has")
        nodes[node.id] = node
    return nodes


def _check_references(path: str, node: WorkflowNode, nodes: Mapping[str, WorkflowNode], graph: WorkflowGraph) -> None:
    """Check that a node refers to nodes and inputs of the graph."""
    for index, id in enumerate(node.depends_on):
        _check_node(f"{path}.depends_on[{index}]", id, nodes, f"node {node.id!r}")
    for where, binding in _leaves(node.bindings, f"{path}.bindings"):
        if isinstance(binding, NodeOutputBinding):
            _check_node(f"{where}.node_id", binding.node_id, nodes, f"node {node.id!r}")
        elif isinstance(binding, RunInputBinding) and binding.name not in graph.inputs:
            known = ", ".join(graph.inputs) or "none"
            expected = f"an input that the graph declares ({known}), for node {node.id!r}"
            raise InvalidInputError(f"{where}.name", binding.name, expected)


def _check_node(where: str, id: str, nodes: Mapping[str, WorkflowNode], user: str) -> None:
    if id not in nodes:
        raise InvalidInputError(where, id, f"the id of a node of the graph ({', '.join(nodes) or 'none'}), for {user}")


def _leaves(bindings: Mapping[str, Binding], path: str) -> Iterator[tuple[str, Binding]]:
    """Yield the bindings that are not composed of others, at every depth, with their paths."""
    stack = [(f"{path}.{name}", binding) for name, binding in bindings.items()][::-1]
    while stack:
        where, binding = stack.pop()
        if isinstance(binding, ObjectBinding):
            stack += [(f"{where}.fields.{name}", inner) for name, inner in binding.fields.items()][::-1]
        elif isinstance(binding, ListBinding):
            stack += [(f"{where}.items[{index}]", inner) for index, inner in enumerate(binding.items)][::-1]
        else:
            yield where, binding


def _check_order(graph: WorkflowGraph) -> None:
    """Check that no node waits for itself."""
    sources = {
        node.id: [
            *node.depends_on,
            *(leaf.node_id for _, leaf in _leaves(node.bindings, "") if isinstance(leaf, NodeOutputBinding)),
        ]
        for node in graph.nodes
    }
    try:
        TopologicalSorter(sources).prepare()
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise InvalidInputError(f"{_FIELD}.nodes", circle, "nodes that do not wait for each other") from None


def _check_types(graph: WorkflowGraph, nodes: Mapping[str, WorkflowNode], node_types: NodeTypes) -> None:
    """Check the types of all nodes, and the ports that bindings and outputs name."""
    for path, node in _paths(graph):
        if not any(node_types.find(node.type)):
            known = ", ".join(family.family for family in node_types.families or ())
            raise InvalidInputError(f"{path}.type", node.type, f"one of {known}, for node {node.id!r}")
        if not any(node_types.find(node.type, node.variant)):
            known = ", ".join(str(one.variant) for one in node_types.find(node.type))
            raise InvalidInputError(f"{path}.variant", node.variant, f"one of {known}, for node {node.id!r}")
    for path, node in _paths(graph):
        for port in node.bindings:
            _check_port(f"{path}.bindings", port, node, _ports(node, node_types, "input_ports"), "input")
        for where, binding in _leaves(node.bindings, f"{path}.bindings"):
            if isinstance(binding, NodeOutputBinding):
                source = nodes[binding.node_id]
                _check_port(f"{where}.port", binding.port, source, _ports(source, node_types, "output_ports"), "output")
    for name, output in graph.outputs.items():
        source, where = nodes[output.node_id], f"{_FIELD}.outputs.{name}.port"
        _check_port(where, output.port, source, _ports(source, node_types, "output_ports"), "output")


def _ports(node: WorkflowNode, node_types: NodeTypes, kind: str) -> list[str]:
    """Return the names of a node's input or output ports, of all variants when the node names none."""
    variants = node_types.find(node.type, node.variant)
    return list(dict.fromkeys(port.name for one in variants for port in getattr(one, kind) or ()))


def _check_port(where: str, port: str, node: WorkflowNode, known: list[str], kind: str) -> None:
    if port not in known:
        expected = f"an {kind} port of node {node.id!r}, which has the type {node.type}: {', '.join(known) or 'none'}"
        raise InvalidInputError(where, port, expected)
