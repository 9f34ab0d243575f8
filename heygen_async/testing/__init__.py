"""A local HeyGen: an emulator of the API over HTTP on loopback, for programs and tests that have no account.

```python
import pytest

from heygen_async import AsyncHeyGen, JobFailedError
from heygen_async.testing import Fault, HeyGenEmulator, Plan


@pytest.mark.asyncio
async def test_my_program(heygen: AsyncHeyGen, heygen_emulator: HeyGenEmulator) -> None:
    heygen_emulator.plan(Plan(seconds=300, fail_message="The script is too short."))
    heygen_emulator.inject(Fault("status", status=503, operation="VideoAgentGet", count=2))
    session = await heygen.video_agents.create(prompt="A tour")
    with pytest.raises(JobFailedError, match="too short"):
        await heygen.wait_for_video(session)
```

With pytest-asyncio the fixtures `heygen` (a client) and `heygen_emulator` are available when this package is
installed. `HeyGenEmulator` checks requests against HeyGen's published contract, moves jobs through their states,
signs and expires URLs, delivers webhooks, signs people in, charges a ledger, and fails on demand. It uses no code of
the client and shares no struct with it. With `autojump=True` its clock jumps over every wait, so a five-minute render
takes milliseconds. The clock waits for threads, child processes and responses of other servers, such as a database.
`@pytest.mark.heygen(autojump=False)` lets a test run in real time. The mark takes every option of `HeyGenEmulator`.

A webhook receiver takes the clock too, `WebhookReceiver(secret, clock=api.clock.time)`. After a jump of more than 300 s
it would reject each delivery, whose timestamp is then ahead of the system's clock.

`async with HeyGenEmulator() as api:` serves in the running event loop and gives `api.url` and `api.key`. A plain
`with` serves from its own thread.

Tests that are not coroutines
-----------------------------

```python
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from heygen_async import AsyncHeyGen
from heygen_async.testing import HeyGenEmulator

app = FastAPI()


@app.post("/tours")
async def tour() -> str:
    async with AsyncHeyGen() as heygen:
        return (await heygen.video_agents.create(prompt="A tour")).session_id


def test_my_app(heygen_emulator_thread: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", heygen_emulator_thread.key)
    monkeypatch.setenv("HEYGEN_BASE_URL", heygen_emulator_thread.url)
    session_id = TestClient(app).post("/tours").json()
    assert [charge.id for charge in heygen_emulator_thread.ledger] == [session_id]
```

`heygen_emulator_thread` serves from its own thread, and its jobs are ready immediately. A wait for a new job sends
its first poll after some seconds; `AsyncHeyGen(poll=Backoff(…))` shortens that.

Other languages
---------------

`python -m heygen_async.testing --port 8080` serves programs in any language, and prints the variables
`HEYGEN_BASE_URL` and `HEYGEN_API_KEY` for them. `examples/Dockerfile` serves it in a container. Such programs use the
control endpoints in place of the methods of `HeyGenEmulator`:

```sh
curl "$HEYGEN_BASE_URL/_emulator/clock"                                          # the time, and whether it is frozen
curl "$HEYGEN_BASE_URL/_emulator/clock/freeze" -X POST                           # stop the clock; /run lets it run
curl "$HEYGEN_BASE_URL/_emulator/clock/advance" -d '{"seconds": 300}'            # jobs end, events are sent
curl "$HEYGEN_BASE_URL/_emulator/faults" -d '{"kind": "status", "status": 503, "operation": "VideoGet", "count": 2}'
curl "$HEYGEN_BASE_URL/_emulator/faults"                                         # the faults, and how often each was met
curl "$HEYGEN_BASE_URL/_emulator/faults" -X DELETE                               # remove all faults
curl "$HEYGEN_BASE_URL/_emulator/events" -d '{"event_type": "avatar_video.success", "event_data": {"video_id": "v"}}'
curl "$HEYGEN_BASE_URL/_emulator/ledger"                                         # the balance and every charge
curl "$HEYGEN_BASE_URL/_emulator/requests?operation=VideoCreate"                 # the newest 1,000 requests are kept
curl "$HEYGEN_BASE_URL/_emulator/reset" -X POST                                  # remove what was created, faults too
curl "$HEYGEN_BASE_URL/_emulator/openapi.json"                                   # an OpenAPI 3.1 document
```

The fields of a fault are the arguments of `Fault`; the kind `response` with `status` and `body` adds an endpoint. A
misspelt name is a 400 with the nearest right one. The control endpoints need no API key, and refuse web pages of
another origin. On an address that other machines reach they require a token in the header `X-Emulator-Token`: the value
of `--control-token` or `HEYGEN_EMULATOR_TOKEN`, or else a new one, which the command prints.

`python -m heygen_async.testing contract --diff openapi.json` compares the contract that the local HeyGen follows with
any OpenAPI document of HeyGen. It prints the operations, fields and enum values that only one of them has, and the
types that differ. `--json` prints them for a program. The exit code is 1 if there are differences.

Ids that exist
--------------

The local HeyGen starts with samples: voices (`voice_0000`, …), looks of avatars (`avatar_0`, …), templates
(`template_0`, …), styles, brand kits, glossaries, `folder_1` and languages. An uploaded asset exists too. A request
with another id gets the error that HeyGen sends. A hint says how to add the id. It stands in the log, in the header
`X-Emulator-Hint` and in pytest's summary:

* `HeyGenEmulator(known_voices=["v_1"], known_avatars=["look_1"])`, with an option for each kind;
* `api.add_voice("v_1", name="Ada")`, `api.add_avatar(…)`, `api.add_template(…)`, or `api.add(kind, id)`;
* `heygen_known_voices = v_1` in pytest's configuration file;
* `python -m heygen_async.testing --known-voices v_1`;
* `HeyGenEmulator.from_account("account.jsonl")`, or `--account`, with the output of `heygen-async voice list --all`,
  `heygen-async avatar looks list --all` and so on: the lists of a real account instead of the samples.

Files of videos and sessions are checked by their type, size, resolution and length. These come from the upload, from
the address, or from `api.add("asset", id, content_type="video/mp4", size_bytes=5_000_000)`.

`HeyGenEmulator(plan="pay_as_you_go")`, `heygen_plan` in pytest's configuration file and `--plan` select the plan of the
account. That plan has no proofreads, no custom subtitles, no stock voices for translations, and no videos of more than
30 minutes.

`lenient=True`, or `--lenient`, accepts any id and any file, and every plan's requests.

Endpoints and fields that are newer
-----------------------------------

```python
from heygen_async import AsyncHeyGen
from heygen_async.testing import Fault, HeyGenEmulator


async def test_new_endpoint(heygen: AsyncHeyGen, heygen_emulator: HeyGenEmulator) -> None:
    heygen_emulator.inject(Fault("response", path="/v3/models/audio/sts", body={"data": {"id": "sts_1"}}))
    assert await heygen.request("POST", "/v3/models/audio/sts", json={}) == {"data": {"id": "sts_1"}}
```

An endpoint that the contract does not have gets a 404 with a hint, unless a test injects its response as above. The
response is sent once, or for every request with `count=None`. `HeyGenEmulator(known_fields=["new_field"])` accepts a
field in bodies and queries that the contract does not have.

Files of the package
--------------------

| file | subject |
|---|---|
| `emulator.py` | `HeyGenEmulator`: its options, its ports, the methods that a test calls |
| `request_handling.py` | how one request becomes a response |
| `operations/` | the behaviour of each v3 operation, one file a resource |
| `legacy/` | the v1 and v2 endpoints |
| `idempotency.py` | idempotency keys: which operations honour them, and the response to a repeat |
| `oauth.py` | the consent page, authorization codes, tokens |
| `portraits.py`, `voice_samples.py` | the pictures of avatars and the recordings of voices, which it generates |
| `storage.py` | the server behind presigned URLs: uploads, downloads, `Range` |
| `jobs.py` | `Plan`, `Job`, `State`: jobs, assets, voices, the balance |
| `job_table.py` | the jobs by id and by kind, so that no request walks all of them |
| `clock.py` | `Clock`, which a test turns; with autojump the event loop uses it |
| `external_activity.py` | the sockets and child processes for which the clock must not jump |
| `host_check.py` | the checks of the `Host` and `Origin` headers |
| `control.py` | the endpoints under `/_emulator`, for programs in other languages |
| `openapi.py`, `responses.json` | the OpenAPI document of the operations that are served |
| `contract_diff.py`, `openapi_reader.py` | the differences between the contract and another OpenAPI document |
| `catalog.py`, `sample_template.py` | what the account has without a request: samples, and known ids |
| `id_checks.py`, `known_ids.py` | the refusal of ids that do not exist, and the options that make ids known |
| `file_checks.py`, `plan_checks.py`, `request_fields.py` | the refusal of files and requests beyond the documented limits |
| `account_lists.py` | the lists of a real account |
| `contract.py`, `contract.json`, `limits.py` | the published contract and the validation of requests against it |
| `api_errors.py` | the API's error responses |
| `names.py` | the names of operations, jobs, states and events, and the error for a misspelt one |
| `fault_rules.py`, `fault_responses.py` | `Fault`: which requests fail, and how the failure is produced |
| `events.py`, `deliveries.py` | webhook events, and their signed and repeated delivery |
| `ledger.py`, `recorded_requests.py` | `Charge` and `RecordedRequest`: records for a test to read |
| `pytest_plugin.py` | the fixtures `heygen_emulator`, `heygen_emulator_thread` and `heygen` |
| `__main__.py` | the command `python -m heygen_async.testing` |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_exports

if TYPE_CHECKING:
    from .clock import Clock as Clock
    from .emulator import HeyGenEmulator as HeyGenEmulator
    from .fault_rules import Fault as Fault
    from .jobs import Plan as Plan
    from .ledger import Charge as Charge
    from .recorded_requests import RecordedRequest as RecordedRequest
else:
    __getattr__, __dir__, __all__ = lazy_exports(
        __name__,
        {
            "clock": "Clock",
            "emulator": "HeyGenEmulator",
            "fault_rules": "Fault",
            "ledger": "Charge",
            "recorded_requests": "RecordedRequest",
            "jobs": "Plan",
        },
    )
