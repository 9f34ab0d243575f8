"""Select operations as tools and apply the program's policy to them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from .._http.argument_checks import nearest_name
from ..errors import ConfigurationError
from ..operations.catalog import find_operations, operations
from .bounded_calls import is_create
from .download_tools import download_actions
from .spending import Budget
from .tool import Confirm, Spending, Tool
from .tool_search import search_actions
from .toolset_names import SEARCH_TOOLS, Toolset, leads_somewhere, names_of, resources_of
from .wait_tools import wait_actions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from os import PathLike

    from ..client import AsyncHeyGen
    from ..operations.operation import Operation
    from .actions import Action
    from .bounded_calls import BoundedCalls
    from .spending import Confirmations


def tools(
    client: AsyncHeyGen,
    *,
    toolset: str | Iterable[str] | None = None,
    include: Iterable[str] | None = None,
    exclude: Iterable[str] = (),
    read_only: bool = False,
    spending: Spending = "deny",
    confirm: Confirm | None = None,
    confirmations: Confirmations | None = None,
    files: str | PathLike[str] | None = None,
    budget: float | None = None,
    allow_unpriced: bool = False,
    bounded: BoundedCalls | None = None,
    output_dir: str | PathLike[str] | None = None,
) -> list[Tool]:
    """Return the operations of HeyGen, and the waits for its jobs, as tools for a model.

    Tools that lead nowhere for a model are in no toolset: uploads without `files`, uploads in two steps, and what
    returns the secret of a webhook. `include` adds them.

    Args:
        client: The client that the tools call.
        toolset: The names of one or more toolsets: `video` (at most 14 tools), `translation`, `avatars`, `audio`,
            `assets`, `workflows`, `admin`, `all` or `search`. Default: `all`, or with `include` no toolset.
        include: The names of more tools, such as `create_video_agent`.
        exclude: The names of tools to leave out.
        read_only: Leave out what changes anything at HeyGen.
        spending: Whether billable and destructive tools run: `allow`, `confirm` (if `confirm` returns true) or `deny`.
        confirm: Required with `spending="confirm"`. Receives the tool and its arguments; returns whether it may run.
        confirmations: For a host that cannot ask the person, as the MCP server has them: a refusal has a token that the
            same call repeats. Default: no tokens.
        files: The folder whose files a model may upload. Relative paths start there, and no link below it is followed.
            Default: no local files.
        budget: The maximum that all these tools together spend, in USD by the published rates; see
            `heygen_async.pricing`. `spending` still decides whether a call runs at all. Default: no limit.
        allow_unpriced: Let calls run whose rate is not published; the budget does not count them.
        bounded: For a host that gives up on slow calls: the bounds of waits and creates, as the MCP server has them.
            The tools then have `get_request`. Default: a call takes its time.
        output_dir: The folder into which `download_video` and its like save files. Default: there are no such tools.

    Raises:
        ConfigurationError: A name in `toolset`, `include` or `exclude` is unknown, or `spending` and `confirm` do not
            fit together. At the first file that a model names: `files` is not a folder. At the first download:
            `output_dir` is not a folder.
    """
    if spending not in get_args(Spending):
        raise ConfigurationError(f"spending is {spending!r}; expected 'allow', 'confirm' or 'deny'.")
    if (spending == "confirm") != (confirm is not None):
        raise ConfigurationError("spending='confirm' and confirm= require each other; pass both or neither.")
    toolsets = _names("all" if toolset is None and include is None else toolset)
    included, excluded = _names(include), _names(exclude)
    _check_toolsets(toolsets)
    known = _known_tools(toolsets, (*included, *excluded), output_dir, bounded)
    _check_names((*included, *excluded), [*known, *SEARCH_TOOLS])
    if bounded is not None and "get_request" in excluded:
        raise ConfigurationError("get_request cannot be excluded: it returns what a create that went on has created.")
    folder = None if files is None else Path(files)
    is_useful = partial(leads_somewhere, files_allowed=folder is not None)

    def is_kept(operation: Operation | Action) -> bool:
        return operation.name not in excluded and not (read_only and operation.mutating)

    shared_budget = None if budget is None else Budget(budget, allow_unpriced=allow_unpriced)

    def create(names: Iterable[str], offered: Iterable[str]) -> list[Tool]:
        policy: dict[str, Any] = {"spending": spending, "confirm": confirm, "confirmations": confirmations}
        shared: dict[str, Any] = {"offered": frozenset(offered), "budget": shared_budget, **policy}
        return [Tool(operation=known[name], client=client, bounded=bounded, files=folder, **shared) for name in names]

    wanted = dict.fromkeys([*(name for one in toolsets for name in names_of(one, known, is_useful)), *included])
    reachable: list[str] = []
    if not wanted.keys().isdisjoint(SEARCH_TOOLS):
        reachable = [name for name, one in known.items() if is_kept(one) and is_useful(one)]
        actions = search_actions(create(reachable, (*reachable, *wanted)))
        known.update({action.name: action for action in actions})
    names = [name for name in wanted if is_kept(known[name]) and name != "get_request"]
    if bounded is not None and any(is_create(known[name]) for name in (*names, *reachable)):
        names.append("get_request")
    return create(names, (*names, *reachable))


def _known_tools(
    toolsets: Collection[str],
    names: Collection[str],
    output_dir: str | PathLike[str] | None,
    bounded: BoundedCalls | None,
) -> dict[str, Operation | Action]:
    """Return the tools of some toolsets, and those with some names, among others; all tools if a name is unknown."""
    downloads: Mapping[str, Action] = {} if output_dir is None else download_actions(Path(output_dir), bounded)
    waits = wait_actions(None if bounded is None else bounded.max_wait)
    requests = {} if bounded is None else {"get_request": bounded.get_request()}
    actions: dict[str, Action] = {**waits, **downloads, **requests}
    if {"all", "search", *SEARCH_TOOLS}.isdisjoint([*toolsets, *names]):
        resources = {resource for one in toolsets for resource in resources_of(one)}
        found: dict[str, Operation | Action] = {**find_operations(names, resources), **actions}
        if found.keys() >= set(names):
            return found
    return {**operations(), **actions}


def _names(names: str | Iterable[str] | None) -> list[str]:
    return [names] if isinstance(names, str) else list(names or ())


def _check_toolsets(names: Iterable[str]) -> None:
    for name in names:
        if name not in get_args(Toolset):
            raise ConfigurationError(f"There is no toolset {name!r}; there are {', '.join(get_args(Toolset))}.")


def _check_names(names: Iterable[str], known: Iterable[str]) -> None:
    known = list(known)
    for name in names:
        if name not in known:
            near = nearest_name(name, known)
            suggestion = f"; did you mean {near}?" if near else "."
            if name.startswith("download_") and not any(one.startswith("download_") for one in known):
                suggestion = "; downloads need a folder: output_dir=, or --output-dir on the command line."
            raise ConfigurationError(f"There is no tool {name!r}{suggestion}")
