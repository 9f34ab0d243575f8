"""File fields: a string there is a URL or an asset id, and no path of this machine, wherever it comes from."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import msgspec
import pytest
from agent_support import error_of, tool
from contract_samples import OPERATIONS, documented, resolve, union_members, valid_value
from fastapi import Body, FastAPI
from fastapi.testclient import TestClient
from mcp import Client
from mcp_support import text_of
from path_corpus import TEXTS, asked_paths, path_texts, plant_secrets
from support import PNG, Command

from heygen_async import AssetFile, AsyncHeyGen, Base64File, BytesFile, InvalidInputError, UrlFile
from heygen_async.batch import Item, run
from heygen_async.mcp.server import create_server
from heygen_async.operations.catalog import operations
from heygen_async.operations.operation import Operation
from heygen_async.testing import HeyGenEmulator
from heygen_async.types.file_fields import FILE_FIELDS
from heygen_async.types.videos import ImageVideo, StudioVideo

SPOKEN: dict[str, Any] = {"script": "Hello.", "voice_id": "voice_0001"}
PLANTED = PNG + b"a secret of this machine"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with files that the texts name."""
    folder = plant_secrets(tmp_path, PLANTED)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def texts(here: Path) -> list[str]:
    """Texts in the forms of paths."""
    return path_texts(here)


@pytest.fixture
def asked(texts: list[str], here: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The paths about which the file system is asked."""
    with asked_paths(monkeypatch.setattr, texts, here.parent) as paths:
        yield paths


def some(texts: list[str], share: int) -> list[str]:
    """A share of the texts; all of them in a soak run."""
    return texts if TEXTS > 1000 else texts[::share]


async def test_methods_take_no_path(
    texts: list[str], asked: list[str], client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    for text in texts:
        for call in (
            client.videos.create(ImageVideo(image=text, **SPOKEN)),
            client.videos.create({"type": "image", "image": text, **SPOKEN}),
            client.video_agents.create(prompt="A tour", files=["https://e.com/a.png", text]),
            client.lipsyncs.create(video="https://e.com/a.mp4", audio=text),
            client.assets.upload(text),  # type: ignore[arg-type]
        ):
            with pytest.raises(InvalidInputError, match=r"use pathlib\.Path"):
                await call
    results = await client.assets.upload_many(texts)  # type: ignore[arg-type]
    assert {type(result) for result in results} == {InvalidInputError}
    assert (asked, api.requests) == ([], [])


async def test_the_refusal_does_not_depend_on_the_file(here: Path, client: AsyncHeyGen) -> None:
    messages = set()
    for name in ("secret.png", "nofile.png"):
        with pytest.raises(InvalidInputError) as caught:
            await client.videos.create(ImageVideo(image=str(here / name), **SPOKEN))
        messages.add(str(caught.value).replace(name, ""))
    assert len(messages) == 1


def test_fastapi_bodies_take_no_path(texts: list[str], asked: list[str]) -> None:
    app, received = FastAPI(), list[object]()

    @app.post("/one")
    def one(video: Annotated[ImageVideo, Body()]) -> None:
        received.append(video)

    @app.post("/many")
    def many(videos: list[ImageVideo | StudioVideo]) -> None:
        received.append(videos)

    scene = {"type": "image", "duration": 4}
    bodies = [{"type": "image", "image": text, **SPOKEN} for text in texts]
    bodies += [{"type": "studio", "scenes": [scene | {"source": text}]} for text in texts]
    with TestClient(app) as browser:
        answer = browser.post("/one", json=bodies[0])
        assert (answer.status_code, "use pathlib.Path - at `$.image`" in answer.text) == (422, True)
        answer = browser.post("/many", json=bodies)
    assert answer.status_code == 422
    refused = {error["loc"][1] for error in answer.json()["detail"] if "use pathlib.Path" in error["msg"]}
    assert (len(refused), received, asked) == (len(bodies), [], [])


async def test_tools_take_no_path_without_a_folder(
    texts: list[str], asked: list[str], client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    from_image, upload = (tool(client, name, spending="allow") for name in ("create_video_from_image", "create_asset"))
    for text in texts:
        refused = error_of(await from_image(image=text, **SPOKEN))
        assert ("asset id" in refused, "pathlib" in refused) == (True, False)
        assert "is a local file, and this program lets a model read no local files" in error_of(await upload(file=text))
    assert (asked, api.requests) == ([], [])


async def test_tools_ask_only_about_files_below_their_folder(
    texts: list[str], here: Path, client: AsyncHeyGen, api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = here / "folder"
    one = tool(client, "create_asset", files=folder)
    with asked_paths(monkeypatch.setattr, texts, here.parent) as asked:
        for text in texts:
            await one(file=text)
    assert [path for path in asked if not Path(path).is_relative_to(folder) and not folder.is_relative_to(path)] == []
    assert api.requests_for("AssetCreate")  # `secret.png` in the folder
    assert {request.body.count(PLANTED) for request in api.requests_for("AssetCreate")} == {1}


async def test_an_mcp_server_takes_no_path(
    texts: list[str], asked: list[str], client: AsyncHeyGen, api: HeyGenEmulator
) -> None:
    async with Client(create_server(client, spending="allow")) as connected:
        for text in some(texts, 10):
            result = await connected.call_tool("create_video_from_image", {"image": text, **SPOKEN})
            assert (result.is_error, "asset id" in text_of(result)) == (True, True)
    assert (asked, api.requests) == ([], [])


async def test_rows_take_no_path(texts: list[str], asked: list[str], client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    rows: list[Any] = [Item(f"s{i}", ImageVideo(image=text, **SPOKEN)) for i, text in enumerate(texts)]
    rows += [Item(f"m{i}", {"video": text, "audio": "a1"}, kind="lipsyncs") for i, text in enumerate(texts)]
    outcomes = [outcome async for outcome in run(rows, heygen=client)]
    assert {outcome.state for outcome in outcomes} == {"failed"}
    assert all("use pathlib.Path" in str(outcome.error) for outcome in outcomes)
    assert (len(outcomes), asked, api.requests) == (2 * len(texts), [], [])


async def test_cells_take_no_path_without_a_folder(
    texts: list[str], tmp_path: Path, here: Path, command: Command, api: HeyGenEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [text for text in texts if text]  # an empty cell is left out
    sheet = tmp_path / "rows.jsonl"
    lines = [json.dumps({"image": text, **SPOKEN}) for text in texts]
    await asyncio.to_thread(sheet.write_text, "\n".join(lines), encoding="utf-8")
    with asked_paths(monkeypatch.setattr, texts, here.parent) as asked:
        code, _, error = await command(sheet)
    assert (code, {path for path in asked if "rows" not in path}, api.requests) == (2, set(), [])
    assert f"{len(texts)} of {len(texts)} rows are invalid" in error
    assert "line 1, column image: 'secret.png'; expected an http(s) URL or an asset id; --files FOLDER allows" in error


async def test_cells_name_files_below_the_folder(here: Path, command: Command, api: HeyGenEmulator) -> None:
    sheet = here / "rows.csv"
    api.add("asset", "asset_1")
    for path in ("../outside/secret.png", str(here.parent / "outside" / "secret.png"), "link.png", "none.png"):
        sheet.write_text(f"id,image,script,voice_id\n1,{path},Hi,voice_0001\n", encoding="utf-8")
        code, _, error = await command(sheet, "--files", here / "folder")
        assert (code, "line 2, column image: " in error, api.requests) == (2, True, [])
    sheet.write_text(
        "id,image,script,voice_id\n1,secret.png,Hi,voice_0001\n2,asset_1,Hi,voice_0001\n", encoding="utf-8"
    )
    assert (await command(sheet, "--files", here / "folder"))[0] == 0
    assert [request.json["image"]["type"] for request in api.requests_for("VideoCreate")] == ["asset_id"] * 2
    assert len(api.requests_for("AssetCreate")) == 1


async def test_a_path_in_a_flag_may_be_any(here: Path, command: Command, api: HeyGenEmulator) -> None:
    sheet = here / "rows.csv"
    sheet.write_text("id,script,voice_id\n1,Hi,voice_0001\n", encoding="utf-8")
    assert (await command(sheet, "--set", f"image={here.parent / 'outside' / 'secret.png'}"))[0] == 0
    assert len(api.requests_for("AssetCreate")) == 1


async def test_a_run_takes_paths_below_its_folder(here: Path, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    rows = [
        (name, ImageVideo(image=image, **SPOKEN))
        for name, image in {
            "in": "secret.png", "out": "../outside/secret.png", "link": "link.png",
            "own": here.parent / "outside" / "secret.png",
        }.items()
    ]  # fmt: skip
    outcomes = {outcome.key: outcome.state async for outcome in run(rows, heygen=client, files=here / "folder")}
    assert outcomes == {"in": "completed", "own": "completed", "out": "failed", "link": "failed"}
    assert len(api.requests_for("AssetCreate")) == 2


def file_operations() -> Iterator[Any]:
    for name, operation in operations().items():
        if operation.mutating and name != "create_asset_direct_upload_batch":
            schema = json.dumps(operation.input_schema)
            if any(f'"{field}": {{' in schema for field in FILE_FIELDS):
                yield pytest.param(operation, id=name)


def with_files(value: Any, file: object, *, is_file: bool = False) -> Any:
    """Return a sample body with another value in place of each file."""
    if isinstance(value, list):
        return [with_files(item, file, is_file=is_file) for item in value]
    if is_file:
        return file
    if isinstance(value, dict):
        return {name: with_files(inner, file, is_file=name in FILE_FIELDS) for name, inner in value.items()}
    return value


def sample(operation: Operation) -> dict[str, Any]:
    """Return a body of an operation with all its fields."""
    contracts = {(one["method"], one["path"]): one for one in OPERATIONS.values()}
    contract = contracts[operation.endpoint.method, operation.endpoint.path]
    if contract["request"] is None or contract["body"] != "json":
        return {"file": ""}
    schema = resolve(contract["request"])
    if operation.tag is not None:
        tag = schema["discriminator"]
        schema = next(one for one in union_members(schema) if one["properties"][tag]["const"] == operation.tag)
    body: dict[str, Any] = documented(valid_value(schema, full=True))
    return body


@pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning")
@pytest.mark.parametrize("operation", [*file_operations()])
async def test_every_operation_refuses_a_path(
    operation: Operation, client: AsyncHeyGen, api: HeyGenEmulator, here: Path
) -> None:
    body = with_files(sample(operation), "secret.png") | dict.fromkeys(operation.input.ids, "id_1")
    with pytest.raises(InvalidInputError, match=r"use pathlib\.Path"):
        await operation.call(client, body)
    assert api.requests == []


async def test_a_file_field_takes_every_form(here: Path, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    for id in ("asset_1", "a"):
        api.add("asset", id)
    uploaded = await client.assets.upload(PNG)
    opened = await asyncio.to_thread((here / "secret.png").open, "rb")
    forms: Mapping[str, Any] = {
        "url": "HTTPS://example.com/a.png", "asset_id": "asset_1", "asset_id ": here / "secret.png",
        "asset_id  ": PNG, "asset_id   ": bytearray(PNG), "asset_id    ": opened, "asset_id     ": io.BytesIO(PNG),
        "asset_id      ": uploaded, "url ": UrlFile(url="https://e.com/a.png"), "asset_id       ": AssetFile(asset_id="a"),
        "base64": Base64File.from_bytes(PNG, "image/png"),
        "asset_id        ": BytesFile(content=PNG, media_type="image/png"),
    }  # fmt: skip
    for kind, file in forms.items():
        for video in (ImageVideo(image=file, **SPOKEN), {"type": "image", "image": file, **SPOKEN}):
            await client.videos.create(video)
            if hasattr(file, "seek"):
                file.seek(0)
        one, two = (request.json["image"] for request in api.requests_for("VideoCreate")[-2:])
        assert (one["type"], two["type"]) == (kind.strip(), kind.strip()), file
    await asyncio.to_thread(opened.close)


async def test_a_row_takes_every_form(here: Path, client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    for id in ("asset_1", "a"):
        api.add("asset", id)
    uploaded = await client.assets.upload(PNG)
    opened = await asyncio.to_thread((here / "secret.png").open, "rb")
    files: list[Any] = [here / "secret.png", PNG, opened, io.BytesIO(PNG), uploaded, "asset_1", AssetFile(asset_id="a")]
    rows = [(str(number), ImageVideo(image=file, **SPOKEN)) for number, file in enumerate(files)]
    outcomes = [outcome async for outcome in run(rows, heygen=client)]
    await asyncio.to_thread(opened.close)
    assert {outcome.state for outcome in outcomes} == {"completed"}, outcomes
    assert {request.json["image"]["type"] for request in api.requests_for("VideoCreate")} == {"asset_id"}


async def test_keys_that_the_caller_chooses_are_no_file_fields(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    variables = {"image": "a picture.png", "files": ["x.y"], "inner": {"video": "https://example.com/a"}}
    await client.hyperframes.create(project="https://example.com/a.zip", variables=variables)
    assert api.requests_for("HyperframesRenderCreate")[0].json["variables"] == variables


def test_a_name_is_a_file_field_everywhere_or_nowhere() -> None:
    """The names of file fields are those of the structs and of the methods' keywords."""
    found = set()
    for name in dir(__import__("heygen_async.types", fromlist=["types"])):
        struct = getattr(__import__("heygen_async.types", fromlist=["types"]), name)
        if (
            isinstance(struct, type)
            and issubclass(struct, msgspec.Struct)
            and struct.__struct_config__.forbid_unknown_fields
        ):
            fields = {field.encode_name: UrlFile in _members(field.type) for field in msgspec.structs.fields(struct)}
            assert {name for name in fields if name in FILE_FIELDS} == {name for name in fields if fields[name]}, struct
            found |= {name for name in fields if fields[name]}
    assert found <= FILE_FIELDS


def _members(hint: Any) -> set[Any]:
    if get_origin(hint) is None:
        return {hint}
    return {member for inner in get_args(hint) for member in _members(inner)}
