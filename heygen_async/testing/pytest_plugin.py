"""Pytest fixtures for the tests of programs that use HeyGen.

| fixture | for | its clock |
|---|---|---|
| `heygen_emulator` | coroutine tests; needs pytest-asyncio | jumps over every wait, so a render takes milliseconds |
| `heygen` | coroutine tests: a client of `heygen_emulator` | the same |
| `heygen_emulator_thread` | plain functions: it serves from its own thread | real time; every job is ready immediately
|

`@pytest.mark.heygen(autojump=False, balance=5)` passes any option of `HeyGenEmulator` to them. `strict=True` is for the
client: it raises a `DecodeError` for a response that deviates from the documented form. A fault that no request met is
    a
warning at the end of the test; with `strict_faults=True` it fails the test.

Pytest's configuration file may set options for all tests:

| setting | value |
|---|---|
| `heygen_known_voices`, `heygen_known_avatars`, … | ids that exist, for each such option of `HeyGenEmulator` |
| `heygen_account` | files for `HeyGenEmulator.from_account` |
| `heygen_plan` | the plan of the account |
| `heygen_lenient` | `true` accepts every id and file |

The summary of a run repeats the emulator's hints on unknown ids and exceeded limits for each test that failed.
"""

from __future__ import annotations

import inspect
import logging
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from .known_ids import OPTIONS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from .. import AsyncHeyGen
    from . import HeyGenEmulator

try:
    import pytest_asyncio
except ImportError:  # optional: a project may test without asyncio
    pytest_asyncio = None  # type: ignore[assignment]  # checked below


_HINT = "heygen_hint"  # the name of the property
_COLLECTOR = pytest.StashKey["_HintCollector"]()
_INSTANT = 1e-6  # seconds; not 0, because a plan scales the states of a job by their whole length
_CLIENT_OPTIONS = frozenset({"strict"})
_PLUGIN_OPTIONS = frozenset({"strict_faults"})


class UnusedFaultWarning(UserWarning):
    """A fault was injected, but no request met it."""


class _HintCollector(logging.Handler):
    """Adds the emulator's hints to the properties of the running test, which its reports contain."""

    item: pytest.Item | None = None

    def emit(self, record: logging.LogRecord) -> None:
        entry = (_HINT, record.getMessage())
        if self.item is not None and hasattr(record, "is_hint") and entry not in self.item.user_properties:
            self.item.user_properties.append(entry)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings."""
    for option in OPTIONS.values():
        parser.addini(
            f"heygen_{option}", f"ids of HeyGen that exist in every test ({option} of HeyGenEmulator)", "args", []
        )
    parser.addini(
        "heygen_account", "files with the lists of a real account (see HeyGenEmulator.from_account)", "paths", []
    )
    parser.addini("heygen_plan", "the plan of the account (plan of HeyGenEmulator)", "string", "")
    parser.addini("heygen_lenient", "whether the emulator of HeyGen accepts any id", "bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and collect the hints."""
    collector = config.stash[_COLLECTOR] = _HintCollector()
    logging.getLogger(__package__).addHandler(collector)
    config.add_cleanup(partial(logging.getLogger(__package__).removeHandler, collector))
    config.addinivalue_line("markers", "heygen(**options): options of the HeyGenEmulator behind this test's fixtures")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Collect the hints for this test."""
    item.config.stash[_COLLECTOR].item = item


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the hints of the tests that failed."""
    hints = {
        (report.nodeid, hint): None
        for outcome in ("failed", "error")
        for report in terminalreporter.getreports(outcome)
        for name, hint in getattr(report, "user_properties", ())  # A report of a failed collection has none.
        if name == _HINT
    }
    if hints:
        terminalreporter.section("hints of the HeyGen emulator")
    for test, hint in hints:
        terminalreporter.line(f"{test}: {hint}")


def _settings(config: pytest.Config) -> dict[str, Any]:
    """Return the options of the emulator in pytest's configuration file."""
    known = {option: config.getini(f"heygen_{option}") for option in OPTIONS.values()}
    settings = {name: config.getini(f"heygen_{name}") for name in ("account", "lenient", "plan")}
    return known | settings | {"plan": settings["plan"] or None}


def _options(request: pytest.FixtureRequest, **options: Any) -> dict[str, Any]:
    """Return default options, changed by pytest's settings and the markers of the test; the nearest marker wins.

    Known ids are added to those of the settings.
    """
    options |= _settings(request.config)
    for mark in reversed(list(request.node.iter_markers("heygen"))):
        if mark.args:
            raise pytest.UsageError(
                f"@pytest.mark.heygen takes options by name, such as autojump=False, not {mark.args}"
            )
        for name, value in mark.kwargs.items():
            if name in OPTIONS.values():
                options[name] = [*options[name], *value]
            elif name not in _CLIENT_OPTIONS | _PLUGIN_OPTIONS:
                options[name] = value
    return options


def _report_unused_faults(request: pytest.FixtureRequest, emulator: HeyGenEmulator) -> None:
    """Warn of each fault that no request has met, or fail the test with the option `strict_faults`."""
    marks = reversed(list(request.node.iter_markers("heygen")))
    is_strict = any(mark.kwargs["strict_faults"] for mark in marks if "strict_faults" in mark.kwargs)
    for fault in emulator.unused_faults:
        message = f"{fault!r} was injected, but no request met it. Check its operation, path and count."
        if is_strict:
            pytest.fail(message, pytrace=False)
        warnings.warn(message, UnusedFaultWarning, stacklevel=2)


def _client_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return the options of the client that the markers of the test set."""
    marks = reversed(list(request.node.iter_markers("heygen")))
    return {name: value for mark in marks for name, value in mark.kwargs.items() if name in _CLIENT_OPTIONS}


def _is_coroutine(request: pytest.FixtureRequest) -> bool:
    """Return whether the test, without the wrapper of hypothesis, is a coroutine function."""
    test = getattr(request.node, "obj", None)
    return inspect.iscoroutinefunction(getattr(getattr(test, "hypothesis", None), "inner_test", test))


@pytest.fixture
def heygen_emulator_thread(request: pytest.FixtureRequest) -> Iterator[HeyGenEmulator]:
    """Provide an emulator in its own thread, for tests that are not coroutines; every job is ready immediately."""
    from . import HeyGenEmulator  # noqa: PLC0415  the plugin loads into every run of pytest

    options = _options(request, render_seconds=_INSTANT)
    with HeyGenEmulator(**options) as emulator:
        yield emulator
        _report_unused_faults(request, emulator)


if pytest_asyncio is not None:

    @pytest_asyncio.fixture
    async def heygen_emulator(request: pytest.FixtureRequest) -> AsyncIterator[HeyGenEmulator]:
        """Provide an emulator in the test's event loop, whose clock jumps over every wait."""
        from . import HeyGenEmulator  # noqa: PLC0415  the plugin loads into every run of pytest

        if "anyio_backend" in request.fixturenames and request.node.get_closest_marker("asyncio"):
            pytest.fail(
                "Both pytest-asyncio and anyio claim this test, so its fixtures and it would run in different event "
                "loops. Leave out @pytest.mark.anyio (asyncio_mode = auto needs no mark), or set asyncio_mode = strict.",
                pytrace=False,
            )
        if not _is_coroutine(request):
            logging.getLogger(__name__).warning(
                "heygen_emulator serves in this event loop, which cannot run during a test that is not a coroutine. "
                "Use heygen_emulator_thread in such a test."
            )
        async with HeyGenEmulator(**_options(request, autojump=True)) as emulator:
            yield emulator
            _report_unused_faults(request, emulator)

    @pytest_asyncio.fixture
    async def heygen(request: pytest.FixtureRequest, heygen_emulator: HeyGenEmulator) -> AsyncIterator[AsyncHeyGen]:
        """Provide a client of `heygen_emulator`."""
        from .. import AsyncHeyGen  # noqa: PLC0415  the plugin loads into every run of pytest

        options = _client_options(request)
        async with AsyncHeyGen(heygen_emulator.key, base_url=heygen_emulator.url, **options) as client:
            yield client
