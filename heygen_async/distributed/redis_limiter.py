"""The limiter for several machines: leases in one sorted set of Redis, by the clock of its server."""

from __future__ import annotations

from logging import getLogger
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError
from .limiters import LEASE_LIFETIME, RETRY_AFTER, check_limiter, retry_delay

if TYPE_CHECKING:
    from redis.asyncio import Redis

_log = getLogger("heygen_async.distributed")
_PAUSE = ""  # the member that stands for a pause; no lease has this name
_NO_LIMIT = 2**31
#: Puts a lease into the set, unless its name is new and the limit is reached or a pause lasts. Returns "granted", the
#: seconds of the pause, or "full". The set expires with its last lease.
_ACQUIRE = """
local clock = redis.call('time')
local now = clock[1] + clock[2] / 1000000
redis.call('zremrangebyscore', KEYS[1], '-inf', now)
local held = redis.call('zscore', KEYS[1], ARGV[1])
if not held and tonumber(ARGV[2]) < tonumber(ARGV[4]) then
  local paused = redis.call('zscore', KEYS[1], '')
  if paused then return tostring(paused - now) end
  if redis.call('zcard', KEYS[1]) >= tonumber(ARGV[2]) then return 'full' end
end
redis.call('zadd', KEYS[1], math.max(now + ARGV[3], held or 0), ARGV[1])
local last = redis.call('zrange', KEYS[1], -1, -1, 'withscores')[2]
redis.call('pexpireat', KEYS[1], string.format('%.0f', math.ceil(last * 1000)))
return 'granted'
"""


class RedisLimiter:
    """A limiter for the workers of several machines. Needs the extra `redis`.

    Args:
        client: A `redis.asyncio.Redis`; the caller closes it.
        limit: The maximum number of unfinished jobs: the concurrency of the plan. All workers pass the same.
        name: The key in Redis. Workers with the same account at HeyGen pass the same.
        lifetime: The seconds after which a lease expires that nobody renews. Longer than the pause between two polls.
        retry_after: The longest pause in seconds before the next attempt of a row that got no lease; the shortest is
            half of it.
    """

    def __init__(
        self,
        client: Redis,
        limit: int,
        *,
        name: str = "heygen:jobs",
        lifetime: float = LEASE_LIFETIME,
        retry_after: float = RETRY_AFTER,
    ) -> None:
        check_limiter(limit, lifetime, retry_after)
        self._client: Any = client  # versions of redis differ in its types
        self._script: Any = self._client.register_script(_ACQUIRE)
        self._limit = limit
        self._name = name
        self._lifetime = lifetime
        self._delay = retry_delay(retry_after)

    async def acquire(self, name: str) -> float:
        """Take or renew a lease; see `Limiter`.

        Args:
            name: The name of the lease: the row's idempotency key.

        Raises:
            ConfigurationError: Redis does not respond.
        """
        try:
            result = await self._put(name, self._lifetime, self._limit)
        except Exception as error:
            raise ConfigurationError(
                f"The limiter in Redis does not respond ({type(error).__name__}: {error}). Nothing was sent to HeyGen. "
                "Check the address of Redis."
            ) from error
        if result == "granted":
            return 0.0
        return self._delay.delay(0) if result == "full" else float(result)

    async def renew(self, name: str) -> None:
        """Extend a lease; see `Limiter`. Without Redis, the lease expires.

        Args:
            name: The name of the lease: the row's idempotency key.
        """
        await self._ignore_outage(self._put(name, self._lifetime, _NO_LIMIT))

    async def release(self, name: str) -> None:
        """Give a lease back; see `Limiter`. Without Redis, the lease expires.

        Args:
            name: The name of the lease: the row's idempotency key.
        """
        await self._ignore_outage(self._client.zrem(self._name, name))

    async def pause(self, seconds: float) -> None:
        """Grant no new lease for this time; see `Limiter`.

        Args:
            seconds: The pause that HeyGen requested, in seconds.
        """
        await self._ignore_outage(self._put(_PAUSE, seconds, _NO_LIMIT))

    async def _put(self, name: str, seconds: float, limit: int) -> str:
        result = await self._script(keys=[self._name], args=[name, limit, seconds, _NO_LIMIT])
        return result.decode() if isinstance(result, bytes) else str(result)

    async def _ignore_outage(self, call: Any) -> None:
        try:
            await call
        except Exception as error:  # noqa: BLE001  redis is no dependency, so its errors have no name here
            _log.warning("The limiter in Redis does not respond (%s: %s).", type(error).__name__, error)
