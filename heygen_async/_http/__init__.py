"""Requests: errors, retries, timeouts, logs, traces, proxies, and endpoints that this version does not know.

```python
from heygen_async import AmbiguousRequestError, AsyncHeyGen


async def once(heygen: AsyncHeyGen) -> str:
    before = await heygen.video_agents.list(limit=1)
    try:
        return (await heygen.video_agents.create(prompt="A tour")).session_id
    except AmbiguousRequestError:
        newest = await heygen.video_agents.list(limit=1)
        if newest.data == before.data:
            raise  # no new session is listed yet: list again before you create another
        return newest.data[0].session_id  # if no other program uses this account
```

Retries and errors
------------------

A mutating request carries an idempotency key where HeyGen honours one, and all retries carry the same key. Where
HeyGen honours none (a session, a voice, speech), a request whose response was lost is not repeated. It raises an
`AmbiguousRequestError`, whose message says how to find out whether the job exists.

All errors are under `HeyGenError`. `APIError` has the API's `status`, `code`, `message`, `param`, `request_id` and
whole `body`, with a subclass for each status and for each code that a program acts on.

HeyGen changes fields without notice. A response that deviates from the documentation is read as far as possible. A
value that cannot be converted stays in its field unchanged, a missing field is None, and the log has one warning for
each field. `AsyncHeyGen(on_drift=…)` sets a callback. `strict=True` raises a `DecodeError` instead, for tests.

Timeouts and limits
-------------------

| setting | default |
|---|---|
| a whole GET, retries and pauses included | 30 s |
| any other whole request | 120 s |
| a whole transfer of a file | no limit, unless `timeout` is set |
| opening a connection | 10 s |
| a silent socket | 60 s |
| retries | 3, after up to 0.5, 1 and 2 s (full jitter, at most 8 s) |
| maximum `Retry-After` that a call waits for | 120 s, and never beyond the call's own limit |
| consecutive resumptions of a download without a new byte | 8, unless `max_retries` is set |
| requests in flight | 100 |
| parallel files of `upload_many` and `download_many` | 4 |
| a wait | 1200 s |
| a wait of a batch | 7200 s |
| polls of a job | after 8 s, then 1.1 × longer each time, at most 12 s |
| polls of a session, avatar, voice or render | after 2 s, then 1.5 × longer each time, at most 11 s |
| polls of an asset | after 0.5 s, then 1.5 × longer each time, at most 5 s |
| polls of a job with webhook events | after 30 s, then 2 × longer each time, at most 60 s |

`AsyncHeyGen(timeout=…, max_retries=…, retry=Backoff(…), poll=Backoff(…))` sets them for a client.
`heygen.with_options(…)` sets them for a part of a program, on the same connections. `async with heygen.deadline(60):`
limits every call, wait and transfer inside the block.

A client opens at most `max_connections` (100) connections to the API. A burst of 1,000 requests waits for them in the
order of the calls. The timeout of a call includes this wait. A response body may have 64 MiB after decompression, an
event of a stream 8 MiB; `AsyncHeyGen(limits=Limits(…))` sets other limits. Beyond one, the client reads no further
and raises a `ResponseTooLargeError`.

Other endpoints
---------------

```python
from heygen_async import AsyncHeyGen
from heygen_async.types.base import JSONValue


async def call_a_new_endpoint(heygen: AsyncHeyGen, body: dict[str, JSONValue], key: str) -> JSONValue:
    return await heygen.request("POST", "/v3/models/audio/sts", json=body, idempotency_key=key)
```

`heygen.request` has the same retries and errors as every method. `heygen.last_response` has the headers, the request
id and the raw JSON of the newest response. `heygen.with_options(body={"new_field": 1}).videos.create(…)` sends a
field that is newer than this version. HeyGen names some endpoints before it documents them, such as speech to speech.
The local HeyGen has only documented endpoints and fields; `heygen_async.testing` says how a test adds others.

Logs and hooks
--------------

```python
from heygen_async import AsyncHeyGen, RequestInfo, Response


def before(request: RequestInfo) -> None:
    print(request.method, request.url, f"attempt {request.attempt}", "file store" if request.is_transfer else "API")


async def after(response: Response) -> None:
    print(response.status, response.request_id, f"{response.elapsed:.3f} s")


def observed() -> AsyncHeyGen:
    return AsyncHeyGen(on_request=before, on_response=after)
```

`HEYGEN_LOG=debug` or `info` prints the log of the SDK to stderr, unless the program has configured `logging`. The
loggers are `heygen_async.http`, `.jobs`, `.batch`, `.auth`, `.webhooks` and `.agents`. A record about a request has
the attributes `operation`, `attempt`, `status`, `request_id` and `elapsed`, for a formatter that writes JSON. No
record has a key, a token or the query of a URL. `on_request` and `on_response` are called for every attempt, also of
event streams, uploads and downloads. A response with the header `Deprecation` or `Sunset` is warned about once for
each endpoint. A framework adds its name to the header `User-Agent` with `user_agent_suffix="my-framework/1.2"`.
Traces and metrics by OpenTelemetry: see `heygen_async._http.telemetry`.

Proxies and certificates
------------------------

`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` are honoured for every connection, also of the commands and the
MCP server. `AsyncHeyGen(proxy="http://name:password@host:3128")` sets one proxy for every host. SOCKS needs the extra
`socks`. `ca_bundle=` or `SSL_CERT_FILE` names the certificates to trust, and `client_cert=` the one to show.
`ssl_context=` replaces both. A netrc file is never read, not even through your own session with `trust_env=True`.

Files of the package
--------------------

Configuration:

* `configuration`: timeouts, options and the base URL.
* `limits`: the maximum sizes of everything that comes in.
* `credentials`: the protocol of objects that sign requests.
* `backoff`: the delays between retries and between polls.

The operations:

* `endpoint`: an endpoint as a value, with the traits that decide how it is sent.
* `operation`: the `@operation` decorator of the resources' methods.
* `signatures`: methods that show unpacked keywords as parameters.
* `argument_checks`: misspelt arguments and keys, found before the request is sent.
* `call_errors`: errors for calls that do not fit, and for names that do not exist.
* `deprecated_fields`: fields that HeyGen has deprecated, and the one warning of each.

The path of a request, in this order:

* `transport`, `call`: turn an operation and its arguments into a `Call`, which keeps the state of its attempts.
* `extra_fields`: fields that this version does not know, from `with_options`.
* `encoding`, `streamed_body`: JSON bodies and query strings; bodies that are streamed.
* `idempotency`: idempotency keys, and why a repeated request is charged once.
* `attempts`: the attempt loop, with limits, credentials, retries and the deadline.
* `deadlines`: the deadline of a block, for everything inside it.
* `rate_limit_gate`: the pause of the whole client after a 429, and the spacing of its requests after that.
* `allowed_rate`, `rate_limit_headers`: the rate that the API allows, as learnt from refusals or as stated by it.
* `concurrency_limiter`: the connection limit, and other FIFO limits.
* `hooks`: the calls of `on_request` and `on_response`; file stores have them too.
* `request_sender`: one request to the API, with its timeout, span and redirects.
* `exchange`: one request and its open response; file stores use it too.
* `redirects`: the one loop that follows redirects.
* `public_hosts`: the hosts to which URLs from responses may lead.
* `network`: the options for proxies and certificates.
* `proxies`, `socks`: which requests go through a proxy; connections through SOCKS.
* `connector`: the connections of a client.
* `session`: the aiohttp session and its timeouts.
* `shared_state`: the connections and limits that all views of a client share.

The path of a response:

* `response`: requests and responses as values, for hooks.
* `last_response`: the newest response of each task.
* `decoding`: the envelope around each response, decoded into structs.
* `lenient_decoding`, `blank_structs`, `misplaced_values`:
  the second pass over a response that deviates from the documented form.
* `deprecation`: warnings of endpoints that HeyGen will remove.
* `drift`: the reports of such responses.
* `paid_requests`: the ids of created jobs, for the log and for every exception.
* `spending`: what a client's creates cost, by the published rates.
* `event_stream`: server-sent events.
* `telemetry`: traces and metrics by OpenTelemetry (the extra `otel`).
* `log_records`: the loggers, `HEYGEN_LOG`, and the fields of a record.
* `error_mapping`: error responses, mapped to exceptions.
* `code_advice`: the meaning and the next step of each error and failure code.
* `connection_errors`: aiohttp's exceptions, mapped to exceptions.

Retries:

* `retry_policy`: the outcome of a failed request, and whether it may be sent again.
* `retrying`: the one retry loop of the SDK.
* `retry_after`: the `Retry-After` header.
* `retry_budget`: the limit of retries during an outage.
* `poll_limiter`: the limit of status requests in parallel.

Apart from requests:

* `worker_threads`: blocking work, safe under cancellation.
* `running_loop`: the running event loop, which must be one of asyncio.
* `environment_proxy`: sessions of the program that take their proxies from the environment.
* `file_writing`: the one way to open a file for writing.
* `tasks`: starting tasks that are stored.
"""
