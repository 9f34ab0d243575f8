"""Files: uploads to HeyGen and downloads from it.

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
