"""A batch in a process of its own, which a test kills. `HEYGEN_ASYNC_KILLS` sets the number of kills."""

from __future__ import annotations

import asyncio
import collections
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, NamedTuple

from heygen_async.testing import Fault, HeyGenEmulator

KILLS = int(os.environ.get("HEYGEN_ASYNC_KILLS", "7"))
KINDS = (
    "videos", "video_agents", "ai_clipping", "voices", "video_translations", "lipsyncs", "hyperframes",
    "background_removals", "templates", "avatars",
)  # fmt: skip
PROGRAM = """
import asyncio, ctypes, json, os, sys
from heygen_async import AsyncHeyGen, Backoff, HeyGenError
from heygen_async.batch import run

VIDEO = {"type": "url", "url": "https://example.com/a.mp4"}

def request(kind, number, template):
    title = {"title": f"Number {number}"}
    return {
        "videos": {"type": "avatar", "avatar_id": "avatar_1", "script": f"Hello {number}."},
        "video_agents": {"prompt": f"Tour {number}"},
        "ai_clipping": {"video": VIDEO, **title},
        "voices": {"text": f"Hello {number}.", "voice_id": "voice_0000"},
        "video_translations": {"video": VIDEO, "output_languages": ["French (France)"], **title},
        "lipsyncs": {"video": VIDEO, "audio": {"type": "url", "url": "https://example.com/a.mp3"}, **title},
        "hyperframes": {"project": {"type": "url", "url": "https://example.com/p.zip"}, **title},
        "background_removals": {"video": VIDEO, **title},
        "templates": {**template, **title},
        "avatars": {"type": "prompt", "name": f"Ada {number}", "prompt": "A scientist"},
    }[kind]

def obey_modes():  # root writes to read-only folders, unless this capability is dropped
    if sys.platform == "linux" and os.geteuid() == 0:
        libc, header, data = ctypes.CDLL(None), (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
        libc.capget(header, data)
        data[0] &= ~0b110
        libc.capset(header, data)

def limit_files(size):
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

async def main(rows, folder, kind="videos", engine="jobs", max_file_size=None, downloads=True, **options):
    obey_modes()
    if max_file_size:
        limit_files(max_file_size)
    async with AsyncHeyGen(poll=Backoff(initial=0.1, maximum=0.2), retry=Backoff(initial=0.01)) as heygen:
        template = {}
        if kind == "templates":
            id = (await heygen.templates.list()).data[0].id
            template = {"template_id": id, "variables": (await heygen.templates.get(id)).variables}
        requests = [(f"row-{number}", request(kind, number, template)) for number in range(rows)]
        batch = run(requests, heygen=heygen, kind=kind, engine=engine, journal=f"{folder}/journal/j", output_dir=f"{folder}/out" if downloads else None, concurrency=8, **options)
        print("started", flush=True)
        try:
            async for outcome in batch:
                print(outcome.key, outcome.state, " ".join(outcome.ids), outcome.possible_charges, repr(outcome.error), sep="\\t", flush=True)
        except HeyGenError as error:
            print("refused", type(error).__name__, str(error), sep="\\t", flush=True)
            return
    print("ended", flush=True)

asyncio.run(main(**json.loads(sys.argv[1])))
"""


class Ended(NamedTuple):
    """What a process printed: its outcomes, whether its batch ended, and the type and text of its error."""

    outcomes: list[list[str]]
    has_ended: bool
    error: tuple[str, ...] = ()

    @property
    def ids(self) -> list[str]:
        """The ids of all jobs."""
        return [id for outcome in self.outcomes for id in outcome[2].split()]


def inject_faults(api: HeyGenEmulator, seed: int, *, probability: float = 0.003) -> None:
    """Let two requests in a hundred fail, in every way.

    Args:
        api: The emulator.
        seed: Draws the requests.
        probability: The share of requests that fail in each of seven ways.
    """
    for number, kind in enumerate(("reset_before", "lost_response", "truncate", "reset_mid_body", "corrupt")):
        # Only a digest shows a wrong bit of a download.
        for origin in ("api",) if kind == "corrupt" else ("api", "storage"):
            api.inject(Fault(kind, origin=origin, count=None, probability=probability, seed=seed * 100 + number))  # type: ignore[arg-type]
    for number, status in enumerate((500, 503)):
        api.inject(Fault("status", status=status, count=None, probability=probability, seed=seed * 100 + 50 + number))


async def run_batch(api: HeyGenEmulator, kill_after: float | None, **arguments: Any) -> Ended:
    """Run a batch in a process, and kill it after so many seconds.

    Args:
        api: The emulator.
        kill_after: Seconds after the start of the batch; None to wait for its end.
        **arguments: The arguments of the program's `main`, and options of `run`.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, json.dumps(arguments, default=str),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"HEYGEN_API_KEY": api.key, "HEYGEN_BASE_URL": api.url},
    )  # fmt: skip
    assert process.stdout is not None
    first_line = await process.stdout.readline()
    assert first_line == b"started\n", first_line + (await process.communicate())[1]
    output = asyncio.ensure_future(process.communicate())
    if kill_after is not None:
        await asyncio.wait({output}, timeout=kill_after)
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
    stdout, stderr = await output
    # asyncio loses the exit code of a process that ends just before it is killed.
    assert process.returncode == 0 or (kill_after is not None and b"Traceback" not in stderr), stderr.decode()
    lines = [line.split("\t") for line in stdout.decode().splitlines()]
    error = next((tuple(line[1:]) for line in lines if line[0] == "refused"), ())
    outcomes = [line for line in lines if len(line) == 5]
    return Ended(outcomes, bool(lines) and lines[-1] == ["ended"], error)


def check_paid_once(api: HeyGenEmulator, ended: Ended, rows: int) -> None:
    """Check that every row is completed by a job of its own, and that there is no other job."""
    assert ended.has_ended, ended
    assert {outcome[1] for outcome in ended.outcomes} == {"completed"}, ended.outcomes
    charges = collections.Counter(charge.id for charge in api.ledger)
    assert len({outcome[0] for outcome in ended.outcomes}) == len(set(ended.ids)) == rows
    assert set(charges) == set(ended.ids), "a job exists that no row knows"
    assert set(charges.values()) == {1}


def check_files(folder: Path, rows: int) -> None:
    """Check that every row has a whole file."""
    files = list((folder / "out").iterdir())
    assert len(files) == rows
    assert len({file.read_bytes() for file in files}) == 1
