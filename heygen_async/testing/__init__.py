"""A local HeyGen: an emulator of the API over HTTP on loopback, for programs and tests that have no account.

`async with HeyGenEmulator() as api:` serves in the running event loop and gives `api.url` and `api.key`. A plain `with`
serves from its own thread. `python -m heygen_async.testing` serves any client in any language. The emulator
follows the published contract; it uses no code of the client and shares no struct with it.

It has sample voices (`voice_0000`, …), looks (`avatar_0`, …), templates (`template_0`, …), styles, brand kits, glossaries,
`folder_1` and languages. A request that names another id is refused as HeyGen refuses it, and a hint in the log, in the
header `X-Emulator-Hint` and in pytest's summary says how to make the id known:

* `HeyGenEmulator(known_voices=["v_1"], known_avatars=["look_1"])`, with an option for each kind;
* `api.add_voice("v_1", name="Ada")`, `api.add_avatar(…)`, `api.add_template(…)`, or `api.add(kind, id)`;
* `heygen_known_voices = v_1` in pytest's configuration file;
* `python -m heygen_async.testing --known-voices v_1`;
* `HeyGenEmulator.from_account("account.jsonl")`, or `--account`, with the output of `heygen-async voice list --all`,
  `heygen-async avatar looks list --all` and so on: the lists of a real account instead of the samples.

`lenient=True`, or `--lenient`, accepts any id.

| file | subject |
|---|---|
| `emulator.py` | `HeyGenEmulator`: its options, its ports, the methods that a test calls |
| `request_handling.py` | how one request becomes a response |
| `operations/` | the behaviour of each v3 operation, one file a resource |
| `legacy/` | the v1 and v2 endpoints |
| `idempotency.py` | idempotency keys: which operations honour them, and the response to a repeat |
| `oauth.py` | the consent page, authorization codes, tokens |
| `storage.py` | the server behind presigned URLs: uploads, downloads, `Range` |
| `jobs.py` | `Plan`, `Job`, `State`: jobs, assets, voices, the balance |
| `clock.py` | `Clock`, which a test turns; with autojump the event loop uses it |
| `external_activity.py` | the sockets and child processes for which the clock must not jump |
| `host_check.py` | the checks of the `Host` and `Origin` headers |
| `control.py` | the endpoints under `/_emulator`, for programs in other languages |
| `openapi.py`, `responses.json` | the OpenAPI document of the operations that are served |
| `contract_diff.py`, `openapi_reader.py` | the differences between the contract and another OpenAPI document |
| `catalog.py`, `sample_template.py` | what the account has without a request: samples, and known ids |
| `id_checks.py`, `known_ids.py` | the refusal of ids that do not exist, and the options that make ids known |
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
