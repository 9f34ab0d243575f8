"""A new kind of job is one entry of the registry and its structs. Everything else learns it from there."""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import heygen_async

pytestmark = pytest.mark.slow

PACKAGE = Path(heygen_async.__file__).parent
WRITE_DECLARATIONS = Path(__file__).with_name("write_declarations.py")

ENTRY = """
SKETCH: JobKind[sketches.Sketch] = JobKind(
    name="sketch",
    wait="sketch",
    about="Wait until a sketch is drawn.",
    result="sketches.Sketch",
    created=("sketches.SketchCreated",),
    id_field="sketch_id",
    endpoint=Endpoint("GET", "/v3/sketches/{sketch_id}"),
    completed=frozenset({"drawn"}),
    bulk_endpoint=Endpoint("GET", "/v3/sketches/statuses"),
    bulk_id_parameter="sketch_ids",
    event_prefixes=("sketch",),
    url_fields=("picture_url",),
    batch_creates=(BatchCreate("sketches", "sketches.SketchRequest"),),
)

"""

STRUCTS = '''
"""Sketches: drawings from a prompt."""

from __future__ import annotations

from typing import Required, TypedDict

from .base import ResponseStruct


class SketchCreated(ResponseStruct):
    """A sketch that was started."""

    sketch_id: str


class Sketch(ResponseStruct):
    """A sketch."""

    sketch_id: str
    status: str
    picture_url: str | None = None


class SketchRequest(TypedDict, total=False):
    """The arguments of `sketches.create`."""

    prompt: Required[str]
'''

RESOURCE = '''
"""`heygen.sketches`: drawings from a prompt."""

from __future__ import annotations

from typing import Unpack

from .._http.endpoint import Endpoint
from .._http.operation import operation
from .._jobs.registry import SKETCH
from ..types import sketches as models
from .base import Resource

_CREATE = Endpoint("POST", "/v3/sketches", idempotency="header", billable=True)


class Sketches(Resource):
    """Sketches."""

    @operation("create_sketch", _CREATE, wait="sketch")
    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.SketchRequest]
    ) -> models.SketchCreated:
        """Start a sketch."""
        return await self._call(self.create, models.SketchCreated, body=dict(request), key=idempotency_key)

    @operation("get_sketch", SKETCH.endpoint, wait="sketch")
    async def get(self, sketch_id: str) -> models.Sketch:
        """Return a sketch."""
        return await self._call(self.get, models.Sketch, sketch_id)
'''

PROGRAM = '''
import asyncio
import inspect
import sys
from operator import attrgetter
from pathlib import Path

from aiohttp import web

from heygen_async import AsyncHeyGen, Backoff, tools
from heygen_async.batch import run
from heygen_async.cli.watch import watch
from heygen_async.operations.catalog import operations

QUICK = Backoff(initial=0.01, factor=1, maximum=0.01, jitter=0)
FOLDER = Path(sys.argv[1])


class API:
    """A server that knows sketches. A sketch is drawn at the poll whose number is `polls`."""

    def __init__(self):
        self.polls, self.polled, self.expired, self.keys = 2, {}, set(), {}

    def state(self, id):
        self.polled[id] = self.polled.get(id, 0) + 1
        return "drawn" if self.polled[id] >= self.polls else "processing"

    async def create(self, request):
        id = self.keys.setdefault(request.headers["Idempotency-Key"], f"sketch_{len(self.keys)}")
        return web.json_response({"data": {"sketch_id": id}})

    async def get(self, request):
        id = request.match_info["id"]
        url = f"http://{request.host}/files/{id}?signature={self.polled.get(id, 0)}"
        return web.json_response({"data": {"sketch_id": id, "status": self.state(id), "picture_url": url}})

    async def statuses(self, request):
        ids = request.query["sketch_ids"].split(",")
        return web.json_response({"data": [{"video_id": id, "status": self.state(id)} for id in ids]})

    async def file(self, request):
        if request.query_string in self.expired:
            return web.Response(status=403)
        return web.Response(body=b"a drawing")


async def serve(api):
    app = web.Application()
    app.router.add_post("/v3/sketches", api.create)
    app.router.add_get("/v3/sketches/statuses", api.statuses)
    app.router.add_get("/v3/sketches/{id}", api.get)
    app.router.add_get("/files/{id}", api.file)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return runner, f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"


async def main():
    api = API()
    runner, url = await serve(api)
    async with AsyncHeyGen("key", base_url=url, poll=QUICK) as heygen:
        # waits
        assert "sketches" in dir(heygen)
        assert [*inspect.signature(heygen.wait_for_sketch).parameters] == [
        "job", "timeout", "poll", "on_update", "download_to",
    ]  # fmt: skip
        assert heygen.wait_for_sketch.__doc__.startswith("Wait until a sketch is drawn.")
        created = await heygen.sketches.create(prompt="A cat")
        sketch = await heygen.wait_for_sketch(created)
        assert (sketch.sketch_id, sketch.status) == (created.sketch_id, "drawn")
        another = await heygen.sketches.create(prompt="A dog")
        assert [update.state async for update in heygen.watch_sketch(another)] == ["processing", "drawn"]
        assert (await heygen.wait_for_all([created]))[0].sketch_id == sketch.sketch_id
        # waits for many jobs share the bulk status endpoint
        many = [await heygen.sketches.create(prompt="A herd") for _ in range(20)]
        api.polls = 4
        await heygen.wait_for_all(many)
        # downloads, with a URL that has expired
        path = await heygen.download(sketch, FOLDER / "cat.png")
        assert path.read_bytes() == b"a drawing"
        api.expired.add(sketch.picture_url.partition("?")[2])
        await heygen.download(sketch, FOLDER / "again.png")
        # batches
        rows = [(f"row {number}", {"prompt": "A fish"}) for number in range(3)]
        outcomes = [
            outcome
            async for outcome in run(
                rows, kind="sketches", journal=FOLDER / "journal.db", output_dir=FOLDER / "out", heygen=heygen
            )
        ]
        assert [outcome.succeeded for outcome in outcomes] == [True] * 3, outcomes
        assert sorted(path.read_bytes() for path in (FOLDER / "out").iterdir()) == [b"a drawing"] * 3
        # operations and tools
        create, get = (
            next(one for one in operations().values() if one.path == f"sketches.{name}") for name in ("create", "get")
        )
        assert (create.wait, get.wait) == ("wait_for_sketch", "wait_for_sketch")
        assert create.long_running
        answer = await create.call(heygen, {"prompt": "A bird"}, wait=True)
        assert answer["data"]["status"] == "drawn"
        assert {tool.name for tool in tools(heygen)} >= {create.name, get.name}
    # the command line
    [argument] = [one for one in watch.params if one.name == "kind"]
    assert "sketch" in argument.type.choices
    # webhook events
    api.polls = 10**9
    async with AsyncHeyGen("key", base_url=url, events=True) as heygen:
        created = await heygen.sketches.create(prompt="A tree")
        waiting = asyncio.create_task(heygen.wait_for_sketch(created.sketch_id))
        while not api.polled.get(created.sketch_id):
            await asyncio.sleep(0.01)
        api.polls = 2
        event = {"event_type": "sketch.success", "event_data": {"sketch_id": created.sketch_id}}
        while not heygen.handle_event(event):
            await asyncio.sleep(0.01)
        async with asyncio.timeout(20):  # without the event, the next poll comes after 30 s
            assert (await waiting).status == "drawn"
    await runner.cleanup()


asyncio.run(main())
print("complete")
'''


def test_everything_learns_a_new_kind_from_its_entry(tmp_path: Path) -> None:
    copy = tmp_path / "heygen_async"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    _insert(copy / "_jobs" / "registry.py", before="# fmt: on\n", text=ENTRY)
    _insert(copy / "_jobs" / "registry.py", before="        video_agents,\n", text="        sketches,\n")
    (copy / "types" / "sketches.py").write_text(STRUCTS.lstrip(), encoding="utf-8")
    _run(tmp_path, str(WRITE_DECLARATIONS))
    assert changed_files(copy) == {"_jobs/declared_waits.py", "_jobs/registry.py", "types/sketches.py"}
    declared = (copy / "_jobs" / "declared_waits.py").read_text(encoding="utf-8")
    assert "wait_for_sketch: WaitMethod[sketches.SketchCreated, sketches.Sketch]" in declared
    assert "watch_sketch: WatchMethod[sketches.SketchCreated, sketches.Sketch]" in declared
    assert "| sketches.Sketch\n" in declared  # what `download` takes

    # A wholly new resource has its own file, and a line in the client.
    (copy / "resources" / "sketches.py").write_text(RESOURCE.lstrip(), encoding="utf-8")
    _insert(copy / "client.py", before="    models: Models\n", text="    sketches: Sketches\n")
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(PROGRAM), encoding="utf-8")
    assert _run(tmp_path, str(program), str(tmp_path)).strip() == "complete"


def _insert(file: Path, *, before: str, text: str) -> None:
    source = file.read_text(encoding="utf-8")
    assert before in source
    file.write_text(source.replace(before, text.lstrip("\n") + before, 1), encoding="utf-8")


def _run(folder: Path, *arguments: str) -> str:
    """Run Python with the copy of the package."""
    environment = {**os.environ, "PYTHONPATH": os.fspath(folder)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def changed_files(copy: Path) -> set[str]:
    """The Python files in which the copy differs from the package."""
    files = {os.fspath(file.relative_to(copy)) for file in copy.rglob("*.py")}
    _, changed, new = filecmp.cmpfiles(PACKAGE, copy, files, shallow=False)
    return {*changed, *new}
