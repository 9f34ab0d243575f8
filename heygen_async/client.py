"""`AsyncHeyGen`, the client: its configuration and the resources; it inherits the waits and the downloads.

Resources, waits and downloads are imported at their first use, so that importing the client stays fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, Self, Unpack

from ._files.download_methods import Downloads
from ._http.argument_checks import check_keywords
from ._http.backoff import Backoff
from ._http.call_errors import explains_calls, missing_resource
from ._http.configuration import Options, is_enabled, resolve_base_url, resolve_timeout
from ._http.endpoint import unknown_endpoint
from ._http.limits import DEFAULT_LIMITS, Limits
from ._http.network import Network, NetworkOptions
from ._http.proxies import http_proxy
from ._http.shared_state import SharedState
from ._http.signatures import show_parameters
from ._http.transport import Transport
from ._jobs.wait_methods import Waits
from .auth.credential_choice import choose_credentials, describe_credentials
from .types.redaction import HiddenStr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    import aiohttp

    from ._http.configuration import DriftHook, RequestHook, ResponseHook, Timeout
    from ._http.response import Response
    from .auth.api_key_source import ApiKeyFunction
    from .auth.oauth_tokens import OAuthTokens
    from .auth.token_store import TokenStore
    from .legacy import Legacy
    from .pricing import Spent
    from .resources.ai_clipping import AiClipping
    from .resources.api_keys import ApiKeys
    from .resources.assets import Assets
    from .resources.audio import Audio
    from .resources.avatar_realtime import AvatarRealtime
    from .resources.avatars import Avatars
    from .resources.background_removals import BackgroundRemovals
    from .resources.brand_glossaries import BrandGlossaries
    from .resources.brand_kits import BrandKits
    from .resources.filler_word_removals import FillerWordRemovals
    from .resources.folders import Folders
    from .resources.hyperframes import Hyperframes
    from .resources.lipsyncs import Lipsyncs
    from .resources.models import Models
    from .resources.podcasts import Podcasts
    from .resources.templates import Templates
    from .resources.users import Users
    from .resources.video_agents import VideoAgents
    from .resources.video_quality import VideoQuality
    from .resources.video_translations import VideoTranslations
    from .resources.videos import Videos
    from .resources.voices import Voices
    from .resources.webhooks import Webhooks
    from .resources.workflow_runs import WorkflowRuns
    from .resources.workflows import Workflows
    from .types.base import JSONValue

RETRY = Backoff(initial=0.5, factor=2.0, maximum=8.0, jitter=1.0)
MAX_RETRIES = 3
MAX_RESUMES = 8
MAX_CONNECTIONS = 100
WAIT_TIMEOUT = 1200.0


class WebhookEventSource(Protocol):
    """A source of HeyGen's webhook events, such as a `WebhookReceiver`."""

    def subscribe(self, listener: Callable[[Mapping[str, Any]], object]) -> None:
        """Call `listener` with every event.

        Args:
            listener: A function of the event.
        """
        ...


@explains_calls
class AsyncHeyGen(Waits, Downloads):
    """A client of the HeyGen API.

    `async with AsyncHeyGen() as heygen:` opens and closes the connections. A client can be created without a running
    event loop, shared by all tasks of one event loop, and entered again after it was closed.

    Args:
        api_key: The API key; by default `HEYGEN_API_KEY` in the environment, then the OAuth token in
            `HEYGEN_ACCESS_TOKEN`, then the stored sign-in: the tokens of `FileTokenStore()`, or the key of
            `heygen-async auth login`. For keys that rotate, a function without arguments that returns the key; it may
            be async, and otherwise runs in a thread. It is called before the first request, and again when HeyGen
            rejects its key with a 401.
        base_url: The API's address; by default the environment variable `HEYGEN_BASE_URL`, then `HEYGEN_API_BASE`, or
            https://api.heygen.com.
        timeout: Seconds for a whole call with its retries and pauses, or a `Timeout` of three limits.
        max_retries: The number of retries of a request after a transient error, by default 3. Also the number of
            consecutive resumptions of a download without a new byte, by default 8.
        retry: The pauses between retries, unless the server requests one.
        poll: The pauses between polls of a job; by default those of the job's kind.
        wait_timeout: Seconds that a wait may take, by default 1200.
        session: An `aiohttp.ClientSession` to send through. The client never closes it. Behind its proxy, of the URLs
            from responses only literal addresses and `localhost` are checked (`allow_private_hosts`).
        headers: Headers for every request.
        max_connections: The number of requests that may run in parallel, by default 100.
        events: A `WebhookReceiver` whose events wake the waits, which then poll rarely. True when the program passes
            webhook events to `handle_event` itself.
        auth: A signed-in user's tokens, or the store that keeps them, such as `FileTokenStore`; instead of an API key.
            One task refreshes the tokens before they expire, and stores the new ones.
        on_request: Called with a `RequestInfo` before each attempt of a request, and before each request to a file
            store (`RequestInfo.is_transfer`); may be async.
        on_response: Called with a `Response` after each attempt that got one, when an event stream opens, and when a
            file store responds (`Response.is_transfer`), with an empty body; may be async.
        on_drift: Called with each response that deviates from the documented form, and with the deviations.
        strict: Raise a `DecodeError` for a response that deviates from the documented form. By default such a response
            is read as far as possible, and the log has one warning for each field.
        limits: The maximum sizes of what the client receives.
        allow_private_hosts: Whether files whose URLs come from responses may be fetched from private, link-local and
            loopback addresses, and over plain http; by default `HEYGEN_ALLOW_PRIVATE_HOSTS=1` in the environment.
        insecure_http: Whether `base_url` may be plain http; by default `HEYGEN_INSECURE_HTTP=1` in the environment.
            This machine's own addresses may always be.
        proxy: The proxy for every connection, as `http://name:password@host:3128`; `socks5://` needs the extra `socks`.
        trust_env: Whether `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` name the proxies when `proxy` does
            not. `~/.netrc` is never read.
        ssl_context: A complete context for TLS, such as `truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)` for the
            system's own certificates.
        ca_bundle: A PEM file, or a folder of hashed ones, with the certificates to trust; by default `SSL_CERT_FILE`,
            `SSL_CERT_DIR` or `REQUESTS_CA_BUNDLE` in the environment, or the system's.
        client_cert: A PEM file with a client certificate and its key; or the certificate's file, the key's file and the
            key's password.
        user_agent_suffix: The name and version of a framework that uses this client, such as `my-framework/1.2`. It
            follows the SDK's own in the header `User-Agent` of every request.

    Raises:
        ConfigurationError: There is no API key, or the key or address is invalid.
    """

    users: Users
    api_keys: ApiKeys
    video_agents: VideoAgents
    videos: Videos
    voices: Voices
    assets: Assets
    avatars: Avatars
    avatar_realtime: AvatarRealtime
    audio: Audio
    templates: Templates
    video_translations: VideoTranslations
    lipsyncs: Lipsyncs
    webhooks: Webhooks
    brand_kits: BrandKits
    brand_glossaries: BrandGlossaries
    background_removals: BackgroundRemovals
    ai_clipping: AiClipping
    hyperframes: Hyperframes
    filler_word_removals: FillerWordRemovals
    folders: Folders
    podcasts: Podcasts
    models: Models
    workflows: Workflows
    workflow_runs: WorkflowRuns
    video_quality: VideoQuality

    @show_parameters
    def __init__(
        self,
        api_key: str | ApiKeyFunction | None = None,
        *,
        base_url: str | None = None,
        timeout: float | Timeout | None = None,
        max_retries: int | None = None,
        retry: Backoff = RETRY,
        poll: Backoff | None = None,
        wait_timeout: float = WAIT_TIMEOUT,
        session: aiohttp.ClientSession | None = None,
        headers: Mapping[str, str] | None = None,
        max_connections: int = MAX_CONNECTIONS,
        events: bool | WebhookEventSource = False,
        auth: OAuthTokens | TokenStore | None = None,
        on_request: RequestHook | None = None,
        on_response: ResponseHook | None = None,
        on_drift: DriftHook | None = None,
        strict: bool = False,
        limits: Limits = DEFAULT_LIMITS,
        **network: Unpack[NetworkOptions],
    ) -> None:
        _check_network(network)
        base_url = resolve_base_url(base_url, insecure_http=network.get("insecure_http"))
        source, secret, credentials = choose_credentials(api_key, auth, base_url)
        options = Options(
            api_key=secret,
            credential_source=source,
            base_url=base_url,
            timeout=resolve_timeout(timeout),
            max_retries=MAX_RETRIES if max_retries is None else max_retries,
            max_resumes=MAX_RESUMES if max_retries is None else max_retries,
            retry=retry,
            poll=poll,
            wait_timeout=wait_timeout,
            headers=dict(headers or {}),
            on_request=on_request,
            on_response=on_response,
            on_drift=on_drift,
            strict=strict,
            limits=limits,
            allow_private_hosts=is_enabled(network.get("allow_private_hosts"), "HEYGEN_ALLOW_PRIVATE_HOSTS"),
        )
        shared_state = SharedState(
            session, max_connections, events=events is not False, credentials=credentials, network=Network(**network)
        )
        self._transport = Transport(shared_state, options)
        if not isinstance(events, bool):
            events.subscribe(self.handle_event)

    def __repr__(self) -> str:
        transport = vars(self).get("_transport")  # missing while __init__ reports an invalid key
        if transport is None:
            return "AsyncHeyGen(base_url=None)"
        credentials = " ".join(describe_credentials(transport)).rstrip()
        return f"AsyncHeyGen(base_url={transport.options.base_url!r}, credentials={credentials!r})"

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            # A resource is imported and created at its first use: most programs use two or three of them.
            if name not in AsyncHeyGen.__annotations__:
                raise missing_resource(self, name, AsyncHeyGen.__annotations__)
            class_name = "".join(part.capitalize() for part in name.split("_"))
            resource = getattr(import_module(f".resources.{name}", __package__), class_name)(self._transport)
            self.__dict__[name] = resource
            return resource

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *AsyncHeyGen.__annotations__})

    async def __aenter__(self) -> Self:
        await self._transport.shared_state.enter()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.shared_state.leave()

    async def aclose(self) -> None:
        """Close the connections, which all clients made with `with_options` share. Closing again does nothing."""
        await self._transport.shared_state.close()

    def with_options(
        self,
        *,
        timeout: float | Timeout | None = None,
        max_retries: int | None = None,
        retry: Backoff | None = None,
        poll: Backoff | None = None,
        wait_timeout: float | None = None,
        headers: Mapping[str, str | None] | None = None,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
        base_url: str | None = None,
        proxy: str | None = None,
    ) -> AsyncHeyGen:
        """Return the same client with other defaults, on the same connections.

        `query` and `body` are for fields that are newer than this SDK: each request of the view has them, except the
        polls of a wait. `heygen.with_options(body={"new_field": 1}).videos.create(...)` sends one.

        Args:
            timeout: Seconds for a whole call, or a `Timeout`.
            max_retries: The number of retries of a request, and of resumptions of a download.
            retry: The pauses between retries.
            poll: The pauses between polls of a job.
            wait_timeout: Seconds that a wait may take.
            headers: Headers to add to this client's; None removes one.
            query: Query parameters to add; None removes one that an earlier `with_options` added.
            body: Fields to add to each JSON object that is sent as a body; None is sent as null.
            base_url: Another address of the API. The credentials go there too.
            proxy: The proxy for every connection of the view, as `http://host:3128`.

        Raises:
            TypeError: On a call: the method has a parameter with the name of a field in `query` or `body`.
        """
        changes: dict[str, object] = {
            "timeout": None if timeout is None else resolve_timeout(timeout),
            "max_retries": max_retries,
            "max_resumes": max_retries,
            "retry": retry,
            "poll": poll,
            "wait_timeout": wait_timeout,
            "headers": headers,
            "query": query,
            "body": body,
            "base_url": None if base_url is None else resolve_base_url(base_url),
            "proxy": None if proxy is None else http_proxy(HiddenStr(proxy)),
        }
        return self._view(**{name: value for name, value in changes.items() if value is not None})

    def _view(self, **changes: Any) -> AsyncHeyGen:
        view = object.__new__(AsyncHeyGen)
        view._transport = Transport(self._transport.shared_state, self._transport.options.replace(**changes))
        return view

    def deadline(self, seconds: float) -> AbstractAsyncContextManager[None]:
        """Limit everything inside a block by one deadline: `async with heygen.deadline(60):`.

        Each call, wait and transfer inside it ends at the deadline at the latest, with its usual error, such as an
        `APITimeoutError` or a `WaitTimeoutError`. Tasks that start inside the block obey it too. The block itself is
        not cancelled.

        Args:
            seconds: The seconds for the block, above 0. An outer block's deadline stays in force.
        """
        from ._http.deadlines import limit_block

        return limit_block(seconds)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        json: JSONValue | Mapping[str, object] = None,
        idempotency_key: str | None = None,
    ) -> JSONValue:
        """Send a request to an endpoint that this version does not know, and return the whole JSON of the response.

        Retries, errors and authentication are the same as for every request. A POST is retried after an unknown outcome
        only with an `idempotency_key`; pass one where the endpoint honours it.

        Args:
            method: GET, POST, PUT, PATCH or DELETE.
            path: The percent-encoded path, with its leading `/`.
            query: Query parameters; None values are left out.
            json: The JSON body.
            idempotency_key: The `Idempotency-Key` header.

        Raises:
            InvalidInputError: The method or the path is invalid.
        """
        endpoint = unknown_endpoint(method.upper(), path, honours_key=bool(idempotency_key))
        return await self._transport.request_json(endpoint, query, json, idempotency_key)

    @property
    def last_response(self) -> Response | None:
        """The last response that the current task got from this client: status, headers, request id and raw JSON."""
        return self._transport.last_response

    @property
    def spent(self) -> Spent:
        """What the creates of this client, and of all clients made with `with_options`, cost by the published rates.

        A create counts when HeyGen accepted it. `usd` is the known part; `unknown_creates` counts those whose price is
        not published, or whose length is not known before. `users.me()` shows the real charges.
        """
        return self._transport.shared_state.spending.total()

    @property
    def legacy(self) -> Legacy:
        """The v1 and v2 endpoints, for programs that move to v3 one call at a time."""
        from .legacy import Legacy

        return Legacy(self._transport)

    @property
    def tokens(self) -> OAuthTokens | None:
        """The current OAuth tokens; None with an API key, or before the first request with a token store."""
        from .auth.token_refresh import TokenRefresher

        credentials = self._transport.shared_state.credentials
        return credentials.tokens if isinstance(credentials, TokenRefresher) else None


def _check_network(network: NetworkOptions) -> None:
    """Check the names of these options, and hide the password of a proxy in them."""
    if network:
        check_keywords(AsyncHeyGen.__init__, network)
        network["proxy"] = HiddenStr(network.get("proxy") or "") or None
