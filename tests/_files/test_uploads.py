"""Files up: whatever the source and whatever breaks, exactly one asset becomes usable, and it is the file."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import random
import tempfile
import threading
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiofiles
import pytest
from aiohttp import BodyPartReader, FormData, web
from aiohttp.test_utils import TestClient, TestServer
from support import PNG, cancellable, open_files

from heygen_async import (
    AsyncHeyGen,
    Backoff,
    BytesFile,
    HeyGenError,
    InvalidInputError,
    JobFailedError,
    NotFoundError,
    Timeout,
    UploadError,
)
from heygen_async._files.file_store import exchange
from heygen_async._http.encoding import Body
from heygen_async.testing import Fault, HeyGenEmulator
from heygen_async.types.files import AssetFile
from heygen_async.types.videos import ImageVideo

LARGE = 3_000_000
CONTENT = PNG + random.Random(7).randbytes(LARGE)
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(params=["form", "direct"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways up; a direct upload of three million bytes, by a lower limit for forms."""
    if request.param == "direct":
        monkeypatch.setattr("heygen_async._files.uploads.MULTIPART_LIMIT", 1000)
    return str(request.param)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "a.png"
    made.write_bytes(CONTENT)
    return made


def usable(api: HeyGenEmulator) -> list[dict[str, Any]]:
    return [asset for asset in api.world.assets.values() if asset["usable"]]


async def given(content: bytes = CONTENT, step: int = 70_000) -> AsyncIterator[bytes]:
    """An iterator that can be read once, and that gives an empty piece now and then."""
    for start in range(0, len(content), step):
        yield content[start : start + step]
        yield b""


class Upload:
    """What a web framework hands to its handlers."""

    def __init__(self, content: bytes) -> None:
        self.file = tempfile.SpooledTemporaryFile()  # noqa: SIM115
        self.file.write(content)
        self.file.seek(0)
        self.filename = "sent.png"

    async def read(self, size: int = -1) -> bytes:
        raise AssertionError("its file is read, which can be read again")


class Reader:
    """An open file whose read is awaited, and which cannot be sought."""

    def __init__(self, content: bytes) -> None:
        self._inner = io.BytesIO(content)

    async def read(self, size: int = -1, /) -> bytes:
        return self._inner.read(size)


@pytest.mark.parametrize(
    "source",
    [
        "path",
        "str",
        "bytes",
        "BytesFile",
        "open",
        "BytesIO",
        "pipe",
        "reader",
        "aiofiles",
        "framework",
        "iterator",
        "sized",
    ],
)
async def test_every_source_becomes_one_asset(
    source: str, way: str, client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    files = open_files()
    about: dict[str, Any] = {}
    sent: Any = path
    if source == "str":
        sent = str(path)
    elif source == "bytes":
        sent = CONTENT
    elif source == "BytesFile":
        sent = BytesFile(content=CONTENT, media_type="image/png", filename="b.png")
    elif source == "open":
        sent = await asyncio.to_thread(path.open, "rb")
    elif source == "BytesIO":
        sent = io.BytesIO(b"before" + CONTENT)
        sent.seek(6)
    elif source == "pipe":
        out, into = os.pipe()
        sent = await asyncio.to_thread(os.fdopen, out, "rb")
        writing = asyncio.ensure_future(asyncio.to_thread(_fill, into))
    elif source == "reader":
        sent = Reader(CONTENT)
    elif source == "aiofiles":
        sent = await aiofiles.open(path, "rb")
    elif source == "framework":
        sent = Upload(CONTENT)
    elif source == "iterator":
        sent = given()
    elif source == "sized":
        sent, about = given(), {"size": len(CONTENT), "filename": "c.png"}
    seen: list[tuple[int, int | None]] = []
    asset = await client.assets.upload(sent, on_progress=lambda *now: seen.append(now), **about)
    (stored,) = api.world.assets.values()
    assert (stored["sha256"], stored["usable"], asset.size_bytes) == (DIGEST, True, len(CONTENT))
    assert stored["name"].endswith(".png")
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    for request in api.requests:
        assert "Transfer-Encoding" not in request.headers
    if way == "direct":
        create, complete = (api.asked(name)[0].json for name in ("AssetDirectUploadsCreate", "AssetCompleteCreate"))
        assert create.get("checksum_sha256") == (None if source == "sized" else DIGEST)
        assert complete == {"checksum_sha256": DIGEST}
        assert asset.status == "completed"  # type: ignore[attr-defined]
    if source == "pipe":
        await writing
    if hasattr(sent, "close"):
        closing = sent.close()
        if closing is not None:
            await closing
    if source == "framework":
        sent.file.close()
    await asyncio.sleep(1)
    assert not [name for name in open_files() - files if "socket" not in name]


def _fill(into: int) -> None:
    with os.fdopen(into, "wb") as file:
        file.write(CONTENT)


async def test_the_put_is_what_was_signed(
    monkeypatch: pytest.MonkeyPatch, client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    monkeypatch.setattr("heygen_async._files.uploads.MULTIPART_LIMIT", 1000)
    await client.assets.upload(path)
    (put,) = [request for request in api.requests if request.origin == "storage"]
    assert put.headers["Content-Type"] == "image/png"
    assert put.headers["x-amz-checksum-sha256"] == DIGEST
    assert put.headers["Content-Length"] == str(len(CONTENT))
    own = {"Host", "Accept", "Accept-Encoding", "User-Agent", "Content-Length", "Content-Type", "x-amz-checksum-sha256"}
    assert set(put.headers) == own


BROKEN = [(kind, 0.0) for kind in ("reset_before", "lost_answer", "silent", "status")]
BROKEN += [("reset_mid_request", at) for at in (0.0, 0.01, 0.5, 0.99)]
STEPS = [
    ("form", "AssetCreate"),
    *(("direct", step) for step in ("AssetDirectUploadsCreate", "PUT", "AssetCompleteCreate")),
]


@pytest.mark.parametrize(("kind", "at"), BROKEN)
@pytest.mark.parametrize(("way", "step"), STEPS, indirect=["way"])
async def test_whatever_breaks_one_asset_becomes_usable(
    step: str, at: float, kind: Any, way: str, client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    origin: Any = "storage" if step == "PUT" else "api"
    operation, times = None if step == "PUT" else step, 1 if kind == "silent" else 2
    api.fault(Fault(kind, origin=origin, operation=operation, count=times, at=at, status=503))
    asset = await client.assets.upload(path)
    assert not [name for name in open_files() if "a.png" in name]
    (stored,) = usable(api)
    assert (stored["sha256"], asset.size_bytes) == (DIGEST, len(CONTENT))


async def test_a_form_follows_a_redirect_within_the_host(client: AsyncHeyGen, api: HeyGenEmulator, path: Path) -> None:
    api.fault(Fault("redirect", status=307, operation="AssetCreate", headers={"Location": "/v3/assets"}))
    await client.assets.upload(path)
    assert [asset["sha256"] for asset in usable(api)] == [DIGEST]


@pytest.mark.parametrize("seed", range(20))
async def test_any_mixture_of_faults_leaves_one_asset_or_none(
    seed: int, way: str, client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    dice = random.Random(seed)
    for kind in ("reset_before", "reset_mid_request", "lost_answer", "silent", "status"):
        for origin in ("api", "storage"):
            fault = Fault(
                kind, origin=origin, count=dice.choice([0, 1, 2]), at=dice.random(), probability=0.4, seed=seed,
                status=dice.choice([403, 409, 429, 500, 503]), code="resource_not_ready",
            )  # type: ignore[arg-type]  # fmt: skip
            api.fault(fault)
    try:
        await client.assets.upload(path)
    except HeyGenError:
        assert len(usable(api)) <= 1
        assert not [name for name in open_files() if "a.png" in name]
    else:
        (stored,) = usable(api)
        assert stored["sha256"] == DIGEST


async def test_a_place_that_expired_is_asked_for_anew(
    monkeypatch: pytest.MonkeyPatch, client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    monkeypatch.setattr("heygen_async._files.uploads.MULTIPART_LIMIT", 1000)
    slow = client.with_options(retry=Backoff(initial=1000, maximum=1000, jitter=0))
    api.fault(Fault("reset_mid_request", origin="storage"))
    await slow.assets.upload(path)
    assert [request.status for request in api.requests if request.origin == "storage"] == [None, 403, 200]
    assert [asset["sha256"] for asset in usable(api)] == [DIGEST]
    keys = {request.headers["Idempotency-Key"] for request in api.asked("AssetDirectUploadsCreate")}
    assert len(keys) == len(api.world.assets) == 2


async def test_what_can_be_read_once_says_so_when_it_must(way: str, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    origin: Any = "api" if way == "form" else "storage"
    api.fault(Fault("reset_mid_request", origin=origin, method="POST" if way == "form" else "PUT"))
    why = "did not arrive whole" if way == "form" else "did not reach HeyGen's storage: PUT"
    with pytest.raises(UploadError, match=rf"{why}.*read only once.*give a path, bytes or a new iterator"):
        await client.assets.upload(given(), size=len(CONTENT))
    assert usable(api) == []


async def test_what_can_be_read_once_and_arrived_is_completed(
    monkeypatch: pytest.MonkeyPatch, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    monkeypatch.setattr("heygen_async._files.uploads.MULTIPART_LIMIT", 1000)
    api.fault(Fault("lost_answer", origin="storage"))
    await client.assets.upload(given(), size=len(CONTENT))
    assert [asset["sha256"] for asset in usable(api)] == [DIGEST]


async def test_what_can_be_read_once_and_never_arrived_says_so(
    monkeypatch: pytest.MonkeyPatch, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    monkeypatch.setattr("heygen_async._files.uploads.MULTIPART_LIMIT", 1000)
    api.fault(Fault("lost_answer", origin="storage"))
    api.fault(Fault("status", status=409, code="resource_not_ready", operation="AssetCompleteCreate", count=None))
    with pytest.raises(UploadError, match=r"did not arrive in HeyGen's storage\. It can be read only once"):
        await client.assets.upload(given(), size=len(CONTENT))


@pytest.mark.parametrize("size", [len(CONTENT) - 1, len(CONTENT) + 1, 10])
async def test_an_iterator_of_another_size(size: int, way: str, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    with pytest.raises(UploadError, match=r"gave more than|ended after 3,000,072 bytes of"):
        await client.assets.upload(given(), size=size)
    assert usable(api) == []


@pytest.mark.parametrize("size", [None, len(CONTENT)])
@pytest.mark.parametrize("after", [0, LARGE])
async def test_an_iterator_that_fails(
    after: int, size: int | None, way: str, client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    async def failing() -> AsyncIterator[bytes]:
        if after:
            yield CONTENT[:after]
        raise ValueError("the camera went away")

    with pytest.raises(UploadError, match="the camera went away"):
        await client.assets.upload(failing(), size=size)
    assert usable(api) == []


def rewritten(path: Path) -> None:
    path.write_bytes(CONTENT[:-1] + b"x")


def appended(path: Path) -> None:
    path.write_bytes(CONTENT + b"more")


def cut(path: Path) -> None:
    path.write_bytes(CONTENT[:100_000])


def replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(CONTENT)
    other.replace(path)


def removed(path: Path) -> None:
    path.unlink()


CHANGES = [(change, False) for change in (rewritten, appended, cut, replaced, removed)]
CHANGES += [(change, True) for change in (rewritten, appended, cut)]  # an open file stays what it is


@pytest.mark.parametrize(("change", "opened"), CHANGES)
async def test_a_file_that_changes_on_its_way_is_no_asset(
    opened: bool, change: Callable[[Path], None], way: str, client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    changed = False

    async def meanwhile(*_: object) -> None:
        nonlocal changed
        if not changed:
            changed = True
            await asyncio.to_thread(change, path)

    source: Any = await asyncio.to_thread(path.open, "rb") if opened else path
    with pytest.raises(UploadError, match="changed while it was uploaded|could not be read") as caught:
        await client.assets.upload(source, on_progress=meanwhile)
    assert str(path) in str(caught.value) + caught.value.source or opened
    assert usable(api) == []
    if opened:
        source.close()


async def test_an_asset_that_fails_to_be_processed(
    monkeypatch: pytest.MonkeyPatch, client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    monkeypatch.setattr("heygen_async._files.uploads.MULTIPART_LIMIT", 1000)
    states: list[str] = []
    asset = await client.assets.upload(path, wait=False)
    assert asset.status == "processing"  # type: ignore[attr-defined]
    await client.assets.upload(path, on_update=lambda update: states.append(update.state))
    assert states[-1] == "completed"
    assert len(states) > 1

    async def fail(done: int, total: int | None) -> None:
        if done == total:
            newest = list(api.world.assets)[-1]
            asyncio.get_running_loop().call_later(0.1, api.fail, newest, "bad_video", "It cannot be decoded.")

    with pytest.raises(JobFailedError):
        await client.assets.upload(path, on_progress=fail)


@pytest.mark.parametrize(
    ("content", "about"),
    [
        (b"GIF89a not taken", {}), (b"", {}), (b"plain", {"filename": "a.txt"}),
        (CONTENT, {"media_type": "image/gif"}),
    ],
)  # fmt: skip
async def test_what_heygen_does_not_take_is_refused_before_anything_is_sent(
    content: bytes, about: dict[str, Any], client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    for source in (content, given(content), io.BytesIO(content), Reader(content)):
        with pytest.raises(InvalidInputError, match="file"):
            await client.assets.upload(source, **about)
    assert api.requests == []


async def test_many_files_are_three_batches(client: AsyncHeyGen, api: HeyGenEmulator, path: Path) -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield CONTENT
        raise ValueError("the camera went away")

    sources: list[Any] = [BytesFile(content=PNG + bytes([n]), media_type="image/png") for n in range(250)]
    sources[3] = failing()
    sources[7], sources[120], sources[249] = path, path.with_name("none.png"), given()
    seen: list[tuple[int, int | None]] = []
    ends = await client.assets.upload_many(sources, concurrency=8, on_progress=lambda *now: seen.append(now))
    assert isinstance(ends[120], InvalidInputError)
    assert isinstance(ends[3], UploadError)
    ids = [end.asset_id for end in ends if isinstance(end, AssetFile)]
    assert len(ids) == len(set(ids)) == len(usable(api)) == 248
    assert [api.world.assets[ids[n]]["sha256"] for n in (6, 247)] == [DIGEST, DIGEST]
    assert {api.world.jobs[id].state(api.world.now()) for id in ids} == {"completed"}
    files = [len(request.json["files"]) for request in api.asked("AssetDirectUploadsBatchesCreate")]
    assert files == [99, 99, 50]
    assert len(api.asked("AssetCompleteBatchesCreate")) == 3
    assert api.asked("AssetDirectUploadsCreate") == api.asked("AssetCompleteCreate") == []
    assert seen[-1] == (246 * 73 + 2 * len(CONTENT),) * 2
    assert len(api.asked("AssetStatusesList")) < 25


async def test_one_bad_file_fails_alone(client: AsyncHeyGen, api: HeyGenEmulator, path: Path) -> None:
    sources = [path, PNG, PNG + b"2"]
    api.fault(Fault("status", status=400, code="invalid_parameter", operation="AssetDirectUploadsBatchesCreate"))
    ends = await client.assets.upload_many(sources)  # each is asked for alone
    assert all(isinstance(end, AssetFile) for end in ends)
    assert len(usable(api)) == 3
    api.fault(Fault("status", status=404, origin="storage"))
    ends = await client.assets.upload_many(sources, concurrency=1, wait=False)
    assert [type(end) for end in ends] == [UploadError, AssetFile, AssetFile]
    assert len(usable(api)) == 5
    for operation in ("AssetDirectUploadsBatchesCreate", "AssetCompleteBatchesCreate"):
        api.fault(Fault("status", status=500, operation=operation, count=4))
        ends = await client.assets.upload_many(sources)
        assert [getattr(end, "status", None) for end in ends] == [500, 500, 500]
    assert len(usable(api)) == 5


@pytest.mark.parametrize("name", ["a\0b.png", "\ud800.png", "n" * 300])
async def test_a_name_that_no_file_can_have_fails_alone(name: str, client: AsyncHeyGen, path: Path) -> None:
    bad, good = await client.assets.upload_many([path.parent / name, path])
    assert isinstance(bad, InvalidInputError)
    assert isinstance(good, AssetFile)


async def test_many_that_can_be_read_once_carry_their_digest_at_the_end(
    client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    api.fault(Fault("status", status=403, origin="storage"))
    first, second = await client.assets.upload_many([path, PNG], concurrency=1)
    assert isinstance(first, AssetFile)
    assert isinstance(second, AssetFile)
    assert api.world.assets[first.asset_id]["sha256"] == DIGEST
    assert api.asked("AssetCompleteCreate")[0].json == {"checksum_sha256": DIGEST}  # in a place of its own
    assert len(usable(api)) == 2


async def test_a_slow_source_is_waited_for(client: AsyncHeyGen, api: HeyGenEmulator, way: str) -> None:
    async def camera() -> AsyncIterator[bytes]:
        async for chunk in given(step=LARGE // 4):
            await asyncio.sleep(200)
            yield chunk

    await client.assets.upload(camera(), size=len(CONTENT))
    assert [asset["sha256"] for asset in usable(api)] == [DIGEST]


async def test_what_is_too_large_for_its_place(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    project = tmp_path / "project.zip"
    with project.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate((200 << 20) + 1)
    with pytest.raises(UploadError, match=r"has 209,715,201 bytes; HeyGen takes at most 209,715,200 here"):
        await client.hyperframes.create(project=project)
    assert [request for request in api.requests if request.origin == "storage"] == []


async def test_the_storage_is_told_no_type_of_our_own(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    place = await client.assets.create_direct_upload(filename="a.png", content_type="image/png", size_bytes=4)

    async def read() -> AsyncIterator[bytes]:
        yield b"four"

    body = Body(length=4, content_type="image/png", read=read)
    async with exchange(client._transport, "PUT", place.upload_url, headers={}, body=body) as answer:
        assert answer.status == 403
    assert "Content-Type" not in api.requests[-1].headers


@pytest.mark.parametrize("error", [ValueError("no more"), TimeoutError(), OSError("the log is full")])
@pytest.mark.parametrize("asynchronous", [False, True])
async def test_what_a_hook_raises_stops_the_upload_and_comes_out(
    asynchronous: bool, error: Exception, way: str, client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    def hook(done: int, total: int | None) -> None:
        raise error

    async def awaited(done: int, total: int | None) -> None:
        hook(done, total)

    with pytest.raises(type(error)) as caught:
        await client.assets.upload(path, on_progress=awaited if asynchronous else hook)
    assert caught.value is error
    assert usable(api) == []
    assert len(api.asked("AssetCreate")) + len([one for one in api.requests if one.origin == "storage"]) <= 1


async def test_a_whole_upload_ends_with_the_timeout(
    way: str, client: AsyncHeyGen, api: HeyGenEmulator, path: Path
) -> None:
    origin: Any = "api" if way == "form" else "storage"
    api.fault(Fault("silent", origin=origin, method="POST" if way == "form" else "PUT", count=None))
    began = api.clock.time()
    with pytest.raises(HeyGenError, match=r"in time|3 s of the client's timeout"):
        await client.with_options(timeout=Timeout(total=3, read=1)).assets.upload(path)
    assert api.clock.time() - began < 3.2


@pytest.mark.parametrize("by", ["task", "scope"])
async def test_cancelling_does_not_wait_for_a_silent_pipe(by: str, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    begun, goes_on, ended = threading.Event(), threading.Event(), list[int]()

    class Pipe:
        def read(self, size: int = -1) -> bytes:
            begun.set()
            goes_on.wait(5)
            ended.append(size)
            return b""

    upload, cancel = cancellable(client.assets.upload(Pipe()), by)  # type: ignore[arg-type]
    await asyncio.to_thread(begun.wait, 20)
    cancel()
    await asyncio.wait({upload})
    assert ended == []
    goes_on.set()
    assert api.requests == []


@pytest.fixture
def project(tmp_path: Path) -> Path:
    made = tmp_path / "p.zip"
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("index.html", "<p>Hello.</p>")
    return made


async def test_a_zip_is_uploaded_to_be_used_again(client: AsyncHeyGen, api: HeyGenEmulator, project: Path) -> None:
    asset = await client.assets.upload(project)
    (other,) = await client.assets.upload_many([await asyncio.to_thread(project.read_bytes)])
    assert isinstance(other, AssetFile)
    for id in (asset.asset_id, other.asset_id):
        await client.hyperframes.create(project=AssetFile(asset_id=id))
    assert api.asked("AssetCreate") == []
    assert {one["content_type"] for one in api.world.assets.values()} == {"application/zip"}
    with pytest.raises(InvalidInputError, match=r"by upload\(\)"):
        await client.assets.create(project)


async def test_a_document_that_is_a_zip_within_is_refused(client: AsyncHeyGen, project: Path) -> None:
    document = project.rename(project.with_suffix(".docx"))
    with pytest.raises(InvalidInputError, match="srt or zip file; this one is application/vnd.openxml"):
        await client.assets.upload(document)


async def test_what_aiohttps_server_gives_a_handler_is_uploaded(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    async def by_part(request: web.Request) -> web.Response:
        part = await (await request.multipart()).next()
        assert isinstance(part, BodyPartReader)
        return web.Response(text=(await client.assets.upload(part)).asset_id)

    async def by_field(request: web.Request) -> web.Response:
        field = (await request.post())["data"]
        assert isinstance(field, web.FileField)
        with field.file:
            return web.Response(text=(await client.assets.upload(field)).asset_id)

    app = web.Application(client_max_size=1 << 24)
    app.add_routes([web.post("/part", by_part), web.post("/field", by_field)])
    async with TestServer(app) as server, TestClient(server) as browser:
        for path in ("/part", "/field"):
            form = FormData()
            form.add_field("data", io.BytesIO(CONTENT), filename="sent.png", content_type="image/png")
            answer = await browser.post(path, data=form)
            stored = api.world.assets[await answer.text()]
            assert (stored["sha256"], stored["name"]) == (DIGEST, "sent.png")


async def test_a_url_is_not_uploaded(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    for url in ("https://example.com/a.png?Signature=s", "HTTPS://example.com/a.png"):
        with pytest.raises(InvalidInputError, match="give the URL itself where a file is asked for"):
            await client.assets.upload(url)
    await client.video_agents.create(prompt="A tour", files=["HTTPS://example.com/a.png"])
    assert api.asked("VideoAgentCreate")[0].json["files"] == [{"type": "url", "url": "HTTPS://example.com/a.png"}]


async def test_a_server_that_stops_reading_is_given_up(client: AsyncHeyGen, api: HeyGenEmulator, way: str) -> None:
    large = PNG + bytes(20_000_000)  # more than the sockets hold
    origin: Any = "api" if way == "form" else "storage"
    api.fault(Fault("silent", origin=origin, method="POST" if way == "form" else "PUT"))
    began = api.clock.time()
    await client.assets.upload(large)
    assert 60 <= api.clock.time() - began < 90
    assert len(usable(api)) == 1


@pytest.mark.parametrize("turns", range(0, 60, 4))
async def test_cancelling_an_upload_at_any_step_leaves_nothing(
    turns: int, client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG + bytes(LARGE))
    files = open_files()
    upload = asyncio.create_task(client.assets.create(path))
    for _ in range(turns):
        await asyncio.sleep(0)
    if upload.cancel():  # else it was done before
        with pytest.raises(asyncio.CancelledError):
            await upload
    await asyncio.sleep(1)
    assert not [name for name in open_files() - files if "a.png" in name]


async def test_every_source_arrives_byte_by_byte(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    content = PNG + bytes(range(256)) * 5000
    path = tmp_path / 'odd "name"\n é.png'
    path.write_bytes(content)
    opened = await asyncio.to_thread(path.open, "rb")
    shifted = io.BytesIO(b"before" + content)
    shifted.seek(6)
    for source in (path, str(path), opened, shifted, content, BytesFile(content=content, media_type="image/png")):
        uploaded = await client.assets.create(source)
        stored = api.world.assets[uploaded.asset_id]
        assert (stored["sha256"], uploaded.size_bytes) == (hashlib.sha256(content).hexdigest(), len(content))
        assert uploaded.mime_type == "image/png"
    opened.close()
    for request in api.asked("AssetCreate"):
        assert request.headers["Content-Length"] == str(len(request.body))
        assert "Transfer-Encoding" not in request.headers


async def test_an_upload_survives_a_lost_answer_and_is_stored_once(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    api.fault(Fault("lost_answer"))
    await client.assets.create(PNG)
    assert len(api.world.assets) == 1


async def test_local_files_in_a_request_are_uploaded_once(
    client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    files = [path, str(path), "https://example.com/b.png", BytesFile(content=PNG, media_type="image/png")]
    await client.video_agents.create(prompt="A tour", files=files)
    sent = api.asked("VideoAgentCreate")[0].json["files"]
    assert [file["type"] for file in sent] == ["asset_id", "asset_id", "url", "asset_id"]  # type: ignore[attr-defined]
    assert sent[0] == sent[1]  # type: ignore[index]
    assert len(api.asked("AssetCreate")) == 2


async def test_local_files_deep_in_a_request(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    scene = {"type": "image", "source": path, "duration": 4}
    await client.videos.create({"type": "studio", "scenes": [scene]})
    await client.videos.create(ImageVideo(image=path, script="Hello there.", voice_id="v"))
    studio, image = (request.json for request in api.asked("VideoCreate"))
    assert studio["scenes"][0]["source"]["type"] == image["image"]["type"] == "asset_id"  # type: ignore[index]


async def test_one_bad_file_stops_the_request(client: AsyncHeyGen, api: HeyGenEmulator, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    with pytest.raises(InvalidInputError, match="nothing is there"):
        await client.video_agents.create(prompt="A tour", files=[path, tmp_path / "none.pdf"])
    assert api.asked("VideoAgentCreate") == []


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.write(PNG)
        file.truncate((32 << 20) + 1)
    return path


async def test_a_large_file_goes_straight_into_storage(client: AsyncHeyGen, api: HeyGenEmulator, large: Path) -> None:
    for code in ("resource_not_ready", "conflict"):
        api.fault(Fault("status", status=409, code=code, operation="AssetCompleteCreate"))
    await client.video_agents.create(prompt="A tour", files=[large])
    (asset,) = api.world.assets.values()
    assert asset["sha256"] == hashlib.sha256(large.read_bytes()).hexdigest()
    (put,) = [request for request in api.requests if request.origin == "storage"]
    assert "X-Api-Key" not in put.headers
    assert (put.headers["Content-Length"], put.headers.get("Transfer-Encoding")) == (str((32 << 20) + 1), None)


async def test_a_storage_that_refuses_is_told(client: AsyncHeyGen, api: HeyGenEmulator, large: Path) -> None:
    for status, times in ((400, 1), (403, 4), (503, 4)):
        api.fault(Fault("status", status=status, origin="storage", count=times))
        with pytest.raises(UploadError, match=rf"refused large\.png with {status}.*Upload it again"):
            await client.video_agents.create(prompt="A tour", files=[large])
    api.fault(Fault("status", status=409, code="resource_not_ready", operation="AssetCompleteCreate", count=None))
    with pytest.raises(HeyGenError, match="resource_not_ready"):
        await client.video_agents.create(prompt="A tour", files=[large])


async def test_the_three_steps_by_hand(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    place = await client.assets.create_direct_upload(filename="a.png", content_type="image/png", size_bytes=72)
    assert "Signature=" not in repr(place)
    with pytest.raises(HeyGenError, match="resource_not_ready"):
        await client.with_options(max_retries=0).assets.complete(place.asset_id)
    with pytest.raises(NotFoundError):
        await client.assets.get("asset_none")
