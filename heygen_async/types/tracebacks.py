"""Tracebacks without the frames of the SDK, whose local variables hold keys, bodies and presigned URLs.

The problem: error reporters and debuggers record the local variables of every frame in a traceback. The frames between
the program's call and the place of an error hold the arguments of the call, and those of aiohttp hold the headers.

Rejected ways:

* Mask each variable. One that is forgotten is a leak, and the arguments of the program can hold anything.
* Clear the variables of the frames. Before Python 3.13 this ends a coroutine that has caught the exception and goes on.

So every public method drops these frames from an exception that leaves it. The frames of the program stay, such as
those of a hook. An exception that is not an error of the SDK gets a note with the place where it was raised.
"""

from __future__ import annotations

import sys
from functools import wraps
from inspect import isasyncgen, isasyncgenfunction, iscoroutinefunction, isfunction
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Iterator

F = TypeVar("F", bound="Callable[..., Any]")
#: Returns a better error for the keywords of a call that do not fit a function, or None.
Explain: TypeAlias = "Callable[[Callable[..., Any], Iterable[str]], Exception | None]"
C = TypeVar("C", bound=type)

_OWN = __name__.partition(".")[0]
#: Libraries that the SDK calls. Their frames are dropped below a frame of the SDK, and kept below one of the program.
_LIBRARIES = sys.stdlib_module_names | {
    "aiofiles", "aiohappyeyeballs", "aiohttp", "anyio", "filelock", "msgspec", "multidict", "yarl",
}  # fmt: skip
_SPECIAL_METHODS = frozenset({"__init__", "__call__", "__aiter__", "__aenter__", "__aexit__", "__post_init__"})


def strip_frames(error: BaseException) -> None:
    """Drop the frames of the SDK and of its libraries from an exception, its causes and its contexts."""
    pending, visited = [error], set[int]()
    while pending:
        one = pending.pop()
        if id(one) in visited:
            continue
        visited.add(id(one))
        if one.__suppress_context__:
            one.__context__ = None
        _note_origin(one)
        one.__traceback__ = _stripped(one.__traceback__)
        pending += [other for other in (one.__cause__, one.__context__) if other is not None]
        if isinstance(one, BaseExceptionGroup):
            pending += cast("BaseExceptionGroup[BaseException]", one).exceptions


def strips_frames(function: F, explain: Explain | None = None) -> F:
    """Decorate a public function: an exception that leaves it carries no frame of the SDK but the wrapper's.

    Args:
        function: The function.
        explain: Returns the error to raise in place of Python's, for a call whose keywords do not fit.
    """
    wrapper: Callable[..., Any]
    if iscoroutinefunction(function):
        wrapper = stripping_coroutine(function, explain)
    elif isasyncgenfunction(function):
        wrapper = _wrapped_generator(function, explain)
    else:
        wrapper = _wrapped_call(function, explain)
    return cast("F", wraps(function)(wrapper))


def strips_frames_of_methods(cls: C, explain: Explain | None = None) -> C:
    """Decorate a class: `strips_frames` for its public methods."""
    for name, member in list(vars(cls).items()):
        if isfunction(member) and (not name.startswith("_") or name in _SPECIAL_METHODS):
            setattr(cls, name, strips_frames(member, explain))
    return cls


def stripping_coroutine(function: Callable[..., Any], explain: Explain | None = None) -> Callable[..., Any]:
    """Return a wrapper that strips frames, without the name and the signature of the function: it is made quickly."""

    async def call(*args: Any, **kwargs: Any) -> Any:
        try:
            pending = function(*args, **kwargs)
        except TypeError as error:
            raise _explained(error, explain, function, kwargs) from None
        finally:
            del args, kwargs
        try:
            return await pending
        except BaseException as error:
            strip_frames(error)
            raise

    return call


def _wrapped_call(function: Callable[..., Any], explain: Explain | None) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            explained = _explained(error, explain, function, kwargs)
            if explained is not error:
                raise explained from None
            strip_frames(error)
            raise
        finally:
            del args, kwargs
        if isasyncgen(result):
            generator = cast("AsyncGenerator[Any]", result)
            return _wrapped_generator(lambda: generator)()
        return result

    return call


def _explained(
    error: BaseException, explain: Explain | None, function: Callable[..., Any], keywords: Iterable[str]
) -> BaseException:
    """Return the error for a call that does not fit the function; the error itself, if the function has run."""
    has_run = error.__traceback__ is not None and error.__traceback__.tb_next is not None
    if explain is None or has_run or not isinstance(error, TypeError):
        return error
    return explain(function, keywords) or error


def _wrapped_generator(
    function: Callable[..., AsyncGenerator[Any]], explain: Explain | None = None
) -> Callable[..., AsyncGenerator[Any]]:
    async def generate(*args: Any, **kwargs: Any) -> AsyncGenerator[Any]:
        try:
            generator = function(*args, **kwargs)
        except TypeError as error:
            raise _explained(error, explain, function, kwargs) from None
        finally:
            del args, kwargs
        try:
            async for item in generator:
                yield item
        except BaseException as error:
            strip_frames(error)
            raise
        finally:
            await generator.aclose()

    return generate


def _entries(traceback: TracebackType | None) -> Iterator[tuple[TracebackType, str]]:
    """Yield each entry of a traceback, and the top package of its module."""
    while traceback is not None:
        yield traceback, str(traceback.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
        traceback = traceback.tb_next


def _stripped(traceback: TracebackType | None) -> TracebackType | None:
    """Return a traceback without the frames of the SDK, and of libraries that it called."""
    kept: list[TracebackType] = []
    is_below_own = False
    for entry, package in _entries(traceback):
        is_below_own = package == _OWN or (is_below_own and package in _LIBRARIES)
        if not is_below_own:
            kept.append(entry)
    result: TracebackType | None = None
    for entry in reversed(kept):
        result = TracebackType(result, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return result


def _note_origin(error: BaseException) -> None:
    """Note where an exception of another package was raised, if its frame is about to be dropped."""
    entries = list(_entries(error.__traceback__))
    if not entries or not isinstance(error, Exception) or type(error).__module__.partition(".")[0] == _OWN:
        return
    own = [entry for entry, package in entries if package == _OWN and entry.tb_frame.f_globals["__name__"] != __name__]
    if own and entries[-1][1] in {_OWN, *_LIBRARIES}:
        place = own[-1]
        code = place.tb_frame.f_code
        error.add_note(f"Raised in {code.co_qualname}, {code.co_filename}:{place.tb_lineno}.")
