"""An asyncio-native SDK for the HeyGen API: create a video, wait for it, download it.

```python
import asyncio

from heygen_async import AsyncHeyGen


async def main(prompt: str) -> None:
    async with AsyncHeyGen() as heygen:  # reads HEYGEN_API_KEY from the environment
        session = await heygen.video_agents.create(prompt=prompt)
        video = await heygen.wait_for_video(session)
        await heygen.download(video, "tour.mp4")
```

`AsyncHeyGen` has one attribute for each resource of the API, the waits and the downloads. Methods are the API's
verbs, and fields have the API's names. Each package and module below opens with a guide. Read one in a terminal with
`python -m pydoc heygen_async.batch`:

| guide | subject |
|---|---|
| `heygen_async.resources` | the resources of the client, and how to call one |
| `heygen_async._jobs` | waiting for jobs, one or thousands |
| `heygen_async._files` | uploads and downloads |
| `heygen_async._http` | retries, errors, timeouts, logs, traces, proxies, endpoints that this version does not know |
| `heygen_async.webhooks` | the endpoint that HeyGen calls |
| `heygen_async.batch` | thousands of jobs from rows |
| `heygen_async.pricing` | the price of a request before it is sent |
| `heygen_async.auth` | API keys, and programs that act for other people |
| `heygen_async.testing` | the local HeyGen for tests |
| `heygen_async.agents`, `heygen_async.mcp` | tools for models |
| `heygen_async.cli` | the command line |
| `heygen_async.legacy` | moving a program from v1 and v2 to v3 |

Event loops and threads
-----------------------

A client works in one event loop at a time. It opens its connections at its first use there. When the first event loop
has ended, the same client works in the next one. While its event loop runs, a use in another one is a
`ConfigurationError`.

Flask, Django under WSGI and Celery call synchronous functions, from several threads. anyio, which is installed with
this package, runs an event loop in its own thread and accepts calls from all threads:

```python
import atexit
from contextlib import ExitStack
from functools import partial

from anyio.from_thread import start_blocking_portal

from heygen_async import AsyncHeyGen

stack = ExitStack()
portal = stack.enter_context(start_blocking_portal())  # the thread with the event loop
heygen = stack.enter_context(portal.wrap_async_context_manager(AsyncHeyGen()))
atexit.register(stack.close)


def create_tour(product: str) -> str:  # called from any thread: a view of Flask, a task of Celery
    session = portal.call(partial(heygen.video_agents.create, prompt=f"A tour of {product}"))
    return session.session_id
```

A server that forks, such as gunicorn with several workers, must run these lines in each worker. A thread does not
survive the fork. If an event loop runs in another thread already, `asyncio.run_coroutine_threadsafe(call, loop)`
sends a call to it. In a notebook, create the client in one cell, use it in the next ones, and `await heygen.aclose()`
at the end.

Files of the package
--------------------

* `client.py`: `AsyncHeyGen`, its configuration, its resources, waits and downloads.
* `errors.py`: every exception, as one tree under `HeyGenError`.
* `pagination.py`: `Page` and `Pager`, the result of each `list()` and `search()`.
* `pricing.py`: estimates of the price of a request.
* `progress.py`: progress bars at a terminal.
* `prompts.py`: prompts for the Video Agent, scene by scene.
* `types/`: the structs of requests and responses.
* `resources/`: the endpoints, one file a resource.
* `auth/`: OAuth sign-in, token refresh and token stores.
* `webhooks/`: signatures, events, the receiver and event stores.
* `batch/`: thousands of jobs from rows, with a journal.
* `distributed/`: the same rows on several machines, by the steps of an existing engine.
* `operations/`: the catalog of all operations, with schemas and traits.
* `agents/`, `mcp/`, `cli/`: the operations as tools for models, as an MCP server, and at a shell (`__main__.py`).
* `legacy/`: the v1 and v2 endpoints.
* `testing/`: a local HeyGen to run and test programs against.
* `_http/`, `_jobs/`, `_files/`: internal packages: one exchange with the API; polling and waiting; uploads and
  downloads.
* `_lazy.py`: the lazy exports of each package, this one too.

A package imports only from lower layers. The contracts in `pyproject.toml` list the layers.
The public names are loaded at their first use, so importing `heygen_async` takes a few milliseconds.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.2.0"

if TYPE_CHECKING:  # for type checkers; a test compares these names with the lazy exports below
    from msgspec import UNSET as UNSET

    from ._http.backoff import Backoff as Backoff
    from ._http.configuration import Timeout as Timeout
    from ._http.limits import Limits as Limits
    from ._http.response import RequestInfo as RequestInfo, Response as Response
    from ._jobs.wait_options import JobUpdate as JobUpdate
    from .agents import Tool as Tool, tools as tools
    from .auth.authorization import AuthorizationRequest as AuthorizationRequest
    from .auth.browser_login import login_with_browser as login_with_browser
    from .auth.oauth_client import OAuthClient as OAuthClient
    from .auth.oauth_tokens import OAuthTokens as OAuthTokens
    from .auth.token_file import FileTokenStore as FileTokenStore
    from .client import AsyncHeyGen as AsyncHeyGen
    from .errors import *
    from .pagination import Page as Page, Pager as Pager
    from .types.files import *
    from .types.videos import (
        AvatarVideo as AvatarVideo,
        CinematicVideo as CinematicVideo,
        ImageVideo as ImageVideo,
        StudioVideo as StudioVideo,
    )
    from .webhooks.receiver import WebhookReceiver as WebhookReceiver
else:
    from ._lazy import lazy_exports

    _load, _, _names = lazy_exports(
        __name__,
        {
            "_http.backoff": "Backoff",
            "_http.configuration": "Timeout",
            "_http.limits": "Limits",
            "_http.response": "RequestInfo Response",
            "_jobs.wait_options": "JobUpdate",
            "agents": "Tool tools",
            "auth.authorization": "AuthorizationRequest",
            "auth.browser_login": "login_with_browser",
            "auth.oauth_client": "OAuthClient",
            "auth.oauth_tokens": "OAuthTokens",
            "auth.token_file": "FileTokenStore",
            "client": "AsyncHeyGen",
            "pagination": "Page Pager",
            "types.files": "AssetFile Base64File BytesFile FileInput UrlFile",
            "types.videos": "AvatarVideo CinematicVideo ImageVideo StudioVideo",
            "webhooks.receiver": "WebhookReceiver",
        },
    )

    def __getattr__(name: str) -> object:
        if name == "__all__":
            return __dir__()
        if name == "UNSET":
            return import_module("msgspec").UNSET
        if name.endswith("Error") and name in import_module(".errors", __name__).__all__:
            return getattr(import_module(".errors", __name__), name)
        return _load(name)

    def __dir__() -> list[str]:
        return sorted(["UNSET", "__version__", *_names, *import_module(".errors", __name__).__all__])
