"""The resources of the client: one file for each noun of the API, with a method for each of its operations.

```python
from heygen_async import AsyncHeyGen
from heygen_async.types.videos import AvatarVideo


async def greet(heygen: AsyncHeyGen) -> str:
    created = await heygen.videos.create(AvatarVideo(avatar_id="avatar_1", script="Good morning!"))
    return created.video_id
```

| subject | resources of the client |
|---|---|
| videos | `videos`, `video_agents`, `video_translations` (with `proofreads`), `lipsyncs`, `templates`, `hyperframes` |
| avatars and voices | `avatars` (with `looks`), `avatar_realtime`, `voices`, `audio` |
| editing | `ai_clipping`, `background_removals`, `filler_word_removals`, `video_quality` |
| audio and models | `podcasts`, `models` (with `voices`, `images`, `videos`) |
| workflows | `workflows`, `workflow_runs` |
| the account | `assets`, `folders`, `brand_kits`, `brand_glossaries`, `webhooks`, `users`, `api_keys` |

* Methods are the API's verbs, and fields have the API's names. Path parameters are positional, all others are
  keywords.
* A request body with several forms is a struct of `heygen_async.types`. An equal mapping is accepted too.
* A response is a typed struct. `to_dict()` returns it as JSON types. A status or field that HeyGen adds later does
  not break a program.
* `list()` and `search()` return a `Pager`: `async for` yields every item of all pages; `await` returns the first
  page.
* FastAPI returns structs (`-> Video`) and accepts them (`Annotated[AvatarVideo, Body()]`).
* One client serves all tasks of an event loop.

A method rejects invalid arguments, uploads local files, and sends one request. Its `@operation` declares the
operation's name, endpoint and traits; its docstring and its types describe the parameters. `operations/` builds the
catalog from them.

Files of the package
--------------------

* `base.py`: `Resource`, with requests, lists, batches, bulk statuses, and waits for created jobs.
* `validation.py`: checks of requests before they are sent.
* `workflow_graphs.py`: the checks of a workflow's graph.
* Every other file: one resource, named as the client's attribute: `videos.py` is `heygen.videos`.
"""
