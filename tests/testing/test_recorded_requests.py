"""The log of requests has a bounded size, and adding to it touches no other request."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from heygen_async.testing import RecordedRequest
from heygen_async.testing.recorded_requests import RequestLog

MIB = 1 << 20
HEADERS = CIMultiDictProxy(CIMultiDict[str]())


class Untouchable(RecordedRequest):
    """A request whose body must not be read."""

    def __getattribute__(self, name: str) -> object:
        assert name != "body"
        return super().__getattribute__(name)


def request(number: int, kind: type[RecordedRequest] = RecordedRequest) -> RecordedRequest:
    return kind(
        method="GET", path=f"/{number}", raw_path=f"/{number}", query={}, headers=HEADERS, origin="api", time=0.0
    )


def test_large_bodies_push_out_the_oldest_requests() -> None:
    log = RequestLog(1000)
    for number in range(40):
        log.add(newest := request(number))
        log.set_body(newest, bytes(4 * MIB))
        assert sum(len(each.body) for each in log.requests) <= 64 * MIB
        assert log.requests[-1] is newest
    assert len(log.requests) >= 8


def test_removed_requests_make_room_for_others() -> None:
    log = RequestLog(1000)
    for number in range(12):
        log.add(newest := request(number))
        log.set_body(newest, bytes(8 * MIB))
        log.requests.clear()
    log.add(last := request(12))
    log.set_body(last, bytes(8 * MIB))
    assert log.requests == [last]


@pytest.mark.parametrize("count", [10, 2000])
def test_a_request_touches_no_other(count: int) -> None:
    log = RequestLog(count + 1)
    log.requests.extend(request(number, Untouchable) for number in range(count))
    log.add(newest := request(count))
    log.set_body(newest, b"body")
    assert log.requests[-1] is newest
