"""Measure the parser of event streams, against a loop that splits lines and makes the same events.

The floor keeps the pieces of a line that has pieces and joins them when it ends. It knows line feeds and the field
`data` alone, has no limits, and masks nothing.

Each stream is measured in a process of its own. Otherwise the allocator, after other streams, may keep the memory of
one client and return that of the other to the system, and the ratio shows that.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator

from rows import Row, pin

from heygen_async._http.event_stream import Event, EventParser
from heygen_async._http.limits import Limits

KIB, MIB = 1 << 10, 1 << 20
ROUNDS = 15
SMALL = b'data: {"type": "token", "text": "word", "index": 1234567}\n\n'
LIMITS = Limits(event_line=8 * MIB, event=8 * MIB)


def cut(stream: bytes, size: int) -> list[bytes]:
    return [stream[start : start + size] for start in range(0, len(stream), size)]


def line_of(size: int) -> bytes:
    return b"data: " + b"x" * (size - 8) + b"\n\n"


#: The chunks and the goal of each stream.
STREAMS: dict[str, tuple[list[bytes], float]] = {
    "events of 60 bytes": (cut(SMALL * 20_000, 64 * KIB), 1.1),
    "a line of 64 KiB in chunks of 1 byte": (cut(line_of(64 * KIB), 1), 1.6),
    "a line of 1 MiB in chunks of 1,400 bytes": (cut(line_of(MIB) * 4, 1400), 1.2),
    "a line of 4 MiB in chunks of 1,400 bytes": (cut(line_of(4 * MIB), 1400), 1.2),
}


def split_loop(chunks: Iterable[bytes]) -> Iterator[Event]:
    pieces: list[bytes] = []
    data: list[bytes] = []
    for chunk in chunks:
        if b"\n" not in chunk:
            pieces.append(chunk)
            continue
        first, *lines = chunk.split(b"\n")
        lines.insert(0, b"".join([*pieces, first]))
        pieces = [lines.pop()]
        for line in lines:
            if line:
                data.append(line[6:])
            elif data:
                yield Event("message", b"\n".join(data).decode())
                data = []


def parse(chunks: Iterable[bytes]) -> Iterator[Event]:
    parser = EventParser(LIMITS)
    for chunk in chunks:
        yield from parser.feed(chunk)


def cpu_time(read: Callable[[list[bytes]], Iterator[Event]], chunks: list[bytes]) -> float:
    """Return the CPU milliseconds of reading a stream."""
    started = time.process_time()
    for _ in read(chunks):
        pass
    return (time.process_time() - started) * 1e3


def measure_stream(name: str) -> Row:
    pin(1)
    chunks, goal = STREAMS[name]
    rounds: dict[str, list[float]] = {"floor": [], "ours": []}
    for number in range(ROUNDS + 1):
        times = {"floor": cpu_time(split_loop, chunks), "ours": cpu_time(parse, chunks)}
        if number:  # the first round warms up
            for client, milliseconds in times.items():
                rounds[client].append(milliseconds)
    return Row.of_rounds(f"event stream: {name}", "ms CPU", rounds, goal)


def measure() -> list[Row]:
    """Return a row for each stream."""
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        return pool.map(measure_stream, STREAMS, chunksize=1)


if __name__ == "__main__":
    for row in measure():
        print(row.line())
