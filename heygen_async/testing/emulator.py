"""The server: it takes a request, judges it as the API would, lets an operation answer, and spoils it on demand."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import unquote

import msgspec
from aiohttp import web
from anyio.from_thread import BlockingPortal, start_blocking_portal

from . import contract, fault_injection, legacy
from .api_errors import APIErrorResponse
from .clock import Clock
from .deliveries import Deliveries
from .oauth import OAuth
from .operations import HANDLERS, Call, Events, Listing, page_of
from .recorded_requests import RecordedRequest
from .state import Plan, State
from .storage import Storage

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from .faults import Fault
    from .ledger import Charge

__all__ = ["HeyGenEmulator"]

T = TypeVar("T")
KEY = "hg_local_0123456789abcdef"
_DAY = 86_400.0
_TEN_YEARS = 3652 * _DAY  # a connection outlives every turn of the clock
_KEY_FORM = re.compile(r"[A-Za-z0-9_:.-]{1,255}")
#: What is answered with another status than 200.
_STATUSES = {
    "AvatarRealtimeCancel": 202, "AvatarRealtimeTextAppend": 202, "BrandGlossaryCreate": 201,
    "HyperframesRenderCreate": 202, "ModelVideoCreate": 202,
}  # fmt: skip
#: The operations that honour `Idempotency-Key`.
_KEYED = frozenset(
    {
        "AssetCreate", "AssetDirectUploadsBatchesCreate", "AssetDirectUploadsCreate", "AvatarConsentCreate", "AvatarCreate",
        "BrandGlossaryCreate", "FillerWordRemovalCreate", "FolderCreate", "HyperframesRenderCreate",
        "LipsyncBatchesCreate", "LipsyncCreate", "ModelImageCreate", "ModelVideoCreate", "ModelVoiceCreate",
        "TemplateGenerate", "VideoCreate",
        "VideoTranslateBatchesCreate", "VideoTranslateCreate", "VideoTranslateProofreadsCreate",
        "VideoTranslateProofreadsGenerate", "WebhookEndpointsCreate", "WebhookEndpointsRotateSecret",
    }
)  # fmt: skip


class HeyGenEmulator:
    """A local HeyGen on two ports of this machine: the API, and the storage that presigned URLs lead to.

    `async with` runs it in this event loop. A plain `with` runs it in a thread of its own, for code without a loop or
    with several; every method that is no coroutine may be called from outside of that thread.

    Args:
        api_key: The one key that it accepts.
        clock: Its time; by default a `Clock` of its own, which `api.clock` gives.
        autojump: Make the running loop live by that clock, so that nothing waits for real (see `Clock.autojump`).
        render_seconds: How long a video takes, on the clock.
        seed: For ids.
        rate_limit: Requests a second, above which 429 comes with `Retry-After`.
        concurrency_limit: Unfinished sessions, videos and translations, above which 429 comes.
        page_url_seconds: The life of a presigned download URL.
        balance: The wallet, in USD.
        record_requests: Remember every request (turn it off under load).

    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        api_key: str = KEY,
        clock: Clock | None = None,
        autojump: bool = False,
        render_seconds: float = 60.0,
        seed: int = 0,
        rate_limit: float | None = None,
        concurrency_limit: int = 10,
        page_url_seconds: float = 3600.0,
        balance: float = 100.0,
        record_requests: bool = True,
    ) -> None:
        self.key: str = api_key
        self.clock: Clock = clock or Clock()
        self.requests: list[RecordedRequest] = []
        self.state: State = State(
            self.clock, seed=seed, render_seconds=render_seconds, concurrency_limit=concurrency_limit, balance=balance
        )
        self._host, self._port = host, port
        self._autojump = autojump
        self._rate_limit = rate_limit
        self._allowance, self._allowed_at = rate_limit or 0.0, 0.0
        self._record_requests = record_requests
        self._faults: list[Fault] = []
        self._answers: dict[tuple[str, str, str], tuple[float, tuple[int, bytes] | None]] = {}
        self._request_number = 0
        self.storage: Storage = Storage(self.state, self.key, page_url_seconds)
        self.deliveries: Deliveries = Deliveries(self.state, self.storage)
        self.oauth: OAuth = OAuth(self.state)
        found = contract.operations()
        self._fixed = {(o.method, o.path): o for o in found if "{" not in o.path}
        self._open = [(o.method, o.pattern(), o) for o in found if "{" in o.path]
        self._stack = AsyncExitStack()
        self._thread = ExitStack()
        self._portal: BlockingPortal | None = None
        self._sites: dict[str, web.ServerRunner] = {}
        self._ports = {"api": port, "storage": 0}

    # -- its life

    async def start(self) -> Self:
        """Listen."""
        if self._autojump:
            self._stack.enter_context(self.clock.autojump())
        await self.up()
        self.storage.url = self.storage_url
        return self

    async def stop(self) -> None:
        """Close everything."""
        await self.deliveries.stop()
        await self.down()
        await self._stack.aclose()

    async def up(self) -> None:
        """Listen again, on the same ports."""
        for origin, handler in (("api", self._api), ("storage", self._storage)):
            runner = web.ServerRunner(
                web.Server(
                    handler, handler_cancellation=True, keepalive_timeout=_TEN_YEARS, access_log=None, logger=_quiet
                ),
                shutdown_timeout=0.05,
            )
            await runner.setup()
            site = web.TCPSite(runner, self._host, self._ports[origin], reuse_address=True)
            await site.start()
            self._ports[origin] = runner.addresses[0][1]
            self._sites[origin] = runner

    async def down(self) -> None:
        """Refuse connections until `up`; what is open is closed."""
        for runner in self._sites.values():
            await runner.cleanup()
        self._sites.clear()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def __enter__(self) -> Self:
        if self._autojump:
            raise RuntimeError(
                "autojump is for `async with`: in a thread of its own the local HeyGen cannot make another loop live by "
                "its clock; render_seconds=0 and clock.advance() spare the waiting there"
            )
        with ExitStack() as stack:
            portal = stack.enter_context(start_blocking_portal())
            portal.call(self.start)
            stack.callback(portal.call, self.stop)
            self._portal, self._thread = portal, stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._portal = None
        self._thread.close()

    def _there(self, deed: Callable[..., T], *args: Any) -> T:
        """Do it in the thread that serves."""
        return deed(*args) if self._portal is None else self._portal.call(deed, *args)

    @property
    def url(self) -> str:
        """The API's address."""
        return f"http://{self._host}:{self._ports['api']}"

    @property
    def storage_url(self) -> str:
        """Where presigned URLs lead."""
        return f"http://{self._host}:{self._ports['storage']}"

    # -- what a test does with it

    def inject(self, fault: Fault) -> Fault:
        """From now on, requests go wrong in this way too."""
        self._faults.append(fault)
        return fault

    def clear_faults(self) -> None:
        """Nothing goes wrong any more."""
        self._faults.clear()

    def plan(self, plan: Plan) -> Plan:
        """From now on, jobs go by this plan."""
        self.state.plans.append(plan)
        return plan

    def finish(self, id: str) -> None:
        """Let a job end well now."""
        self._there(self._end, id, "completed")

    def fail(self, id: str, code: str = "internal_error", message: str = "It failed.") -> None:
        """Let a job end badly now."""
        self._there(self._end, id, "failed", code, message)

    def _end(self, id: str, state: str, code: str | None = None, message: str | None = None) -> None:
        job = self.state.jobs[id]
        job.end(self.state.now(), state)
        job.fail_code, job.fail_message = code, message
        self.deliveries.look()

    def emit(self, event_type: str, event_data: dict[str, Any], *, entity_id: str | None = None) -> str:
        """Let an event happen: it is logged and delivered to the webhook endpoints that want it. Its id.

        Args:
            entity_id: Of what it tells; endpoints that were registered for another entity are not called.

        """
        return self._there(partial(self.deliveries.emit, event_type, event_data, entity_id=entity_id))

    @property
    def ledger(self) -> list[Charge]:
        """Everything that was charged."""
        return self.state.ledger

    def requests_for(self, operation: str) -> list[RecordedRequest]:
        """The requests for one operation."""
        return [request for request in self.requests if request.operation == operation]

    # -- a request's way

    async def _api(self, request: web.BaseRequest) -> web.StreamResponse:
        self.deliveries.look()
        raw_path = request.raw_path.partition("?")[0]
        operation, ids = self._operation(request.method, raw_path)
        older = legacy.find(request.method, raw_path) if operation is None else None
        name = operation.operation if operation is not None else OAuth.operations.get((request.method, raw_path))
        name = older.name if older is not None else name
        record = self._recorded(request, raw_path, "api", name)
        fault = self._fault("api", request.method, record.path, name)
        if fault is not None and (answer := await fault_injection.before(fault, request, self.state.now())) is not None:
            record.status = answer.status
            return answer
        headers: dict[str, str] = {}
        body: bytes | Events
        try:
            if older is not None:
                status, body = 200, await self._older(request, record, older)
            elif operation is None and name is not None:
                record.body = await fault_injection.body_of(request)
                status, headers, body = self.oauth.answer(
                    request.method, raw_path, request.query_string, request.headers.get("Content-Type", ""), record.body
                )
            else:
                status, body = await self._answered(request, record, operation, ids)
        except APIErrorResponse as refusal:
            told = refusal.body() if older is None else legacy.body_of(refusal, older.version)
            status, body = refusal.status, msgspec.json.encode(told)
            headers = fault_injection.headers_of(refusal)
        record.status = status
        self._request_number += 1
        headers["X-Request-Id"] = f"req_{self._request_number:06d}"
        if isinstance(body, Events):
            return await fault_injection.streamed(fault, request, headers, body)
        if (
            fault is not None
            and (spoiled := await fault_injection.after(fault, request, status, headers, body)) is not None
        ):
            return spoiled
        return web.Response(body=body, status=status, headers={"Content-Type": "application/json", **headers})

    async def _older(self, request: web.BaseRequest, record: RecordedRequest, older: legacy.Legacy) -> bytes:
        """What an endpoint of v1 or v2 answers."""
        if request.headers.get("Authorization") != f"Bearer {self.key}":  # which the streaming endpoints took
            self._check_key(request)
        self._check_rate()
        record.body = await fault_injection.body_of(request)
        body: Any = None
        if older.takes_json and record.body:
            try:
                body = msgspec.json.decode(record.body)
            except msgspec.DecodeError:
                raise APIErrorResponse(400, "invalid_parameter", "The request body is not valid JSON.") from None
        call = Call(self.state, self.storage, older.name, older.ids, record.query, body, record.body, request, None)
        before = len(self.state.jobs), len(self.state.batches)
        said = older.answer(older.handler(call))
        self.deliveries.watch_new(*before, body)
        return msgspec.json.encode(said)

    async def _answered(
        self,
        request: web.BaseRequest,
        record: RecordedRequest,
        operation: contract.Operation | None,
        ids: dict[str, str],
    ) -> tuple[int, bytes | Events]:
        self._check_key(request)
        self._check_rate()
        if operation is None:
            raise APIErrorResponse(404, "not_found", f"There is no {request.method} {record.path}.")
        contract.check_query(operation, record.query)
        record.body = await fault_injection.body_of(request)
        body: Any = None
        if operation.body == "json":
            try:
                body = msgspec.json.decode(record.body)
            except msgspec.DecodeError:
                raise APIErrorResponse.invalid_parameter(None, "The request body is not valid JSON.") from None
        key = request.headers.get("Idempotency-Key")
        if key is not None and not _KEY_FORM.fullmatch(key):
            raise APIErrorResponse.invalid_parameter(
                "Idempotency-Key", "It must be 1 to 255 characters of A-Z a-z 0-9 _ : . -."
            )
        scope = (operation.operation, record.path, key or "")
        if key is not None and operation.operation in _KEYED:
            known = self._answers.get(scope)
            if known is not None and known[0] > self.state.now() - _DAY:
                if known[1] is None:
                    raise APIErrorResponse(
                        409, "request_in_progress", "A request with this Idempotency-Key is in progress."
                    )
                return known[1]
            self._answers[scope] = (self.state.now(), None)
        try:
            if operation.body == "json":
                contract.check_body(operation, body)
            call = Call(
                self.state, self.storage, operation.operation, ids, record.query, body, record.body, request, key
            )
            before = len(self.state.jobs), len(self.state.batches)
            said = HANDLERS[operation.operation](call)
            self.deliveries.watch_new(*before, body)
            if isinstance(said, Events):
                return 200, said
            usual = 202 if operation.path.endswith("batches") else 200
            answer = (_STATUSES.get(operation.operation, usual), _encoded(said, call))
        except BaseException:
            self._answers.pop(scope, None)
            raise
        if key is not None and operation.operation in _KEYED:
            self._answers[scope] = (self.state.now(), answer)
        return answer

    def _operation(self, method: str, raw_path: str) -> tuple[contract.Operation | None, dict[str, str]]:
        fixed = self._fixed.get((method, raw_path))
        if fixed is not None:
            return fixed, {}
        for verb, pattern, operation in self._open:
            if verb == method and (found := pattern.fullmatch(raw_path)):
                return operation, {name: unquote(value) for name, value in found.groupdict().items()}
        return None, {}

    def _recorded(self, request: web.BaseRequest, raw_path: str, origin: Any, operation: str | None) -> RecordedRequest:
        record = RecordedRequest(
            method=request.method,
            path=unquote(raw_path),
            raw_path=raw_path,
            query=dict(request.query),
            headers=request.headers,
            origin=origin,
            time=self.state.now(),
        )
        record.operation = operation
        if self._record_requests:
            self.requests.append(record)
        return record

    def _check_key(self, request: web.BaseRequest) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        signed_in = scheme == "Bearer" and self.oauth.accepts(token)
        if not signed_in and request.headers.get("X-Api-Key") != self.key:
            raise APIErrorResponse(401, "unauthorized", "The API key provided is invalid, expired, or missing.")

    def _check_rate(self) -> None:
        if self._rate_limit is None:
            return
        now = self.state.now()
        burst = max(self._rate_limit, 1.0)
        self._allowance = min(burst, self._allowance + (now - self._allowed_at) * self._rate_limit)
        self._allowed_at = now
        if self._allowance < 1.0:
            raise APIErrorResponse(429, "rate_limit_exceeded", "Too many requests.", retry_after=1)
        self._allowance -= 1.0

    # -- faults

    def _fault(self, origin: str, method: str, path: str, operation: str | None) -> Fault | None:
        return next((fault for fault in self._faults if fault.meets(origin, method, path, operation)), None)

    async def _storage(self, request: web.BaseRequest) -> web.StreamResponse:
        raw_path = request.raw_path.partition("?")[0]
        record = self._recorded(request, raw_path, "storage", None)
        fault = self._fault("storage", request.method, record.path, None)
        if fault is not None and (answer := await fault_injection.before(fault, request, self.state.now())) is not None:
            record.status = answer.status
            return answer
        ignore_range = fault is not None and fault.kind == "ignore_range"
        if fault is not None and fault.kind == "new_etag":
            self.storage.version += 1
        answer, body = await self.storage.answer(request, ignore_range=ignore_range)
        record.status = answer.status
        if fault is not None:
            body = await fault_injection.stored(fault, request, answer, body)
        else:
            answer.content_length = len(body)
        await answer.prepare(request)
        if request.method != "HEAD":
            for start in range(0, len(body), 1 << 18):
                await answer.write(body[start : start + (1 << 18)])
        await answer.write_eof()
        return answer


def _nothing(*_: object, **__: object) -> None:
    pass


class _Quiet:
    """A logger that says nothing: a client that goes away is this server's daily bread."""

    def __getattr__(self, name: str) -> Any:
        return _nothing


_quiet: Any = _Quiet()


def _encoded(answer: Any, call: Call) -> bytes:
    if isinstance(answer, Listing):
        return msgspec.json.encode(page_of(answer, call.query))
    return msgspec.json.encode({"data": answer})
