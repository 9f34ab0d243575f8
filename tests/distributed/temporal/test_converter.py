"""Structs are payloads beside any other data converter."""

from __future__ import annotations

import dataclasses

import msgspec
from pydantic import BaseModel
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import PayloadCodec

from heygen_async.distributed import JobHandle
from heygen_async.distributed.temporal.converter import with_structs

HANDLE = JobHandle(kind="videos", key="row-0", idempotency_key="k", mark="m", requested_at=1.5, ids=("video_1",))


class Model(BaseModel):
    number: int


class Reversing(PayloadCodec):
    """A codec that stands for one that encrypts."""

    async def encode(self, payloads):  # type: ignore[no-untyped-def]
        return [Payload(metadata=one.metadata, data=one.data[::-1]) for one in payloads]

    async def decode(self, payloads):  # type: ignore[no-untyped-def]
        return await self.encode(payloads)


async def test_structs_are_plain_json_for_temporals_tools() -> None:
    (payload,) = await with_structs(None).encode([HANDLE])
    assert payload.metadata["encoding"] == b"json/plain"
    assert msgspec.json.decode(payload.data)["ids"] == ["video_1"]


async def test_a_converter_of_the_program_is_kept() -> None:
    converter = with_structs(dataclasses.replace(pydantic_data_converter, payload_codec=Reversing()))
    payloads = await converter.encode([HANDLE, Model(number=3), "text", None])
    assert await converter.decode(payloads, [JobHandle, Model, str, type(None)]) == [
        HANDLE,
        Model(number=3),
        "text",
        None,
    ]
    assert b"video_1" not in payloads[0].data
    assert with_structs(converter) is converter
