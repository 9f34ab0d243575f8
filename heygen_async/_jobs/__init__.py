"""Jobs: their kinds, polling them, and waiting until they end.

A job is work that HeyGen continues after its response to the request, such as a video.

- `kinds.py`: `JobKind`, the facts of one kind of job.
- `registry.py`: one entry for each kind; waits, batches, downloads, tools and the command line read it.
- `wait_methods.py`: the client's `wait_for_…` and `watch_…`, built from the entries.
- `declared_waits.py`: the same methods for type checkers, written from the entries.
- `wait_protocols.py`: the types of those methods.
- `wait_options.py`: the options of a wait, and the updates that it reports.
- `waiting.py`: which job a wait polls, and how the wait ends.
- `poll_entry.py`: the state of one wait.
- `states.py`: the words for the state of a job, and the meaning of each word.
- `poll_failures.py`: the failed polls that end a wait.
- `poller.py`: when each job is polled, and which jobs share a bulk status request.
- `webhook_wake_up.py`: immediate polls after webhook events.

A call of `wait_for_video` opens a poll entry (`waiting`), which enters the queue of the poller for videos. The poller
wakes the wait when its job needs its own status request, or has ended.
"""
