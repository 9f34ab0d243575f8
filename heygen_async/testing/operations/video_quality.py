"""Comparisons of two videos, alone or in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api_errors import APIErrorResponse
from . import prices
from .call import Call, Listing, WithStatus, build_page, create_batch

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..jobs import Job

__all__ = ["HANDLERS"]

PRICE = prices.OWN_PRICES["VideoQualityComparisonCreate"]


def _start(call: Call, request: dict[str, Any]) -> Job:
    call.check_files(request, "video_a", "video_b")
    states = [("processing", call.state.render_seconds), ("completed", 0.0)]
    job = call.state.create_job("comparison", "comparison", states, request=request)
    call.state.charge(PRICE, call.operation, job.id, call.key)
    return job


def _describe(call: Call, job: Job) -> dict[str, Any]:
    state = job.state(call.state.now())
    comparison: dict[str, Any] = {"comparison_id": job.id, "status": state, "result": None, "error": None}
    if state == "completed":
        request = job.request or {}
        side = "a" if ord(job.id[-1]) % 2 else "b"
        comparison["result"] = {
            "model_a": request["model_a"],
            "model_b": request["model_b"],
            "winner": request[f"model_{side}"],
            "winner_side": side,
            "confidence": 0.8,
            "question_id": request["question_id"],
            "judge_model_version": request.get("judge_model_version") or "judge-1",
        }
    elif state == "failed":
        code, message = job.fail_code or "internal_error", job.fail_message or "The comparison failed."
        comparison["error"] = {"code": code, "message": message}
    return comparison


def _check_key(call: Call) -> None:
    if "X-Api-Key" not in call.request.headers:
        raise APIErrorResponse(401, "unauthorized", "This endpoint takes an API key.")


def _create(call: Call) -> WithStatus:
    _check_key(call)
    call.state.check_balance(PRICE)
    comparison = _describe(call, _start(call, call.body))
    return WithStatus(comparison, 202 if comparison["status"] == "processing" else 200)


def _get(call: Call) -> dict[str, Any]:
    _check_key(call)
    return _describe(call, call.state.find("comparison", call.ids["comparison_id"]))


def _create_batch(call: Call) -> dict[str, Any]:
    _check_key(call)
    requests = call.body["comparisons"]
    call.state.check_balance(PRICE * len(requests))
    ids = [_start(call, request).id for request in requests]
    return create_batch(call, "comparison", ids) | {"total_items": len(ids)}


def _get_batch(call: Call) -> dict[str, Any]:
    _check_key(call)
    batch_id = call.ids["batch_id"]
    batch = call.state.batches.get(batch_id)
    if batch is None or batch["kind"] != "comparison":
        raise APIErrorResponse.not_found("resource", batch_id)
    items: list[dict[str, Any]] = [
        {"item_index": index, "comparison": _describe(call, call.state.jobs[id])}
        for index, id in enumerate(batch["ids"])
    ]
    counts = dict.fromkeys(("processing", "completed", "failed"), 0)
    for item in items:
        counts[item["comparison"]["status"]] += 1
    whole = "processing" if counts["processing"] else "failed" if counts["failed"] == len(items) else "completed"
    page = build_page(Listing(items, "item_index", 100), call.query)
    return {
        "batch_id": batch_id,
        "status": whole,
        "total_items": len(items),
        "counts": counts,
        "items": page["data"],
        "has_more": page["has_more"],
        "next_token": page["next_token"],
    }


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "VideoQualityComparisonCreate": _create,
    "VideoQualityComparisonGet": _get,
    "VideoQualityBatchesCreate": _create_batch,
    "VideoQualityBatchesGet": _get_batch,
}
