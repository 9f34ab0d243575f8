"""The check of a workflow's graph, as HeyGen compiles it: every mistake with its code, its node and its path."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

from ..api_errors import APIErrorResponse
from .workflow_node_types import NODE_TYPES, find_variant

__all__ = ["check_graph", "levels", "parents"]


def check_graph(graph: dict[str, Any]) -> None:
    """Check a graph.

    Raises:
        APIErrorResponse: 422 `graph_invalid`: the graph has mistakes, which `errors` lists.
    """
    problems = [*_problems(graph)]
    if problems:
        message = f"The graph has {len(problems)} error(s): {problems[0]['message']}"
        raise APIErrorResponse(422, "graph_invalid", message, errors=problems)


def parents(graph: dict[str, Any]) -> dict[str, list[str]]:
    """Return, for each node, the nodes that it waits for."""
    return {
        node["id"]: [
            *node.get("depends_on", ()),
            *(leaf["node_id"] for _, leaf in _leaves(node) if leaf["kind"] == "node_output"),
        ]
        for node in graph.get("nodes", ())
    }


def levels(graph: dict[str, Any]) -> dict[str, int]:
    """Return, for each node, the number of nodes that run one after another before it. The graph is valid."""
    before, found = parents(graph), dict[str, int]()
    for id in TopologicalSorter(before).static_order():
        found[id] = max((found[parent] + 1 for parent in before[id]), default=0)
    return found


def _problem(code: str, message: str, node_id: str | None, path: str) -> dict[str, Any]:
    return {"code": code, "message": message, "node_id": node_id, "path": path}


def _problems(graph: dict[str, Any]) -> Iterator[dict[str, Any]]:
    nodes: dict[str, dict[str, Any]] = {}
    for index, node in enumerate(graph.get("nodes", ())):
        id, path = node["id"], f"nodes[{index}]"
        if id in nodes:
            yield _problem("duplicate_node_id", f"There are two nodes '{id}'.", id, f"{path}.id")
        nodes[id] = node
    for index, node in enumerate(graph.get("nodes", ())):
        yield from _type_problems(node, f"nodes[{index}]")
        yield from _reference_problems(node, f"nodes[{index}]", nodes, graph.get("inputs", {}))
    for name, output in graph.get("outputs", {}).items():
        yield from _source_problems(output, None, f"outputs.{name}", nodes)
    if all(parent in nodes for found in parents(graph).values() for parent in found):
        try:
            TopologicalSorter(parents(graph)).prepare()
        except CycleError as error:
            circle = error.args[1]
            yield _problem("cycle", f"These nodes wait for each other: {', '.join(circle)}.", circle[0], "nodes")


def _type_problems(node: dict[str, Any], path: str) -> Iterator[dict[str, Any]]:
    """Yield the mistakes in a node's type, settings and input ports."""
    id = node["id"]
    variant = find_variant(node["type"], node.get("variant"))
    if variant is None:
        known = ", ".join(family["family"] for family in NODE_TYPES)
        message = f"Node '{id}' has the unknown type '{node['type']}' ({node.get('variant')}); known: {known}."
        yield _problem("unknown_node_type", message, id, f"{path}.type")
        return
    schema, config = variant["config_schema"], node.get("config", {})
    for name in [*(set(config) - set(schema["properties"])), *(set(schema["required"]) - set(config))]:
        yield _problem("invalid_config", f"Node '{id}' has an invalid setting '{name}'.", id, f"{path}.config.{name}")
    ports = {port["name"]: port for port in variant["input_ports"]}
    bound = node.get("bindings", {})
    for name in [
        *bound.keys() - ports.keys(),
        *(n for n, port in ports.items() if port["required"] and n not in bound),
    ]:
        yield _problem(
            "invalid_port", f"Node '{id}' has an invalid input port '{name}'.", id, f"{path}.bindings.{name}"
        )


def _reference_problems(
    node: dict[str, Any], path: str, nodes: dict[str, dict[str, Any]], inputs: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield the references of a node that lead nowhere."""
    id = node["id"]
    for index, parent in enumerate(node.get("depends_on", ())):
        if parent not in nodes:
            message = f"Node '{id}' depends on the unknown node '{parent}'."
            yield _problem("unknown_node_id", message, id, f"{path}.depends_on[{index}]")
    for where, leaf in _leaves(node):
        if leaf["kind"] == "node_output":
            yield from _source_problems(leaf, id, f"{path}.{where}", nodes)
        elif leaf["kind"] == "run_input" and leaf["name"] not in inputs:
            message = f"Node '{id}' takes the undeclared input '{leaf['name']}'."
            yield _problem("undeclared_input", message, id, f"{path}.{where}.name")


def _source_problems(
    source: dict[str, Any], user: str | None, path: str, nodes: dict[str, dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Yield the mistakes in a reference to an output port of a node."""
    node = nodes.get(source["node_id"])
    if node is None:
        message = f"{path} refers to the unknown node '{source['node_id']}'."
        yield _problem("unknown_node_id", message, user, f"{path}.node_id")
        return
    variant = find_variant(node["type"], node.get("variant"))
    if variant is not None and source["port"] not in {port["name"] for port in variant["output_ports"]}:
        message = f"{path} refers to the unknown output port '{source['port']}' of node '{node['id']}'."
        yield _problem("invalid_port", message, user or node["id"], f"{path}.port")


def _leaves(node: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the bindings of a node that are not composed of others, with their paths."""
    found: list[tuple[str, dict[str, Any]]] = []
    rest = [(f"bindings.{name}", binding) for name, binding in node.get("bindings", {}).items()]
    for where, binding in rest:  # grows while it is read
        if binding["kind"] == "object":
            rest += [(f"{where}.fields.{name}", inner) for name, inner in binding.get("fields", {}).items()]
        elif binding["kind"] == "list":
            rest += [(f"{where}.items[{index}]", inner) for index, inner in enumerate(binding.get("items", ()))]
        else:
            found.append((where, binding))
    return found
