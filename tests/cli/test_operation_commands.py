"""Commands of operations: documented commands, flags, bodies, pages and schemas."""

from __future__ import annotations

import hashlib
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from cli_support import Shell
from contract_samples import OPERATIONS, resolve, union_members, valid_value
from support import PNG

from heygen_async import AsyncHeyGen
from heygen_async.operations import catalog as catalogue

pytestmark = pytest.mark.slow

DOCUMENTED: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "documented_commands.jsonl").read_text(encoding="utf-8").splitlines()
]


VIDEO = {"type": "avatar", "avatar_id": "avatar_1", "script": "Hello."}


def get_field(answer: Any, path: str) -> Any:
    for name in path.split("."):
        answer = answer[name]
    return answer


def create_documented_resources(shell: Shell) -> dict[str, str]:
    """The ids that the documents' commands name."""

    async def create() -> dict[str, str]:
        async with AsyncHeyGen(shell.api.key, base_url=shell.api.url) as heygen:
            look = (await heygen.avatars.looks.list()).data[0]
            source = "https://example.com/a.mp4"
            body = {"type": "avatar", "avatar_id": look.id, "script": "Hello.", "caption": {"style": "default"}}
            await heygen.videos.create(body)
            video = await heygen.videos.create_and_wait(body)
            translation = await heygen.video_translations.create(video=source, output_languages=["Spanish"])
            [proofread] = await heygen.video_translations.proofreads.create_and_wait(
                video=source, output_languages=["Spanish"], title="T"
            )
            endpoint = await heygen.webhooks.endpoints.create(url="https://example.com/hook")
            await heygen.wait_for_translation(translation)
            return {
                "key": shell.api.key,
                "look": look.id,
                "group": look.group_id or "",
                "voice": (await heygen.voices.list(engine="starfish")).data[0].voice_id,
                "style": (await heygen.video_agents.list_styles()).data[0].style_id,
                "video": video.id,
                "asset": (await heygen.assets.create(PNG)).asset_id,
                "lipsync": (await heygen.lipsyncs.create(video=source, audio="https://example.com/a.mp3")).lipsync_id,
                "translation": translation.video_translation_ids[0],
                "proofread": proofread.id,
                "endpoint": endpoint.endpoint_id,
                "groups": (await heygen.avatars.list(limit=1)).next_token or "",
                "token": (await heygen.videos.list(limit=1)).next_token or "",
            }

    return shell.runner.run(create())


@pytest.mark.filterwarnings("ignore:enable_caption is deprecated")  # HeyGen's documents still use it
@pytest.mark.parametrize("row", DOCUMENTED, ids=lambda row: row["command"][:60])
def test_runs_every_documented_command(row: dict[str, Any], shell: Shell, tmp_path: Path) -> None:
    """`{video}` and the like stand for ids that the documents leave open; `why` says why a command is none here."""
    named = create_documented_resources(shell)

    def filled(text: str) -> str:
        for name, id in named.items():
            text = text.replace(f"{{{name}}}", id)
        return text

    body = json.dumps({"type": "avatar", "avatar_id": named["look"], "script": "Hello."})
    for name in row.get("files", ()):
        (tmp_path / name).write_bytes(body.encode() if name.endswith(".json") else b"\xff\xd8\xff" + bytes(60))
    result = shell(filled(row["command"]).removeprefix("heygen "), stdin=filled(row.get("stdin", "")))
    assert result.code == row.get("exit", 0), result.err
    assert bool(row.get("exit")) == ("why" in row)
    if result.code:
        assert result.out == ""
        assert result.error["code"] == "usage_error"
    else:
        assert [one["code"] for one in result.notices] == ["created"] * (
            " create" in row["command"] and "--wait" in row["command"] and "--quiet" not in row["command"]
        )
        for path in row.get("shape", ()):
            assert get_field(result.response, path) is not None or path == "next_token"


@pytest.mark.parametrize("name", sorted(catalogue.operations()))
def test_every_operation_is_a_command(name: str, shell: Shell, tmp_path: Path) -> None:
    """It asks the operation's own address, with what it was body, and prints what came."""
    operation = catalogue.operations()[name]
    contract = next(
        one for one in OPERATIONS.values()
        if (one["method"], one["path"]) == (operation.endpoint.method, operation.endpoint.path)
    )  # fmt: skip
    ids = {id: "1" if id == "version_number" else f"{id}-1" for id in operation.input.ids}
    words = [*operation.command, *ids.values()]
    body: dict[str, Any] = {}
    if contract["body"] == "json":
        schema = resolve(contract["request"])
        kinds = union_members(schema) if "oneOf" in schema else [schema]
        tag = schema.get("discriminator", "type")
        of_kind = [one for one in kinds if operation.tag in {None, one["properties"].get(tag, {}).get("const")}]
        body = valid_value(of_kind[0], full=name == "update_webhook_endpoint")  # it needs a change
        words += ["-d", json.dumps(body)]
    elif contract["body"] == "multipart":
        (tmp_path / "a.png").write_bytes(PNG)
        words += ["--file", "a.png"]
    for parameter in contract["query"]:
        if parameter.get("required"):
            words += [
                f"--{parameter['name'].replace('_', '-')}",
                str(valid_value(parameter.get("schema", parameter), parameter["name"])),
            ]
    if operation.destructive:
        words.append("--force")
    result = shell(shlex.join(words))
    (request,) = [one for one in shell.api.requests if one.operation == contract["operation"]]
    assert request.path == operation.endpoint.path.format(**ids)
    if contract["body"] == "json" and operation.tag is not None:
        assert json.loads(request.body)[tag] == operation.tag
    if result.code == 0:
        assert result.err == ""
        assert "data" in result.response
    else:  # there is no thing with this id
        assert (result.code, result.out) == (1, "")
        assert result.error["status"] in {400, 404, 409}


def test_list_prints_one_page_with_the_next_token(shell: Shell) -> None:
    page = shell("voice list --limit 2").response
    assert len(page["data"]) == 2
    assert page["has_more"] is True
    more = shell(f"voice list --limit 2 --token {page['next_token']}").response
    assert {one["voice_id"] for one in more["data"]}.isdisjoint(one["voice_id"] for one in page["data"])


def test_all_prints_every_page_as_json_lines(shell: Shell) -> None:
    lines = shell("voice list --all --limit 7").out.splitlines()
    assert len({json.loads(line)["voice_id"] for line in lines}) == len(lines) > 20
    assert len(shell.api.requests_for("VoiceList")) > 3


def test_flags_override_fields_of_the_body(shell: Shell) -> None:
    body = json.dumps({"prompt": "from the body", "mode": "generate", "orientation": "portrait"})
    assert shell(f"video-agent create -d {shlex.quote(body)} --orientation landscape --prompt other").code == 0
    (request,) = shell.api.requests_for("VideoAgentCreate")
    assert json.loads(request.body) == {"prompt": "other", "mode": "generate", "orientation": "landscape"}


def test_reads_a_json_file_with_a_byte_order_mark(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text('{"prompt": "x"}', encoding="utf-8-sig")
    assert shell("video-agent create -d body.json").code == 0


def test_reads_flags_of_every_type(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "deck.png").write_bytes(PNG)
    assert shell("voice speech create --text - --voice-id voice_0000 --speed 1.25", stdin="Hello.\n").code == 0
    assert json.loads(shell.api.requests_for("VoiceSpeechCreate")[0].body) == {
        "text": "Hello.", "voice_id": "voice_0000", "speed": 1.25,
    }  # fmt: skip
    command = "video-agent create --prompt x --files deck.png --files https://example.com/a.pdf --no-incognito-mode"
    assert shell(command).code == 0
    sent = json.loads(shell.api.requests_for("VideoAgentCreate")[0].body)
    assert [one["type"] for one in sent["files"]] == ["asset_id", "url"]
    assert sent["incognito_mode"] is False
    assert shell("video statuses list --video-ids a,b --video-ids c").code == 0
    assert shell.api.requests_for("VideoStatusesList")[0].query == {"video_ids": "a,b,c"}
    settings = '{"speed": 1.5}'
    assert shell(f"video create --type avatar --avatar-id avatar_1 --script x --voice-settings '{settings}'").code == 0
    assert json.loads(shell.api.requests_for("VideoCreate")[-1].body)["voice_settings"] == {"speed": 1.5}
    assert (
        shell(
            "video create --type cinematic_avatar --avatar-id avatar_1 --avatar-id avatar_2 --prompt x --duration 5"
        ).code
        == 0
    )
    assert json.loads(shell.api.requests_for("VideoCreate")[-1].body)["avatar_id"] == ["avatar_1", "avatar_2"]


def test_request_schema_describes_the_body(shell: Shell) -> None:
    schema = shell("lipsync create --request-schema").response
    assert schema["required"] == ["video", "audio"]
    assert "idempotency_key" not in schema["properties"]
    assert shell("lipsync update --request-schema").response["properties"].keys() == {"title"}
    kinds = shell("video create --request-schema").response
    assert [one["properties"]["type"]["const"] for one in kinds["oneOf"]] == [
        "avatar", "image", "cinematic_avatar", "studio",
    ]  # fmt: skip
    assert all("type" in one["required"] for one in kinds["oneOf"])
    assert "VoiceSettings" in kinds["$defs"]


@pytest.mark.parametrize("noun", ["video", "brand", "brand kits", "video-translate proofreads"])
def test_a_noun_alone_prints_its_help(noun: str, shell: Shell) -> None:
    result = shell(noun)
    assert (result.code, result.out) == (0, shell(f"{noun} --help").out)


def test_spellings_of_heygens_own_command_line(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    digest = hashlib.sha256(PNG).hexdigest()
    for command in (
        "brand kits list",
        "brand glossaries list",
        "asset search --query tour --type image",
        (
            f"asset direct-uploads create --filename a.png --content-type image/png --size-bytes {len(PNG)} "
            f"--checksum-sha-256 {digest}"
        ),
    ):
        result = shell(command)
        assert result.code == 0, result.err
    assert shell.api.requests[-1].json["checksum_sha256"] == digest


def test_flags_take_true_and_false(shell: Shell) -> None:
    create = "video-translate create --video https://example.com/a.mp4 --output-languages Spanish"
    assert shell(f"{create} --translate-audio-only=false --keep-the-same-format=TRUE --wait=false").code == 0
    body = shell.api.requests[-1].json
    assert (body["translate_audio_only"], body["keep_the_same_format"]) == (False, True)
    assert shell(f"{create} --translate-audio-only=maybe").code == 2


def test_sends_headers(shell: Shell) -> None:
    assert shell("user me get --headers 'X-Trace: 7' --headers X-Other=a:b").code == 0
    sent = shell.api.requests[-1].headers
    assert (sent["X-Trace"], sent["X-Other"]) == ("7", "a:b")
    assert shell("user me get --headers nothing").code == 2


def test_json_output_is_the_response_with_its_nulls(shell: Shell) -> None:
    video_id = shell(f"video create -d '{json.dumps(VIDEO)}'").response["data"]["video_id"]
    assert shell(f"video get {video_id} --wait").response["data"]["failure_code"] is None
    whole = shell(f"api GET /v3/videos/{video_id}").response
    assert None in whole["data"].values()
    assert shell(f"video get {video_id}").response == whole
