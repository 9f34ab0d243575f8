"""`AsyncHeyGen`: one client, the resources that hang off it, the waits, and download.

What a program does not use is not imported: resources, waits and downloads come in at their first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

from ._http.backoff import Backoff
from ._http.configuration import Options, resolve_base_url, resolve_timeout
from ._http.encoding import json_body, query_string
from ._http.endpoint import Endpoint
from ._http.shared_state import SharedState
from ._http.transport import Transport
from ._jobs.wait_methods import Waits
from .auth.api_key import resolve_api_key
from .errors import ConfigurationError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from os import PathLike
    from pathlib import Path
    from types import TracebackType

    import aiohttp

    from ._files.download_stream import DownloadStream
    from ._files.transfer_progress import OnProgress
    from ._files.url_renewal import Downloadable
    from ._http.configuration import RequestHook, ResponseHook, Timeout
    from ._http.endpoint import Method
    from ._http.response import Response
    from .auth.oauth_tokens import OAuthTokens
    from .auth.token_store import TokenStore
    from .errors import HeyGenError
    from .legacy import Legacy
    from .resources.ai_clipping import AiClipping
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
    from .resources.video_translations import VideoTranslations
    from .resources.videos import Videos
    from .resources.voices import Voices
    from .resources.webhooks import Webhooks
    from .types.base import JSONValue

RETRY = Backoff(initial=0.5, factor=2.0, maximum=8.0, jitter=1.0)
MAX_RETRIES = 3
MAX_RESUMES = 8
MAX_CONNECTIONS = 100
WAIT_TIMEOUT = 1200.0


class WebhookEventSource(Protocol):
    """What tells of HeyGen's events, such as a `WebhookReceiver`."""

    def subscribe(self, listener: Callable[[Mapping[str, Any]], object]) -> None:
        """Call this with every event."""
        ...


class AsyncHeyGen(Waits):
    """A client of the HeyGen API.

    `async with AsyncHeyGen() as heygen:` opens and closes it. It may be made anywhere (no running loop is needed),
    shared by any number of tasks of one event loop, and entered again after it was closed.

    Args:
        api_key: By default `HEYGEN_API_KEY` of the environment.
        base_url: By default `HEYGEN_API_URL` of the environment, else https://api.heygen.com; plain `http` is accepted
            for loopback addresses alone.
        timeout: Seconds that a whole call may take, retries and pauses included, or a `Timeout` of the three limits.
        max_retries: How often a request that failed in passing is sent again, by default 3 times; a download that
            breaks is taken up so often without a byte in between, by default 8 times.
        retry: The pauses between those, where the server asks for none.
        poll: The pauses between looks at a job; by default what suits the kind of job.
        wait_timeout: Seconds that a wait may take at most.
        session: An `aiohttp.ClientSession` to send through; it is used, and never closed.
        headers: Sent with every request.
        max_connections: How many requests may be in flight at once.
        events: A `WebhookReceiver` whose events wake the waits, which look rarely then; or True, when the program hands
            HeyGen's webhook events to `handle_event` itself.
        auth: Instead of a key: the tokens of a person who signed in, or the store that keeps them (`FileTokenStore`);
            they are refreshed shortly before their end, by one task, and what follows them is stored.
        on_request: Called before each attempt; may be async.
        on_response: Called after each answer; may be async.

    Raises:
        ConfigurationError: No usable key or address.
    """

    users: Users
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

    def __init__(
        self,
        api_key: str | None = None,
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
    ) -> None:
        options = Options(
            api_key=resolve_api_key(api_key) if auth is None else None,
            base_url=resolve_base_url(base_url),
            timeout=resolve_timeout(timeout),
            max_retries=MAX_RETRIES if max_retries is None else max_retries,
            max_resumes=MAX_RESUMES if max_retries is None else max_retries,
            retry=retry,
            poll=poll,
            wait_timeout=wait_timeout,
            headers=dict(headers or {}),
            on_request=on_request,
            on_response=on_response,
        )
        credentials = None
        if auth is not None:
            if api_key is not None:
                raise ConfigurationError("Give AsyncHeyGen an api_key or auth, not both.")
            from .auth.token_refresh import TokenRefresher

            credentials = TokenRefresher(auth, options.base_url)
        shared_state = SharedState(session, max_connections, events=events is not False, credentials=credentials)
        self._transport = Transport(shared_state, options)
        if not isinstance(events, bool):
            events.subscribe(self.handle_event)

    def __repr__(self) -> str:
        transport = vars(self).get("_transport")  # it is not there yet while a bad key is told of
        return f"AsyncHeyGen(base_url={transport and transport.options.base_url!r})"

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            # A resource is imported and made at its first use: most programs use two or three of them.
            if name not in type(self).__annotations__:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            kind = "".join(part.capitalize() for part in name.split("_"))
            resource = getattr(import_module(f".resources.{name}", __package__), kind)(self._transport)
            self.__dict__[name] = resource
            return resource

    async def __aenter__(self) -> Self:
        await self._transport.shared_state.enter()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.shared_state.leave()

    async def aclose(self) -> None:
        """Close the connections, those of every view of this client too; closing twice is closing once."""
        await self._transport.shared_state.close()

    def with_options(
        self,
        *,
        timeout: float | Timeout | None = None,
        max_retries: int | None = None,
        retry: Backoff | None = None,
        poll: Backoff | None = None,
        wait_timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncHeyGen:
        """The same client with other defaults, on the same connections; `headers` are added to those that are set."""
        changes: dict[str, object] = {
            "timeout": None if timeout is None else resolve_timeout(timeout),
            "max_retries": max_retries,
            "max_resumes": max_retries,
            "retry": retry,
            "poll": poll,
            "wait_timeout": wait_timeout,
            "headers": headers,
        }
        return self._view(**{name: value for name, value in changes.items() if value is not None})

    def _view(self, **changes: Any) -> AsyncHeyGen:
        view = object.__new__(AsyncHeyGen)
        view._transport = Transport(self._transport.shared_state, self._transport.options.replace(**changes))
        return view

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        json: JSONValue | Mapping[str, object] = None,
        idempotency_key: str | None = None,
    ) -> JSONValue:
        """Ask an endpoint that this version does not know, with the same retries, errors and authentication.

        `path` begins with `/` and is sent as it is. The answer's whole JSON is returned. A POST is repeated after a
        lost answer only when an `idempotency_key` is given: give one where the endpoint honours it.
        """
        verb = method.upper()
        if verb not in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
            raise InvalidInputError("method", method, "GET, POST, PUT, PATCH or DELETE")
        if not path.startswith("/") or not path.isascii() or not path.isprintable() or " " in path:
            raise InvalidInputError("path", path, "a path on the API's host, percent-encoded, beginning with /")
        route = Endpoint(
            cast("Method", verb),
            path,
            idempotency="header" if idempotency_key else None,
            recovery="Look at what this endpoint makes before asking again.",
        )
        body = None if json is None else json_body(json)
        return await self._transport.request_json(route, path + query_string(query), body, idempotency_key)

    async def download(
        self,
        what: Downloadable,
        path: str | PathLike[str],
        *,
        field: str | None = None,
        overwrite: bool = False,
        resume: bool = False,
        on_progress: OnProgress | None = None,
    ) -> Path:
        """Fetch what HeyGen made, or any URL that it gave, into a file, and return its path.

        Streamed: memory does not grow with the file. It appears under its name only when it is whole (by its length
        and, where the server gives one, its digest) and on the disk. What broke is taken up where it broke, and a link
        that expired is asked for again from the thing in which it stood. All of that ends with the client's `timeout`,
        when it has one.

        Args:
            what: A finished video, translation, lipsync, render, …, anything else with a URL, or a URL.
            field: Which of its URLs, such as `captioned_video_url`, `layers.mask` or `clips.0.video_url`; by default
                its `video_url`, `audio_url` or `url`.
            overwrite: Replace a file that is there already.
            resume: Go on with what a process that was killed, or a download with `resume=True` that failed, left beside
                the target (`.name.part`), and leave it there for the next one when this one fails.
            on_progress: Called with the bytes done and the bytes in all (None when unknown); may be async.

        Raises:
            InvalidInputError: It has no such URL yet, the folder is not there, or the name is taken.
            DownloadError: It could not be fetched whole, or not be written.
        """
        from ._files import downloads

        return await downloads.download(
            self._transport, what, path, url_field=field, overwrite=overwrite, resume=resume, on_progress=on_progress
        )

    async def download_many(
        self,
        items: Iterable[tuple[Downloadable, str | PathLike[str]]],
        *,
        concurrency: int = 4,
        field: str | None = None,
        overwrite: bool = False,
        resume: bool = False,
        on_progress: OnProgress | None = None,
    ) -> Sequence[Path | HeyGenError]:
        """Fetch pairs of a thing and a path, as `download` does: for each its path, or what went wrong with it.

        Args:
            concurrency: How many are fetched at once.
            on_progress: Called with the bytes done of all, and the bytes of all that have begun; may be async.
        """
        from ._files import downloads

        return await downloads.download_many(
            self._transport,
            items,
            concurrency=concurrency,
            url_field=field,
            overwrite=overwrite,
            resume=resume,
            on_progress=on_progress,
        )

    def open_stream(
        self, what: Downloadable, *, field: str | None = None
    ) -> AbstractAsyncContextManager[DownloadStream]:
        """The bytes of what `download` takes, to be piped elsewhere: `async with heygen.open_stream(video) as stream:`.

        `async for chunk in stream` gives each byte once and in order, over breaks and expired links. Its `total` and
        `media_type` are known from the start.

        Raises:
            DownloadError: It cannot be had, or changed while it was read.
        """
        from ._files import download_stream

        return download_stream.open_stream(self._transport, what, url_field=field)

    @property
    def last_response(self) -> Response | None:
        """The newest answer that the present task had from this client: status, headers, request id, raw JSON."""
        return self._transport.last_response

    @property
    def legacy(self) -> Legacy:
        """The v1 and v2 endpoints, for programs that move over one call at a time."""
        from .legacy import Legacy

        return Legacy(self._transport)

    @property
    def tokens(self) -> OAuthTokens | None:
        """The OAuth tokens in use, those of the newest refresh; None before the first request of a stored pair."""
        from .auth.token_refresh import TokenRefresher

        credentials = self._transport.shared_state.credentials
        return credentials.tokens if isinstance(credentials, TokenRefresher) else None
