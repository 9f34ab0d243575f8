"""Select operations as tools and apply the program's policy to them."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from ..errors import ConfigurationError
from ..operations.catalog import operations
from .bounded_calls import is_create
from .spending import Budget
from .tool import Confirm, Spending, Tool
from .wait_tools import wait_actions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from ..client import AsyncHeyGen
    from ..operations.operation import Operation
    from .actions import Action
    from .bounded_calls import BoundedCalls


def tools(
    client: AsyncHeyGen,
    *,
    include: Iterable[str] | None = None,
    spending: Spending = "deny",
    confirm: Confirm | None = None,
    files: str | PathLike[str] | None = None,
    budget: float | None = None,
    allow_unpriced: bool = False,
    bounded: BoundedCalls | None = None,
) -> list[Tool]:
    """Return the operations of HeyGen, and the waits for its jobs, as tools for a model.

    Args:
        client: The client that the tools call.
        include: The names of the tools to return, such as `create_video_agent`. Default: all.
        spending: Whether billable and destructive tools run: `allow`, `confirm` (if `confirm` returns true) or `deny`.
        confirm: Required with `spending="confirm"`. Receives the tool and its arguments; returns whether it may run.
        files: The folder whose files a model may upload. Relative paths start there, and no link below it is followed.
            Default: no local files.
        budget: The maximum that all these tools together spend, in USD by the published rates. A call of unknown price
            counts as over it. Default: no limit.
        allow_unpriced: Let calls of unknown price run within the budget.
        bounded: For a host that gives up on slow calls: the bounds of waits and creates, as the MCP server has them.
            The tools then have `get_request`. Default: a call takes its time.

    Raises:
        ConfigurationError: A name in `include` is unknown, or `spending` and `confirm` do not fit together. At the
            first file that a model names: `files` is not a folder.
    """
    if spending not in get_args(Spending):
        raise ConfigurationError(f"spending is {spending!r}; expected 'allow', 'confirm' or 'deny'.")
    if (spending == "confirm") != (confirm is not None):
        raise ConfigurationError("spending='confirm' and confirm= require each other; pass both or neither.")
    waits = wait_actions(None if bounded is None else bounded.max_wait)
    known: dict[str, Operation | Action] = {**operations(), **waits}
    names = dict.fromkeys(known if include is None else [include] if isinstance(include, str) else include)
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=3, cutoff=0.5)
            suggestion = f"; did you mean {' or '.join(near)}?" if near else "."
            raise ConfigurationError(f"There is no tool {name!r}{suggestion}")
    if bounded is not None and any(is_create(known[name]) for name in names):
        known["get_request"] = bounded.get_request()
        names["get_request"] = None
    folder = None if files is None else Path(files)
    shared_budget = None if budget is None else Budget(budget, allow_unpriced=allow_unpriced)
    options: dict[str, Any] = {
        "spending": spending, "confirm": confirm, "files": folder, "budget": shared_budget, "bounded": bounded,
    }  # fmt: skip
    return [Tool(operation=known[name], client=client, **options) for name in names]
