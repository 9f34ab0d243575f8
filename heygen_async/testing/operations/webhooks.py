"""Webhook endpoints, event types, and the log of events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..api_errors import APIErrorResponse
from ..names import event_types
from .call import Call, Listing

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HANDLERS"]


def _check_url(call: Call, own: dict[str, Any] | None) -> None:
    """Check that no other endpoint has this URL."""
    for endpoint in call.state.endpoints.values():
        if endpoint is not own and endpoint["url"] == call.body["url"]:
            raise APIErrorResponse(
                409, "conflict", "A webhook endpoint with this URL is already registered.", param="url"
            )


def _secret(call: Call) -> str:
    return call.state.new_id("whsec")


def _create(call: Call) -> dict[str, Any]:
    _check_url(call, None)
    endpoint: dict[str, Any] = {
        "endpoint_id": call.state.new_id("endpoint"),
        "url": call.body["url"],
        "events": call.get_field("events"),
        "entity_id": call.get_field("entity_id"),
        "status": "enabled",
        "created_at": datetime.fromtimestamp(call.state.now(), UTC).isoformat(),
        "secret": _secret(call),
    }
    call.state.endpoints[endpoint["endpoint_id"]] = endpoint
    return _describe(endpoint) | {"secret": endpoint["secret"]}


def _find(call: Call) -> dict[str, Any]:
    endpoint = call.state.endpoints.get(call.ids["endpoint_id"])
    if endpoint is None:
        raise APIErrorResponse.not_found("webhook_endpoint", call.ids["endpoint_id"])
    return endpoint


def _describe(endpoint: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in endpoint.items() if name not in {"secret", "entity_id"}}


def _list(call: Call) -> Listing:
    return Listing([_describe(endpoint) for endpoint in reversed(call.state.endpoints.values())], "endpoint_id", 10)


def _update(call: Call) -> dict[str, Any]:
    endpoint = _find(call)
    if not call.body:
        raise APIErrorResponse(400, "invalid_parameter", "Give at least one of url or events.")
    if call.get_field("url") is not None:
        _check_url(call, endpoint)
        endpoint["url"] = call.body["url"]
    if "events" in call.body:
        endpoint["events"] = call.body["events"]
    return _describe(endpoint)


def _delete(call: Call) -> dict[str, Any]:
    del call.state.endpoints[_find(call)["endpoint_id"]]
    return {}


def _rotate(call: Call) -> dict[str, Any]:
    endpoint = _find(call)
    endpoint["secret"] = _secret(call)
    return {"endpoint_id": endpoint["endpoint_id"], "secret": endpoint["secret"]}


def _event_types(_: Call) -> list[dict[str, Any]]:
    return [{"event_type": name, "description": f"Sent at {name.replace('_', ' ')}."} for name in event_types()]


def _events(call: Call) -> Listing:
    wanted = {name: call.query[name] for name in ("event_type", "entity_id") if name in call.query}
    found = [event for event in reversed(call.state.events) if all(event[n] == v for n, v in wanted.items())]
    hidden = {"entity_id"}
    return Listing([{n: v for n, v in event.items() if n not in hidden} for event in found], "event_id", 10)


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "WebhookEndpointsCreate": _create,
    "WebhookEndpointsList": _list,
    "WebhookEndpointsUpdate": _update,
    "WebhookEndpointsDelete": _delete,
    "WebhookEndpointsRotateSecret": _rotate,
    "WebhookEventTypesList": _event_types,
    "WebhookEventsList": _events,
}
