"""A storage that receives and sends bytes as fast as sockets do, so that a benchmark measures the client."""

from __future__ import annotations

import json
import multiprocessing
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from rows import pin

__all__ = ["BATCH", "storing"]

PIECE = bytes(1 << 20)
BATCH = 100  # files of one batch


def response_body(url: str, path: str) -> bytes:
    """Return the API's response to one step of an upload."""
    asset = {"asset_id": "asset_1", "mime_type": "video/mp4", "size_bytes": 1, "url": url, "status": "completed"}
    upload = {
        "asset_id": "asset_1",
        "upload_url": f"{url}/put",
        "upload_headers": {"Content-Type": "video/mp4"},
        "expires_in_seconds": 900,
        "max_bytes": 1 << 40,
        "status": "pending_upload",
    }
    data: object = upload if path.endswith("/direct-uploads") else asset
    if path.endswith("/direct-uploads/batches"):
        data = {"batch_id": "batch_1", "items": [upload] * BATCH}
    elif path.endswith("/batches"):
        data = {"batch_id": "batch_1", "total": BATCH}
    return json.dumps({"data": data}).encode()


def converse(there: socket.socket, url: str) -> None:
    """Serve one connection: discard the body of each request, and respond to a GET of /N with N bytes."""
    buffer = memoryview(bytearray(4 << 20))
    received = b""
    while True:
        while b"\r\n\r\n" not in received:
            chunk = there.recv(1 << 16)
            if not chunk:
                return
            received += chunk
        head, _, received = received.partition(b"\r\n\r\n")
        found = re.search(rb"(?i)content-length: (\d+)", head)
        left = int(found[1]) if found else 0
        left, received = left - min(left, len(received)), received[left:]
        while left:
            count = there.recv_into(buffer, min(left, len(buffer)))
            if not count:
                return
            left -= count
        method, path, _ = head.split(b"\r\n")[0].decode().split()
        body = b"" if method == "GET" else response_body(url, path)
        size = int(path.strip("/")) if method == "GET" else len(body)
        kind = "video/mp4" if method == "GET" else "application/json"
        response_head = f'HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\nETag: "1"\r\n\r\n'
        there.sendall(response_head.encode() + body)
        size -= len(body)
        while size:
            there.sendall(PIECE[:size])
            size -= min(size, len(PIECE))


def serve(pipe: Connection) -> None:
    pin(0)
    here = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{here.getsockname()[1]}"
    pipe.send(url)
    while True:
        there, _ = here.accept()
        threading.Thread(target=converse, args=(there, url), daemon=True).start()


@contextmanager
def storing() -> Iterator[str]:
    """Serve from a process of its own on the first core, and yield the address."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()
