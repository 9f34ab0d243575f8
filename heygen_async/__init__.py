"""An asyncio-native SDK for the HeyGen API: ask for a video, wait for it well, get the file.

The public names are served from here at their first use, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:  # what checkers read; a test holds it to what is served below
    from msgspec import UNSET as UNSET

    from .agent_tools import Tool as Tool, tools as tools
    from .backoff import Backoff as Backoff
    from .client import AsyncHeyGen as AsyncHeyGen
    from .errors import *
    from .login import login_with_browser as login_with_browser
    from .models.files import *
    from .oauth import Authorization as Authorization, OAuthClient as OAuthClient, OAuthTokens as OAuthTokens
    from .options import Timeout as Timeout
    from .pagination import Page as Page, Pager as Pager
    from .receiver import WebhookReceiver as WebhookReceiver
    from .response import RequestInfo as RequestInfo, Response as Response
    from .tokens import FileTokens as FileTokens
    from .waiting import Update as Update
else:
    #: Where each public name lives; those of `errors` all end in Error.
    _HOMES = {
        "agent_tools": ["Tool", "tools"],
        "backoff": ["Backoff"],
        "client": ["AsyncHeyGen"],
        "login": ["login_with_browser"],
        "models.files": ["AssetFile", "Base64File", "BytesFile", "FileInput", "UrlFile"],
        "oauth": ["Authorization", "OAuthClient", "OAuthTokens"],
        "options": ["Timeout"],
        "pagination": ["Page", "Pager"],
        "receiver": ["WebhookReceiver"],
        "response": ["RequestInfo", "Response"],
        "tokens": ["FileTokens"],
        "waiting": ["Update"],
    }
    _HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

    def __getattr__(name: str) -> object:
        if name == "__all__":
            return __dir__()
        if name == "UNSET":
            found = import_module("msgspec").UNSET
        else:
            home = _HOME_OF.get(name) or ("errors" if name.endswith("Error") else None)
            found = None if home is None else getattr(import_module(f".{home}", __name__), name, None)
        if found is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted(["UNSET", "__version__", *_HOME_OF, *import_module(".errors", __name__).__all__])
