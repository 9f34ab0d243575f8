"""Assets: uploaded through the API as a form, or directly to the storage in three steps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from ..api_errors import APIErrorResponse
from ..file_checks import FORM_BYTES, read_details
from ..storage import MAX_BYTES, UPLOAD_SECONDS
from .call import Call, Listing, build_batch_page, create_batch, list_statuses
from .users import USERNAME

__all__ = ["HANDLERS"]

ZIP_BYTES = 200 << 20
_BULK = {"pending_upload": "queued"}
_EXTENSIONS = {
    "image/png": "png", "image/jpeg": "jpg", "video/mp4": "mp4", "video/webm": "webm", "audio/mpeg": "mp3",
    "audio/wav": "wav", "application/pdf": "pdf", "application/x-subrip": "srt", "application/zip": "zip",
}  # fmt: skip


def detect_media_type(content: bytes, name: str) -> str | None:
    """Return the media type of a file by its first bytes; None if the API does not accept it."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[4:8] == b"ftyp":
        return "video/mp4"
    if content.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm"
    if content.startswith((b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")):
        return "audio/mpeg"
    if content.startswith(b"RIFF") and content[8:12] == b"WAVE":
        return "audio/wav"
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    return "application/x-subrip" if name.lower().endswith(".srt") and b"-->" in content[:4096] else None


def _form(call: Call) -> tuple[str, bytes]:
    """Return the name and the bytes of the form's file."""
    head = f"Content-Type: {call.request.headers.get('Content-Type', '')}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + call.raw)
    if not message.is_multipart():
        raise APIErrorResponse.invalid_parameter("file", "The request must be multipart/form-data.")
    for part in message.iter_parts():
        if part.get_param("name", header="content-disposition") == "file":
            content = part.get_payload(decode=True)
            return part.get_filename() or "file", content if isinstance(content, bytes) else b""
    raise APIErrorResponse.invalid_parameter("file", "'file' is required.")


def _media_type(content: bytes, name: str) -> str:
    kind = detect_media_type(content, name)
    if kind is None:
        raise APIErrorResponse.invalid_parameter(
            "file", "The file's type is not supported: png, jpeg, mp4, webm, mp3, wav, pdf, srt."
        )
    return kind


def _create(call: Call) -> dict[str, Any]:
    if len(call.raw) > FORM_BYTES + 4096:
        raise APIErrorResponse(400, "invalid_parameter", "The file is larger than 32 MB.", param="file")
    name, content = _form(call)
    kind = _media_type(content, name)
    job = call.state.create_job("asset", "asset", [("completed", 0.0)])
    call.state.assets[job.id] = {
        "name": name,
        "content_type": kind,
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "content": content if len(content) <= 8 << 20 else None,
        "usable": True,
        "uploaded_at": int(call.state.now()),
        **read_details(content),
    }
    url = call.storage.presigned(f"/assets/{job.id}", seconds=10 * 365 * 86_400)
    return {"asset_id": job.id, "mime_type": kind, "size_bytes": len(content), "url": url}


def _place(call: Call, file: dict[str, Any]) -> dict[str, Any]:
    if file["content_type"] not in _EXTENSIONS:
        raise APIErrorResponse.invalid_parameter("content_type", f"'{file['content_type']}' is not supported.")
    if not 1 <= file["size_bytes"] <= MAX_BYTES:
        raise APIErrorResponse.invalid_parameter("size_bytes", f"'size_bytes' must be between 1 and {MAX_BYTES}.")
    job = call.state.create_job("asset", "asset", [("pending_upload", 0.0)])
    headers = {"Content-Type": file["content_type"]}
    if file.get("checksum_sha256"):
        headers["x-amz-checksum-sha256"] = file["checksum_sha256"]
    call.state.assets[job.id] = {
        "name": file["filename"],
        "content_type": file["content_type"],
        "size_bytes": file["size_bytes"],
        "checksum_sha256": file.get("checksum_sha256"),
        "upload_headers": headers,
        "uploaded_at": int(call.state.now()),
        "usable": False,
    }
    return {
        "asset_id": job.id,
        "upload_url": call.storage.presigned(f"/uploads/{job.id}", method="PUT", seconds=UPLOAD_SECONDS),
        "upload_headers": headers,
        "expires_in_seconds": UPLOAD_SECONDS,
        "max_bytes": ZIP_BYTES if file["content_type"] == "application/zip" else MAX_BYTES,
        "status": "pending_upload",
    }


def _create_direct(call: Call) -> dict[str, Any]:
    return _place(call, call.body)


def _complete(call: Call) -> dict[str, Any]:
    job = call.state.find("asset", call.ids["asset_id"])
    return _completed(call, job.id, call.get_field("checksum_sha256"))


def _completed(call: Call, id: str, checksum: str | None) -> dict[str, Any]:
    asset = call.state.assets[id]
    if asset.get("received") is None and not asset["usable"]:
        raise APIErrorResponse(409, "resource_not_ready", "The uploaded object is not yet present in storage.")
    if checksum not in {None, asset["sha256"]}:
        raise APIErrorResponse.invalid_parameter("checksum_sha256", "The checksum does not match the stored bytes.")
    job = call.state.jobs[id]
    if not asset["usable"]:
        asset["usable"] = True
        asset |= read_details(asset["content"] or b"")
        job.created_at = call.state.now()
        job.states = [("processing", call.state.render_seconds), ("completed", 0.0)]
    return {
        "asset_id": id,
        "mime_type": asset["content_type"],
        "size_bytes": asset["size_bytes"],
        "status": job.state(call.state.now()),
        "url": call.storage.presigned(f"/assets/{id}", seconds=10 * 365 * 86_400),
    }


def _describe(call: Call, id: str) -> dict[str, Any]:
    asset = call.state.assets[id]
    return {
        "id": id,
        "name": asset["name"],
        "owner": USERNAME,
        "space_id": "space_local",
        "type": asset["content_type"].partition("/")[0],
        "uploaded_at": asset["uploaded_at"],
        "url": call.storage.presigned(f"/assets/{id}"),
        "folder_id": None,
    }


def _get(call: Call) -> dict[str, Any]:
    return _describe(call, call.state.find("asset", call.ids["asset_id"]).id)


def _list(call: Call) -> Listing:
    there = [job.id for job in call.state.jobs_of_kind("asset") if call.state.assets[job.id]["usable"]]
    mine = call.query["username"] == USERNAME and "folder_id" not in call.query
    return Listing([_describe(call, id) for id in there] if mine else [], "id")


def _search(call: Call) -> Listing:
    kind = call.query["type"]
    found = [
        {
            "id": f"{kind}_{n:03d}",
            "type": kind,
            "url": call.storage.static(f"/{kind}/{n}/thumbnail.jpg"),
            "width": 640,
            "height": 360,
            "orientation": "landscape",
            "is_transparent": kind == "icon",
        }
        for n in range(60)
    ]
    return Listing(found, "id")


def _delete(call: Call) -> dict[str, Any]:
    job = call.state.find("asset", call.ids["asset_id"])
    call.state.deleted.add(job.id)
    return {"id": job.id}


def _statuses(call: Call) -> list[dict[str, Any]]:
    return list_statuses(call, "asset", _BULK)


def _create_batch(call: Call) -> dict[str, Any]:
    places = [_place(call, file) for file in call.body["files"]]
    started = create_batch(call, "asset", [place["asset_id"] for place in places])
    return {"batch_id": started["batch_id"], "items": places}


def _complete_batch(call: Call) -> dict[str, Any]:
    batch = call.state.batches.get(call.body["batch_id"])
    if batch is None or batch["kind"] != "asset":
        raise APIErrorResponse.not_found("resource", call.body["batch_id"])
    for id in batch["ids"]:
        try:
            _completed(call, id, None)
        except APIErrorResponse:
            call.state.jobs[id].end(call.state.now(), "failed")
    return {"batch_id": call.body["batch_id"], "status": "processing"}


def _get_batch(call: Call) -> dict[str, Any]:
    return build_batch_page(call, "asset", _BULK)


HANDLERS: dict[str, Callable[[Call], Any]] = {
    "AssetCreate": _create,
    "AssetGet": _get,
    "AssetList": _list,
    "AssetSearch": _search,
    "AssetDelete": _delete,
    "AssetStatusesList": _statuses,
    "AssetDirectUploadsCreate": _create_direct,
    "AssetCompleteCreate": _complete,
    "AssetDirectUploadsBatchesCreate": _create_batch,
    "AssetCompleteBatchesCreate": _complete_batch,
    "AssetBatchesGet": _get_batch,
}
