"""Traces and metrics by OpenTelemetry, for a program that has set a provider."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from forged_api import forged_api
from opentelemetry import context, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from heygen_async import AsyncHeyGen, Backoff, NotFoundError
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.videos import AvatarVideo

SCRIPT = AvatarVideo(avatar_id="avatar_1", script="Hello.")
GET_VIDEO = "GET /v3/videos/{video_id}"
QUICK = Backoff(initial=0.01)


class Traces:
    """The spans that have ended, in the order of their starts."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))

    @property
    def spans(self) -> list[ReadableSpan]:
        return sorted(self.exporter.get_finished_spans(), key=lambda span: (span.start_time, -(span.end_time or 0)))

    def of_kind(self, kind: SpanKind, name: str = "") -> list[ReadableSpan]:
        return [span for span in self.spans if span.kind is kind and name in span.name]

    def children(self, parent: ReadableSpan) -> list[ReadableSpan]:
        return [span for span in self.spans if span.parent and span.parent.span_id == parent.context.span_id]

    def one(self, name: str) -> ReadableSpan:
        (span,) = [span for span in self.spans if span.name == name]
        return span


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch) -> Traces:
    traces = Traces()
    monkeypatch.setattr("opentelemetry.trace._TRACER_PROVIDER", traces.provider)
    return traces


@pytest.fixture
def metrics(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemoryMetricReader]:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    monkeypatch.setattr("opentelemetry.metrics._internal._METER_PROVIDER", provider)
    yield reader
    provider.shutdown()


def attributes(span: ReadableSpan) -> Mapping[str, Any]:
    return span.attributes or {}


def points(reader: InMemoryMetricReader) -> dict[str, list[Any]]:
    data = reader.get_metrics_data()
    assert data is not None
    return {
        metric.name: list(metric.data.data_points)
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }


async def test_the_spans_of_a_wait_with_two_retries(traces: Traces, api: HeyGenEmulator) -> None:
    api.inject(Fault("status", status=503, operation="VideoCreate", count=2))
    api.inject(Fault("status", status=502, operation="VideoGet", count=2))
    async with AsyncHeyGen(api.key, base_url=api.url, retry=QUICK) as client:
        video = await client.videos.create_and_wait(SCRIPT)
    create, wait = traces.one("create_video_from_avatar"), traces.one("wait_for_video")
    assert create.kind is wait.kind is SpanKind.INTERNAL
    attempts = traces.children(create)
    assert {span.kind for span in attempts} == {SpanKind.CLIENT}
    assert [attributes(span).get("http.request.resend_count") for span in attempts] == [None, 1, 2]
    assert [attributes(span)["http.response.status_code"] for span in attempts] == [503, 503, 200]
    assert [(span.status.status_code, attributes(span).get("error.type")) for span in attempts] == [
        (StatusCode.ERROR, "503"),
        (StatusCode.ERROR, "503"),
        (StatusCode.UNSET, None),
    ]
    polls = [event.attributes or {} for event in wait.events]
    assert [poll["heygen.poll.number"] for poll in polls] == list(range(1, len(polls) + 1))
    assert [poll.get("error.type") for poll in polls[:3]] == ["502", "502", None]
    assert polls[-1]["heygen.job.state"] == "completed"
    assert attributes(wait) == {"heygen.job.kind": "video", "heygen.job.id": video.id}
    own = traces.children(wait)
    assert [(span.name, span.kind) for span in own] == [(GET_VIDEO, SpanKind.INTERNAL)] * len(polls)
    assert len(traces.spans) == 2 + 3 + 2 * len(polls)
    assert wait.status.status_code is StatusCode.UNSET


async def test_a_request_has_the_attributes_of_the_conventions(traces: Traces, client: AsyncHeyGen) -> None:
    await client.videos.list(limit=3, title="planted_title")
    (request,) = traces.of_kind(SpanKind.CLIENT)
    url = client._transport.options.base_url
    assert request.name == "GET /v3/videos"
    assert attributes(request) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "server.address": "127.0.0.1",
        "server.port": int(url.rpartition(":")[2]),
        "url.full": f"{url}/v3/videos",
        "url.template": "/v3/videos",
    }


async def test_traceparent_goes_to_the_api_and_never_to_a_file_store(
    traces: Traces, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heygen_async._files.multipart.MULTIPART_LIMIT", 10)
    await client.assets.upload(b"\x89PNG\r\n\x1a\n" + bytes(64))
    await client.download(await client.videos.create_and_wait(SCRIPT), tmp_path / "a")
    sent = {request.origin: [] for request in api.requests}
    for request in api.requests:
        sent[request.origin].append(request.headers.get("traceparent"))
    assert sent["storage"] == [None, None]
    ids = {f"{span.context.span_id:016x}" for span in traces.of_kind(SpanKind.CLIENT)}
    assert len(set(sent["api"])) == len(sent["api"])
    assert {parent.split("-")[2] for parent in sent["api"]} <= ids
    assert all(
        "traceparent" not in transport._headers for transport in (client._transport, client._transport.without_retries)
    )
    transfers = [span for span in traces.of_kind(SpanKind.CLIENT) if "url.template" not in attributes(span)]
    assert [span.name for span in transfers] == ["PUT", "GET"]
    assert all("?" not in attributes(span)["url.full"] for span in transfers)


@pytest.mark.filterwarnings("ignore:Setting custom ClientSession")
async def test_the_instrumentation_of_aiohttp_is_suppressed(
    traces: Traces, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    await client.users.me()
    session = await client._transport.shared_state.session()
    suppressed = []
    send = session._request

    async def observe(*arguments: Any, **options: Any) -> Any:
        suppressed.append(context.get_value(context._SUPPRESS_HTTP_INSTRUMENTATION_KEY))
        return await send(*arguments, **options)

    session._request = observe  # type: ignore[method-assign]
    await client.download(await client.videos.create_and_wait(SCRIPT), tmp_path / "a")
    assert set(suppressed) == {True}
    assert len(suppressed) == len(api.requests) - 1
    assert context.get_value(context._SUPPRESS_HTTP_INSTRUMENTATION_KEY) is None


async def test_waits_share_the_trace_of_a_bulk_request(traces: Traces, client: AsyncHeyGen) -> None:
    created = await asyncio.gather(*(client.videos.create(SCRIPT) for _ in range(3)))
    await client.wait_for_all(created)
    waits = traces.of_kind(SpanKind.INTERNAL, "wait_for_video")
    assert len(waits) == 3
    bulk = traces.of_kind(SpanKind.INTERNAL, "GET /v3/videos/status")
    assert bulk
    assert all(span.parent is None for span in bulk)
    assert {link.context.span_id for link in bulk[0].links} == {wait.context.span_id for wait in waits}
    assert all(len(wait.events) > 1 for wait in waits)


async def test_no_context_is_attached_while_a_watch_yields(traces: Traces, client: AsyncHeyGen) -> None:
    created = await client.videos.create(SCRIPT)
    with traces.provider.get_tracer("program").start_as_current_span("program") as own:
        async with aclosing(client.watch_video(created)) as updates:
            async for update in updates:
                assert trace.get_current_span() is own
                if update.state == "processing":
                    break
    wait = traces.one("wait_for_video")
    assert wait.parent is not None
    assert wait.parent.span_id == own.get_span_context().span_id
    assert wait.status.status_code is StatusCode.UNSET


async def test_the_error_of_an_operation_is_its_status(traces: Traces, client: AsyncHeyGen) -> None:
    with pytest.raises(NotFoundError) as caught:
        await client.videos.get("none")
    operation = traces.one("get_video")
    assert (operation.status.status_code, operation.status.description) == (StatusCode.ERROR, str(caught.value))
    assert attributes(operation)["error.type"] == "404"
    assert not operation.events
    with pytest.raises(NotFoundError):
        await client.wait_for_video("none")
    assert attributes(traces.one("wait_for_video"))["error.type"] == "404"


async def test_a_connection_that_breaks_is_an_error_of_its_request(traces: Traces, api: HeyGenEmulator) -> None:
    api.inject(Fault("reset_before", operation="UserMeGet"))
    api.inject(Fault("reset_mid_body", operation="UserMeGet"))
    async with AsyncHeyGen(api.key, base_url=api.url, retry=QUICK) as client:
        await client.users.me()
    first, second, third = traces.of_kind(SpanKind.CLIENT)
    assert attributes(first)["error.type"] == "heygen_async.errors.APIConnectionError"
    assert second.status.status_code is StatusCode.ERROR
    assert third.status.status_code is StatusCode.UNSET


async def test_a_stream_is_a_request_until_it_is_closed(traces: Traces, client: AsyncHeyGen) -> None:
    events = client.models.stream_speech(text="A sentence to be spoken.", voice_id="voice_0000")
    await anext(events)
    assert not traces.of_kind(SpanKind.CLIENT)
    assert len(traces.of_kind(SpanKind.INTERNAL)) == 1
    await events.aclose()
    assert len(traces.of_kind(SpanKind.CLIENT)) == 1


async def test_no_span_has_a_secret(traces: Traces) -> None:
    async with forged_api() as (api, client):
        api.give({"error": {"message": "bad key planted_key_0123456789"}}, status=400)
        async with AsyncHeyGen("planted_key_0123456789", base_url=api.url) as client:
            with pytest.raises(Exception, match="bad key"):
                await client.users.me()
    assert len(traces.spans) == 2
    assert all("planted_key" not in span.to_json() for span in traces.spans)


async def test_metrics_count_polls_retries_bytes_and_queue_times(
    metrics: InMemoryMetricReader, api: HeyGenEmulator
) -> None:
    api.inject(Fault("status", status=429, retry_after=1, operation="VideoCreate"))
    async with AsyncHeyGen(api.key, base_url=api.url, retry=QUICK) as client:
        await client.videos.create_and_wait(SCRIPT)
    found = points(metrics)
    (retries,) = found["heygen.client.retries"]
    assert (retries.value, dict(retries.attributes)) == (
        1, {"heygen.operation": "create_video_from_avatar", "error.type": "429"},
    )  # fmt: skip
    polls = len(api.requests_for("VideoGet"))
    assert [(point.value, point.attributes["heygen.job.kind"]) for point in found["heygen.client.polls"]] == [
        (polls, "video")
    ]
    assert sum(point.count for point in found["heygen.client.queue.duration"]) == 1
    assert sum(point.count for point in found["http.client.request.duration"]) == len(api.requests)
    creates = [
        point for point in found["http.client.request.body.size"] if point.attributes["http.request.method"] == "POST"
    ]
    assert sum(point.sum for point in creates) == 2 * len(api.requests_for("VideoCreate")[-1].body)
    assert sum(point.sum for point in found["http.client.response.body.size"]) > 0


PROGRAM = """
import asyncio, sys
{setup}
from heygen_async import AsyncHeyGen
async def main():
    async with AsyncHeyGen(sys.argv[1], base_url=sys.argv[2]) as heygen:
        await heygen.users.me()
asyncio.run(main())
print(sorted(name for name in sys.modules if name.startswith("opentelemetry") or name.endswith("_http.telemetry")))
"""


@pytest.mark.parametrize("setup", ["", "import opentelemetry.trace, opentelemetry.metrics"])
async def test_without_a_provider_nothing_more_is_imported(setup: str, api: HeyGenEmulator) -> None:
    command = [sys.executable, "-W", "error", "-c", PROGRAM.format(setup=setup), api.key, api.url]
    run = await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, text=True)
    assert ("_http.telemetry" in run.stdout, "opentelemetry" in run.stdout) == (False, bool(setup))
