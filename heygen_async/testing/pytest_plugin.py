"""Fixtures for the tests of programs that use HeyGen.

`heygen_emulator` and `heygen`, a client of it, are for tests that are coroutines: they need pytest-asyncio, and the
emulator's clock jumps, so a test of a five-minute render takes milliseconds. `heygen_emulator_thread` is for plain
functions, whatever they run: it serves from a thread of its own, by the real clock, and what it makes is ready at once.
The mark `@pytest.mark.heygen(autojump=False, balance=5)` takes any option of `HeyGenEmulator`, for each of them.
"""

from __future__ import annotations

import inspect
from logging import getLogger
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from .. import AsyncHeyGen
    from . import HeyGenEmulator

try:
    import pytest_asyncio
except ImportError:  # a project may use the package and test without asyncio
    pytest_asyncio = None  # type: ignore[assignment]  # which tells so below


_AT_ONCE = 1e-6  # seconds, which a plan may stretch, as it may not stretch none


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", "heygen(**options): options of the HeyGenEmulator behind this test's fixtures")


def _options(request: pytest.FixtureRequest, **options: Any) -> dict[str, Any]:
    """These, and over them what the marks of the test say, the nearest last."""
    for mark in reversed(list(request.node.iter_markers("heygen"))):
        if mark.args:
            raise pytest.UsageError(
                f"@pytest.mark.heygen takes options by name, such as autojump=False, not {mark.args}"
            )
        options |= mark.kwargs
    return options


def _is_coroutine(request: pytest.FixtureRequest) -> bool:
    """Whether the test is one, hypothesis's wrapper aside."""
    test = getattr(request.node, "obj", None)
    return inspect.iscoroutinefunction(getattr(getattr(test, "hypothesis", None), "inner_test", test))


@pytest.fixture
def heygen_emulator_thread(request: pytest.FixtureRequest) -> Iterator[HeyGenEmulator]:
    """A local HeyGen in a thread of its own, for tests that are no coroutines; what it makes is ready at once."""
    from . import HeyGenEmulator, Plan  # noqa: PLC0415  the plugin loads into every run of pytest

    options = _options(request, render_seconds=_AT_ONCE)
    with HeyGenEmulator(**options) as emulator:
        if options["render_seconds"] == _AT_ONCE:
            emulator.plan(Plan(seconds=0))  # of what takes its time whatever a video takes
        yield emulator


if pytest_asyncio is not None:

    @pytest_asyncio.fixture
    async def heygen_emulator(request: pytest.FixtureRequest) -> AsyncIterator[HeyGenEmulator]:
        """A local HeyGen whose clock jumps over every wait."""
        from . import HeyGenEmulator  # noqa: PLC0415  the plugin loads into every run of pytest

        if "anyio_backend" in request.fixturenames and request.node.get_closest_marker("asyncio"):
            pytest.fail(
                "Both pytest-asyncio and anyio claim this test, so its fixtures and it would run in different event "
                "loops. Leave out @pytest.mark.anyio (asyncio_mode = auto needs no mark), or set asyncio_mode = strict.",
                pytrace=False,
            )
        if not _is_coroutine(request):
            getLogger(__name__).warning(
                "heygen_emulator answers while its event loop runs, which stands still while a test that is no "
                "coroutine does something else: such a test takes heygen_emulator_thread."
            )
        async with HeyGenEmulator(**_options(request, autojump=True)) as emulator:
            yield emulator

    @pytest_asyncio.fixture
    async def heygen(heygen_emulator: HeyGenEmulator) -> AsyncIterator[AsyncHeyGen]:
        """A client of `heygen_emulator`."""
        from .. import AsyncHeyGen  # noqa: PLC0415  the plugin loads into every run of pytest

        async with AsyncHeyGen(heygen_emulator.key, base_url=heygen_emulator.url) as client:
            yield client
