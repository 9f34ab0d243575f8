"""Exceptions as `pickle` and `deepcopy` need them."""

from __future__ import annotations

from typing import TypeVar

E = TypeVar("E", bound=BaseException)


def rebuild_exception(cls: type[E], args: tuple[object, ...], state: dict[str, object]) -> E:
    """Build an exception from its arguments and attributes, without its `__init__`."""
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


def picklable(value: object) -> object:
    """Return a value for a pickled exception: the repr in place of a secret, an open file or a generator."""
    import pickle  # noqa: PLC0415  a program that copies errors has loaded it

    try:
        pickle.dumps(value)
    except Exception:  # noqa: BLE001  pickle raises the exceptions of every class
        return repr(value)
    return value
