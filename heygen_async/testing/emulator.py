"""`HeyGenEmulator`: its options, its two ports, and the methods that a test calls."""

from __future__ import annotations

import secrets
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from logging import CRITICAL, Logger
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack

from aiohttp import web
from anyio.from_thread import BlockingPortal, start_blocking_portal

from .account_lists import read_account
from .catalog import Catalog
from .clock import Clock
from .control import Control
from .deliveries import Deliveries
from .host_check import check_host, is_loopback
from .jobs import Plan, State
from .known_ids import OPTIONS, KnownIds
from .names import check_name, check_options, event_types
from .oauth import OAuth
from .plan_checks import account_options
from .request_handling import RequestHandling
from .storage import Storage

if TYPE_CHECKING:
    import os
    import ssl
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from .fault_rules import Fault
    from .ledger import Charge
    from .recorded_requests import RecordedRequest

__all__ = ["HeyGenEmulator"]

T = TypeVar("T")
KEY = "hg_local_0123456789abcdef"
_SILENT = Logger(__name__, CRITICAL + 1)  # noqa: LOG001  for aiohttp alone: tests of faults close many connections
_TEN_YEARS = 3652 * 86_400.0  # seconds; idle connections stay open however far the clock is advanced


class HeyGenEmulator:
    """A local HeyGen on two ports of this machine: the API, and the storage behind presigned URLs.

    The API's port also serves the control endpoints, for programs in other languages: see `heygen_async.testing`.

    `async with` serves in the running event loop. A plain `with` serves from its own thread, for code without a loop or
    with several loops. The methods that are not coroutines may be called from any thread.

    Args:
        host: The address on which it listens.
        port: The API's port; 0 for a free one.
        storage_port: The port of presigned URLs; 0 for a free one.
        api_key: The only API key that it accepts.
        clock: Its clock; by default a new `Clock`, available as `api.clock`.
        autojump: Whether the event loop uses that clock, so that no wait takes real time (see `Clock.autojump`).
        render_seconds: The duration of each job of any kind, in seconds of the clock.
        seed: The seed of ids and of the shares of `deliveries`.
        rate_limit: Requests a second above which the API responds with 429 and `Retry-After`; None for no limit.
        plan: The plan of the account: `enterprise`; or `pay_as_you_go`, which has no proofreads, custom subtitles,
            stock voices for translations, and videos of more than 30 minutes. None limits nothing.
        concurrency_limit: Unfinished sessions, videos and translations above which the API responds with 429; None for
            that of the plan: 20 for `enterprise`, otherwise 10.
        page_url_seconds: The lifetime of a presigned download URL, in seconds of the clock.
        balance: The wallet, in USD.
        record_requests: Whether to keep every request in `requests`. Turn it off under load.
        max_requests: The number of requests to keep in `requests`; None for all.
        ssl_context: A server's context, to serve over https.
        public_host: The name of the host in its URLs; by default `host`. Requests to hosts of other names get 421.
        control_token: The token that the control endpoints require in `X-Emulator-Token`. By default they require a new
            one, `api.control_token`, when `host` is not a loopback address, and none on loopback.
        lenient: Whether a request may name any asset, avatar, voice, template, style, brand, folder and language, and
            exceed the limits of plans and files.
        account: Files with the lists of a real account, see `from_account`.
        known_ids: Ids that exist beside the samples, by kind: `known_voices=["v_1"]`; and `known_fields`, the names of
            fields that are newer than the contract. See `KnownIds`.

    Raises:
        TypeError: An option is not known; the message has the nearest name.
        ValueError: A file of `account` has no list of an account, or the plan is not known.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        storage_port: int = 0,
        api_key: str = KEY,
        clock: Clock | None = None,
        autojump: bool = False,
        render_seconds: float = 60.0,
        seed: int = 0,
        rate_limit: float | None = None,
        plan: str | None = None,
        concurrency_limit: int | None = None,
        page_url_seconds: float = 3600.0,
        balance: float = 100.0,
        record_requests: bool = True,
        max_requests: int | None = None,
        ssl_context: ssl.SSLContext | None = None,
        public_host: str | None = None,
        control_token: str | None = None,
        lenient: bool = False,
        account: Sequence[str | os.PathLike[str]] = (),
        **known_ids: Unpack[KnownIds],
    ) -> None:
        check_options(HeyGenEmulator.__init__, known_ids, OPTIONS.values())
        self.key: str = api_key
        self.clock: Clock = clock or Clock()
        self._create_state = partial(
            State,
            self.clock,
            seed=seed,
            render_seconds=render_seconds,
            balance=balance,
            **account_options(plan, concurrency_limit),
            create_catalog=partial(Catalog, known_ids, read_account(account), is_lenient=lenient),
        )
        self._page_url_seconds = page_url_seconds
        kept = max_requests if record_requests else 0
        self._create_handling = partial(RequestHandling, key=api_key, rate_limit=rate_limit, max_requests=kept)
        self._create_parts()
        self._control = Control(self, control_token or (None if is_loopback(host) else secrets.token_urlsafe(24)))
        self._names = {name.lower() for name in (host, public_host or host)}
        self._host, self._ssl_context = host, ssl_context
        self._origin = f"{'http' if ssl_context is None else 'https'}://{public_host or host}"
        self._autojump = autojump
        self._stack, self._thread = AsyncExitStack(), ExitStack()
        self._portal: BlockingPortal | None = None
        self._servers: dict[str, web.ServerRunner] = {}
        self._ports = {"api": port, "storage": storage_port}

    def _create_parts(self) -> None:
        """Create everything that requests change."""
        self.state: State = self._create_state()
        self.storage: Storage = Storage(self.state, self.key, self._page_url_seconds)
        self.deliveries: Deliveries = Deliveries(self.state, self.storage)
        self.oauth: OAuth = OAuth(self.state)
        self._handling = self._create_handling(
            state=self.state, storage=self.storage, deliveries=self.deliveries, oauth=self.oauth
        )
        self._injected: list[Fault] = []

    async def reset(self) -> None:
        """Remove everything that requests and this class's methods created, faults and plans too.

        `state`, `storage`, `deliveries` and `oauth` are new objects. The clock keeps its time, and runs.
        """
        await self.deliveries.stop()
        self._create_parts()
        self.storage.url = self.storage_url
        self.clock.run()

    async def _handle_api(self, request: web.BaseRequest) -> web.StreamResponse:
        if Control.is_meant(request):
            return await self._control.respond(request)
        return await self._handling.handle_api(request)

    async def _handle_storage(self, request: web.BaseRequest) -> web.StreamResponse:
        return await self._handling.handle_storage(request)

    @classmethod
    def from_account(cls, *paths: str | os.PathLike[str], **options: Any) -> Self:
        """Create an emulator that has the voices, avatars and other resources of a real account.

        Args:
            paths: Files with what the list commands print, one or several lists in each: `heygen-async voice list
                --all`, `avatar list --all`, `avatar looks list --all`, `template list --all`, `video-agent styles list
                --all`, `brand-kit list --all`, `brand-glossary list --all`, `video-translate languages list`. They
                replace the samples of their kinds.
            options: The other options of the emulator.

        Raises:
            OSError: A file cannot be read.
            ValueError: A file is not JSON, or has no such list.
        """
        return cls(account=paths, **options)

    async def start(self) -> Self:
        """Start serving."""
        if self._autojump:
            self._stack.enter_context(self.clock.autojump())
        await self.up()
        self.storage.url = self.storage_url
        return self

    async def stop(self) -> None:
        """Stop serving and close every connection."""
        await self.deliveries.stop()
        await self.down()
        await self._stack.aclose()

    async def up(self) -> None:
        """Accept connections again after `down`, on the same ports."""
        for origin, handler in (("api", self._handle_api), ("storage", self._handle_storage)):
            server = web.Server(
                check_host(handler, self._names),
                handler_cancellation=True,
                keepalive_timeout=_TEN_YEARS,
                access_log=None,
                logger=_SILENT,
            )
            runner = web.ServerRunner(server, shutdown_timeout=0.05)
            await runner.setup()
            site = web.TCPSite(
                runner, self._host, self._ports[origin], reuse_address=True, ssl_context=self._ssl_context
            )
            await site.start()
            self._ports[origin] = runner.addresses[0][1]
            self._servers[origin] = runner

    async def down(self) -> None:
        """Close every connection and refuse new ones until `up`."""
        for runner in self._servers.values():
            await runner.cleanup()
        self._servers.clear()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def __enter__(self) -> Self:
        if self._autojump:
            raise RuntimeError(
                "autojump needs `async with`: from its own thread the emulator cannot change the time of another "
                "event loop; use render_seconds=0 and clock.advance() instead"
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

    def _call_in_loop(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function in the thread that serves."""
        return function(*arguments) if self._portal is None else self._portal.call(function, *arguments)

    @property
    def url(self) -> str:
        """The base URL of the API."""
        return f"{self._origin}:{self._ports['api']}"

    @property
    def storage_url(self) -> str:
        """The base URL of presigned URLs."""
        return f"{self._origin}:{self._ports['storage']}"

    @property
    def control_token(self) -> str | None:
        """The token that the control endpoints require; None on loopback, unless one was set."""
        return self._control.token

    @property
    def requests(self) -> list[RecordedRequest]:
        """Every request received, oldest first, unless `record_requests` is False."""
        return self._handling.log.requests

    @property
    def ledger(self) -> list[Charge]:
        """Every charge, oldest first."""
        return self.state.ledger

    def requests_for(self, operation: str) -> list[RecordedRequest]:
        """Return the requests for one operation, such as `VideoCreate`, oldest first.

        Args:
            operation: The operation's name.
        """
        return [request for request in self.requests if request.operation == operation]

    def inject(self, fault: Fault) -> Fault:
        """Let matching requests fail from now on; return the fault, which counts its `hits`.

        Args:
            fault: The kind of failure, and the requests that meet it.
        """
        self._handling.faults.append(fault)
        self._injected.append(fault)
        return fault

    @property
    def faults(self) -> list[Fault]:
        """The injected faults, until `clear_faults`, oldest first."""
        return self._handling.faults

    @property
    def unused_faults(self) -> list[Fault]:
        """The injected faults that no request has met."""
        return [fault for fault in self._injected if not fault.hits]

    def clear_faults(self) -> None:
        """Remove every injected fault."""
        self._handling.faults.clear()

    def plan(self, plan: Plan) -> Plan:
        """Apply a plan to the jobs that are created from now on.

        Args:
            plan: The duration of the jobs and their end.
        """
        self.state.plans.append(plan)
        return plan

    def finish(self, id: str) -> None:
        """Complete a job now.

        Args:
            id: The id of the job.
        """
        self._call_in_loop(self._end, id, "completed")

    def fail(self, id: str, code: str = "internal_error", message: str = "It failed.") -> None:
        """Let a job fail now, with a failure code and message.

        Args:
            id: The id of the job.
            code: The failure code.
            message: The failure message.
        """
        self._call_in_loop(self._end, id, "failed", code, message)

    def _end(self, id: str, state: str, code: str | None = None, message: str | None = None) -> None:
        job = self.state.jobs[id]
        job.end(self.state.now(), state)
        job.fail_code, job.fail_message = code, message
        self.deliveries.wake()

    def add(self, kind: str, id: str, **fields: Any) -> None:
        """Make a resource known, such as a style of your account.

        Args:
            kind: `asset`, `avatar` (a look), `avatar_group`, `brand_glossary`, `brand_kit`, `field`, `folder`,
                `language`, `style`, `template` or `voice`.
            id: Its id; the name of a field or language.
            fields: Its fields in the API's responses, such as `name`; the others have default values. An asset takes
                `content_type`, `size_bytes`, `seconds`, `width` and `height`, which requests are checked against.

        Raises:
            ValueError: The kind is not known; the message has the nearest name.
        """
        check_name("The kind", kind, OPTIONS)
        self.state.add(kind, id, **fields)

    def add_avatar(self, id: str, **fields: Any) -> None:
        """Make a look known, as `add` does. The API calls its id `avatar_id` in requests."""
        self.add("avatar", id, **fields)

    def add_template(self, id: str, **fields: Any) -> None:
        """Make a template known, as `add` does. Its `variables` are checked in requests, if they are given here."""
        self.add("template", id, **fields)

    def add_voice(self, id: str, **fields: Any) -> None:
        """Make a voice known, as `add` does."""
        self.add("voice", id, **fields)

    def emit(
        self, event_type: str, event_data: dict[str, Any], *, entity_id: str | None = None, unknown: bool = False
    ) -> str:
        """Log a webhook event, deliver it to the matching endpoints, and return its id.

        Args:
            event_type: Its type, such as `avatar_video.success`.
            event_data: Its data.
            entity_id: The id of its subject. Endpoints registered for another entity do not receive the event.
            unknown: Whether the type may be one that the API does not document.

        Raises:
            ValueError: The type is not known; the message has the nearest known name.
        """
        if not unknown:
            check_name("The event type", event_type, event_types())
        return self._call_in_loop(partial(self.deliveries.emit, event_type, event_data, entity_id=entity_id))
