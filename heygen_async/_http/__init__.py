"""One exchange with the API, and everything that every exchange shares.

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
* `deprecated_fields`: fields that HeyGen has deprecated, and the one warning of each.

The path of a request, in this order:

* `transport`, `call`: turn an operation and its arguments into a `Call`, which keeps the state of its attempts.
* `extra_fields`: fields that this version does not know, from `with_options`.
* `encoding`, `streamed_body`: JSON bodies and query strings; bodies that are streamed.
* `idempotency`: idempotency keys, and why a repeated request is charged once.
* `attempts`: the attempt loop, with hooks, limits, credentials, redirects, retries and the deadline.
* `deadlines`: the deadline of a block, for everything inside it.
* `rate_limit_gate`: the pause of the whole client after a 429.
* `concurrency_limiter`: the connection limit, and other FIFO limits.
* `exchange`: one request and its open response; file stores use it too.
* `hooks`: the calls of `on_request` and `on_response`; file stores have them too.
* `request_sender`: one request to the API, with its timeout, span and redirects.
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
* `spending`: what a client's creates cost, by the published rates.
* `retry_budget`: the limit of retries during an outage.
* `poll_limiter`: the limit of status requests in parallel.

Apart from requests:

* `worker_threads`: blocking work, safe under cancellation.
* `running_loop`: the running event loop, which must be one of asyncio.
* `environment_proxy`: sessions of the program that take their proxies from the environment.
* `file_writing`: the one way to open a file for writing.
* `tasks`: starting tasks that are stored.
"""
