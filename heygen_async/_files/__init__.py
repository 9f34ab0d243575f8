"""Uploads to HeyGen, and downloads from it.

```python
from pathlib import Path

from heygen_async import AsyncHeyGen


async def with_slides(heygen: AsyncHeyGen, slides: Path) -> Path:
    video = await heygen.video_agents.create_and_wait(prompt="Present these slides", files=[slides])
    await heygen.download(video, slides.with_suffix(".jpg"), url_field="thumbnail_url", overwrite=True)
    return await heygen.download(video, slides.with_suffix(".mp4"), resume=True)


async def size_of(heygen: AsyncHeyGen, url: str) -> int:
    async with heygen.open_stream(url) as stream:
        return sum([len(chunk) async for chunk in stream])
```

Uploads
-------

```python
from collections.abc import Iterable
from pathlib import Path

from heygen_async import AsyncHeyGen
from heygen_async.types.files import AssetFile


async def footage(heygen: AsyncHeyGen, clips: Iterable[Path]) -> list[AssetFile]:
    ends = await heygen.assets.upload_many(clips, on_progress=lambda done, total: print(f"{done} of {total} bytes"))
    return [end for end in ends if isinstance(end, AssetFile)]
```

Where the API takes a file, pass one of these:

| value | meaning |
|---|---|
| `pathlib.Path`, bytes, an open binary file | a local file, uploaded first, as a stream |
| `AssetFile`, `UrlFile`, the result of `assets.upload` | a file that HeyGen has or fetches |
| a string | an `https` URL or an asset id, never a path |

No text from outside therefore names a file of your machine. `assets.upload` takes local files of any size, uploads of
web frameworks, async iterators, and the zip of a HyperFrames project. It returns an asset that is ready for use. If a
file changes during its upload, it raises an `UploadError`. `upload_many` uploads in batches of a hundred, and one bad
file fails alone. `on_progress` is called with the bytes that were sent and the size of the file, which may be None.
After the last byte HeyGen processes the file, for seconds or a minute. `on_update` is called after each poll of this
wait, and `wait=False` returns without it. In the local HeyGen, `render_seconds` is also the duration of this
processing.

Downloads
---------

A download appears under its name only when it is complete, checked and on the disk. A broken download resumes, and an
expired URL is requested again. `resume=True` continues the partial file of a killed process. `url_field` selects
another URL of the resource: `url_field="srt_caption_url"` saves the subtitles of a translation. `download_many`
downloads pairs of a resource and a path. `open_stream` yields the bytes to a program that stores them elsewhere.

URLs from responses and redirects may lead to public hosts over https only, unless the API itself has a private
address. `allow_private_hosts=True` or `HEYGEN_ALLOW_PRIVATE_HOSTS=1` allows others. Proxies and certificates: see
`heygen_async._http`.

Files of the package
--------------------

Upload:

* `file_inputs`: the kinds of input that a caller may pass as a file; each becomes a `FileSource`.
* `file_sources`: a file with its name, size and type, read from its start for each attempt.
* `local_files`: the one way to open a file for reading, also below a folder that guards it.
* `media_types`: the types that the API takes, and their detection.
* `uploads`: the upload of one file, by one of the next two ways.
* `multipart`: the whole file in one request, up to 32 MB.
* `direct_upload`: three steps, directly into HeyGen's storage.
* `upload_stream`: one pass over a file during its upload: progress and SHA-256.
* `upload_batches`: many files in batches of 100.
* `request_files`: the files inside a request body, which takes the local ones' asset ids.

Download:

* `download_methods`: the methods that `AsyncHeyGen` inherits.
* `downloads`: the download into a file, which appears only when it is complete.
* `download_stream`: the download as a stream of chunks.
* `resumable_download`: the bytes of a file over several connections, with `Range` and `If-Range`.
* `part_file`: the incomplete file on disk.
* `result_download`: the `download_to` of waits and of `create_and_wait`.
* `file_names`: file names for ids and keys.
* `url_renewal`: presigned URLs and how an expired one is renewed.

Both:

* `file_store`: one exchange with a file store.
* `store_request`: the request of an exchange, and its redirects.
* `url_access`: the URLs that may be fetched; those from responses lead to public hosts only.
* `checksums`, `chunks`, `transfer_progress`, `parallel_transfers`.
"""
