"""The resources of the client: one file for each noun of the API, with a method for each of its operations.

A method rejects invalid arguments, uploads local files, and sends one request. Its `@operation` declares the
operation's name, endpoint and traits; its docstring and its types describe the parameters. `operations/` builds the
catalog from them.

* `base.py`: `Resource`, with requests, lists, batches, bulk statuses, and waits for created jobs.
* `validation.py`: checks of requests before they are sent.
* `workflow_graphs.py`: the checks of a workflow's graph.
* Every other file: one resource, named as the client's attribute: `videos.py` is `heygen.videos`.
"""
