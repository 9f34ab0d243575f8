"""The running event loop, which must be asyncio's."""

from __future__ import annotations

import asyncio

from ..errors import ConfigurationError

#: Seconds by which a timer may be early, or its time be rounded. A timer that is set again for less may never end where
#: the clock stands, as on a turned clock.
TIMER_PRECISION = 0.001


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the running event loop.

    Raises:
        ConfigurationError: No event loop of asyncio is running, as in a program on trio.
    """
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise ConfigurationError(
            "heygen_async works on asyncio, and no event loop of asyncio is running here. Start the program with "
            "asyncio.run(main()). In a program on trio, run heygen_async in a thread of its own with asyncio.run()."
        ) from None
