"""The command line, as a shell sees it: what it prints where, and its exit code."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest
from blockbuster import BlockBuster
from support import PNG
from test_contract import OPERATIONS, resolved, valid, variants

from heygen_async import AsyncHeyGen
from heygen_async.__main__ import main
from heygen_async.operations import catalog as catalogue
from heygen_async.testing import Fault, HeyGenEmulator, Plan

DOCUMENTED: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "documented_commands.jsonl").read_text(encoding="utf-8").splitlines()
]


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        (error,) = [one["error"] for one in map(json.loads, self.err.splitlines()) if "notice" not in one]
        return error

    @property
    def notices(self) -> list[dict[str, Any]]:
        return [json.loads(line)["notice"] for line in self.err.splitlines()]


class Stdin(io.TextIOWrapper):
    """Standard input, which may be a terminal's."""

    terminal = False

    def isatty(self) -> bool:
        return self.terminal


class Shell:
    """Runs commands against a local HeyGen, in whose time both live."""

    def __init__(self, api: HeyGenEmulator, runner: asyncio.Runner, run: Callable[..., Ended]) -> None:
        self.api = api
        self.runner = runner
        self._run = run

    def __call__(self, command: str, *, stdin: str | None = None) -> Ended:
        return self._run(shlex.split(command), stdin)


@pytest.fixture
def shell(
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
    tmp_path: Path,
    no_blocking_calls: BlockBuster,
) -> Iterator[Shell]:
    no_blocking_calls.deactivate()  # the local HeyGen runs in the command's own loop, below its frames
    monkeypatch.chdir(tmp_path)

    def run(arguments: list[str], stdin: str | None) -> Ended:
        monkeypatch.setattr(sys, "argv", ["heygen-async", *arguments])
        monkeypatch.setattr(sys, "stdin", Stdin(io.BytesIO((stdin or "").encode())))
        code = main()
        out, err = capfdbinary.readouterr()
        return Ended(code, out.decode(), err.decode())

    with asyncio.Runner() as runner:
        api = runner.run(HeyGenEmulator(autojump=True, concurrency_limit=1000, balance=1e6).start())
        monkeypatch.setattr(asyncio, "run", runner.run)
        monkeypatch.setenv("HEYGEN_API_KEY", api.key)
        monkeypatch.setenv("HEYGEN_API_URL", api.url)
        yield Shell(api, runner, run)
        runner.run(api.stop())


def at(answer: Any, path: str) -> Any:
    for name in path.split("."):
        answer = answer[name]
    return answer


# -- what HeyGen documents


def things(shell: Shell) -> dict[str, str]:
    """The ids that the documents' commands name."""

    async def made() -> dict[str, str]:
        async with AsyncHeyGen(shell.api.key, base_url=shell.api.url) as heygen:
            look = (await heygen.avatars.looks.list()).data[0]
            source = "https://example.com/a.mp4"
            body = {"type": "avatar", "avatar_id": look.id, "script": "Hello.", "caption": {"style": "default"}}
            await heygen.videos.create(body)
            video = await heygen.videos.create_and_wait(body)
            translation = await heygen.video_translations.create(
                video=source, output_languages=["Spanish"], enable_caption=True
            )
            proofread = await heygen.video_translations.proofreads.create_and_wait(
                video=source, output_languages=["Spanish"], title="T"
            )
            endpoint = await heygen.webhooks.endpoints.create(url="https://example.com/hook")
            await heygen.wait_for_translation(translation)
            return {
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

    return shell.runner.run(made())


@pytest.mark.parametrize("row", DOCUMENTED, ids=lambda row: row["command"][:60])
def test_every_documented_command(row: dict[str, Any], shell: Shell, tmp_path: Path) -> None:
    """`{video}` and the like stand for ids that the documents leave open; `why` says why a command is none here."""
    named = things(shell)

    def filled(text: str) -> str:
        for name, id in named.items():
            text = text.replace(f"{{{name}}}", id)
        return text

    body = json.dumps({"type": "avatar", "avatar_id": named["look"], "script": "Hello."})
    for name in row.get("files", ()):
        (tmp_path / name).write_bytes(body.encode() if name.endswith(".json") else b"\xff\xd8\xff" + bytes(60))
    ended = shell(filled(row["command"]).removeprefix("heygen "), stdin=filled(row.get("stdin", "")))
    assert ended.code == row.get("exit", 0), ended.err
    assert bool(row.get("exit")) == ("why" in row)
    if ended.code:
        assert ended.out == ""
        assert ended.error["code"] == "usage_error"
    else:
        assert [one["code"] for one in ended.notices] == ["created"] * (
            " create" in row["command"] and "--wait" in row["command"] and "--quiet" not in row["command"]
        )
        for path in row.get("shape", ()):
            assert at(ended.answer, path) is not None or path == "next_token"


# -- every operation


def segments(path: str, ids: dict[str, str]) -> str:
    return path.format(**ids)


@pytest.mark.parametrize("name", sorted(catalogue.operations()))
def test_every_operation_is_a_command(name: str, shell: Shell, tmp_path: Path) -> None:
    """It asks the operation's own address, with what it was given, and prints what came."""
    operation = catalogue.operations()[name]
    contract = next(
        one for one in OPERATIONS.values()
        if (one["method"], one["path"]) == (operation.route.method, operation.route.path)
    )  # fmt: skip
    words = [*operation.command, *(f"{id}-1" for id in operation.input.ids)]
    given: dict[str, Any] = {}
    if contract["body"] == "json":
        schema = resolved(contract["request"])
        kinds = variants(schema) if "oneOf" in schema else [schema]
        tag = schema.get("discriminator", "type")
        of_kind = [one for one in kinds if operation.kind in {None, one["properties"].get(tag, {}).get("const")}]
        given = valid(of_kind[0])
        words += ["-d", json.dumps(given)]
    elif contract["body"] == "multipart":
        (tmp_path / "a.png").write_bytes(PNG)
        words += ["--file", "a.png"]
    for parameter in contract["query"]:
        if parameter.get("required"):
            words += [
                f"--{parameter['name'].replace('_', '-')}",
                str(valid(parameter.get("schema", parameter), parameter["name"])),
            ]
    if operation.destructive:
        words.append("--force")
    ended = shell(shlex.join(words))
    (asked,) = [one for one in shell.api.requests if one.operation == contract["operation"]]
    assert asked.path == operation.route.path.format(**{id: f"{id}-1" for id in operation.input.ids})
    if contract["body"] == "json" and operation.kind is not None:
        assert json.loads(asked.body)[tag] == operation.kind
    if ended.code == 0:
        assert ended.err == ""
        assert "data" in ended.answer
    else:  # there is no thing with this id
        assert (ended.code, ended.out) == (1, "")
        assert ended.error["status"] in {400, 404, 409}


# -- JSON on stdout and nothing else there, one error object on stderr


def test_a_list_is_a_page_in_the_apis_envelope(shell: Shell) -> None:
    page = shell("voice list --limit 2").answer
    assert len(page["data"]) == 2
    assert page["has_more"] is True
    more = shell(f"voice list --limit 2 --token {page['next_token']}").answer
    assert {one["voice_id"] for one in more["data"]}.isdisjoint(one["voice_id"] for one in page["data"])


def test_all_pages_come_as_json_lines(shell: Shell) -> None:
    lines = shell("voice list --all --limit 7").out.splitlines()
    assert len({json.loads(line)["voice_id"] for line in lines}) == len(lines) > 20
    assert len(shell.api.requests_for("VoiceList")) > 3


def test_flags_stand_over_the_body(shell: Shell) -> None:
    body = json.dumps({"prompt": "from the body", "mode": "generate", "orientation": "portrait"})
    assert shell(f"video-agent create -d {shlex.quote(body)} --orientation landscape --prompt other").code == 0
    (asked,) = shell.api.requests_for("VideoAgentCreate")
    assert json.loads(asked.body) == {"prompt": "other", "mode": "generate", "orientation": "landscape"}


def test_a_file_of_json_may_begin_with_a_mark(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text('{"prompt": "x"}', encoding="utf-8-sig")
    assert shell("video-agent create -d body.json").code == 0


def test_flags_of_every_type(shell: Shell, tmp_path: Path) -> None:
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
    assert shell(f"video create --type avatar --avatar-id a --script x --voice-settings '{settings}'").code == 0
    assert json.loads(shell.api.requests_for("VideoCreate")[-1].body)["voice_settings"] == {"speed": 1.5}
    assert shell("video create --type cinematic_avatar --avatar-id a --avatar-id b --prompt x --duration 5").code == 0
    assert json.loads(shell.api.requests_for("VideoCreate")[-1].body)["avatar_id"] == ["a", "b"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("vidoe list", "No such command 'vidoe'. Did you mean video"),
        ("xyzzy", "No such command 'xyzzy'."),
        ("watch batch b", "--resource is missing"),
        ("watch batch b --resource films", "'films' is not one of 'videos'"),
        ("video download v --output-path -", "--output-path is '-'; expected the path of a file"),
        ("asset create --file https://e.com/a.png", "--file is 'https://e.com/a.png'; expected a local file"),
        ("video", "Missing command"),
        ("video list --limt 3", "--limt"),
        ("video list --limit x", "--limit"),
        ("video list --limit 0", "--limit is 0; expected a whole number from 1 to 100"),
        ("video get", "VIDEO_ID"),
        (
            "video create --avatar-id a",
            "--script is missing; expected exactly one of script, audio_url, audio_asset_id",
        ),
        ("video create --title x", "--type is missing; expected one of avatar, image, cinematic_avatar, studio"),
        ("video create --type avatar --avatar-id a --script x --duration 5", "--duration is not for --type avatar"),
        ("video create --avatar-id a --script x --timeout 5m", "--timeout requires --wait"),
        ('video create --avatar-id a --script x --background \'{"type": "colour"}\'', "one of 'color', 'image'"),
        ("webhook endpoints create --url https://e.com --events foo.bar", "'avatar_video.success'"),
        ("video get 'a\udcff'", "surrogate"),
        ("video create --type avatar --script x", "--avatar-id is missing"),
        ("video create --type avatar --avatar-id a --avatar-id b --script x", "--avatar-id"),
        ("video create -d '[1]'", "expected a JSON object"),
        ("video create -d true", "Invalid value for '-d' / '--data': expected a JSON object."),
        ("video create -d null", "expected a JSON object"),
        ("video create -d .", "'.' cannot be read (Is a directory)"),
        ("video create --avatar-id - --script -", "Standard input is empty"),
        ("video-agent create --prompt x --wait --timeout 1h30", "expected seconds, or such as"),
        ("video create -d nothing.json", "neither JSON nor a file"),
        ('video create -d \'{"type": "avatar"\'', "not valid JSON"),
        ('video create -d \'{"type": "film"}\'', "--type is 'film'"),
        ("video-agent create -d '{\"prompt\": 3}'", "--prompt is 3; expected text"),
        ('video-agent create -d \'{"promt": "x"}\'', "promt"),
        ("video-agent create --prompt x --orientation round", "--orientation"),
        ("video-agent create --prompt x --wait --timeout soon", "expected seconds, or such as 90s, 10m, 1h30m"),
        ("voice speech create --text x --voice-id v --speed 9", "--speed is 9; expected a number from 0.5 to 2"),
        ("voice list --type mine", "--type"),
        ("asset create --file none.png", "--file is 'none.png'"),
        ("video delete v", "add --force"),
        ("watch film v", "film"),
        ("upload none.png", "none.png"),
        ("listen", "HEYGEN_WEBHOOK_SECRET is not set"),
        ("batch", "SHEET"),
        ("batch none.csv", "none.csv cannot be read"),
        ("api GET users", "path is 'users'"),
    ],
)
def test_wrong_use_is_told_with_the_flag_and_nothing_is_sent(command: str, said: str, shell: Shell) -> None:
    ended = shell(command)
    assert (ended.code, ended.out) == (2, "")
    assert ended.error["code"] == "usage_error"
    assert said in ended.error["message"]
    assert shell.api.requests == []


def test_an_error_of_the_api_comes_whole(shell: Shell) -> None:
    ended = shell("video get none")
    assert (ended.code, ended.out) == (1, "")
    assert ended.error["code"] == "video_not_found"
    assert ended.error["status"] == 404
    assert "none" in ended.error["message"]
    assert ended.error["request_id"]
    assert "Check the id" in ended.error["hint"]


def test_a_lost_answer_says_how_to_look_in_the_words_of_the_shell(shell: Shell) -> None:
    shell.api.inject(Fault("lost_response", operation="VideoAgentCreate"))
    ended = shell("video-agent create --prompt x")
    assert ended.code == 1
    assert "heygen-async video-agent list" in ended.error["message"]


def test_without_a_key_there_is_nothing_but_help_and_schemas(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEYGEN_API_KEY")
    for command in (
        "video list",
        "auth status",
        "upload a.png",
        "watch video v",
        "video download v",
        "api GET /x",
        "listen --register https://example.com/hook",
    ):
        Path("a.png").write_bytes(PNG)
        ended = shell(command)
        assert (ended.code, ended.out, ended.error["code"]) == (3, "", "unauthorized")
        assert "export HEYGEN_API_KEY" in ended.error["hint"]
    monkeypatch.setattr(Stdin, "terminal", True)
    for command in ("video delete v", "api DELETE /v3/videos/v"):  # nobody is asked in vain
        ended = shell(command, stdin="y\n")
        assert (ended.code, ended.error["code"]) == (3, "unauthorized")
    assert shell("video create --title x").error["code"] == "usage_error"  # which a key would not make right
    for command in ("--help", "video --help", "video create --help", "video-translate proofreads srt update --help"):
        assert shell(command).code == 0
    for command in ("video get --response-schema", "video create --request-schema", "lipsync create --request-schema"):
        assert shell(command).answer
    assert shell.api.requests == []


def test_a_key_that_heygen_does_not_take(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", "another")
    ended = shell("auth status")
    assert (ended.code, ended.out, ended.error["status"]) == (3, "", 401)


def test_request_schemas_are_those_of_the_body(shell: Shell) -> None:
    schema = shell("lipsync create --request-schema").answer
    assert schema["required"] == ["video", "audio"]
    assert "idempotency_key" not in schema["properties"]
    assert shell("lipsync update --request-schema").answer["properties"].keys() == {"title"}
    kinds = shell("video create --request-schema").answer
    assert [one["properties"]["type"]["const"] for one in kinds["oneOf"]] == [
        "avatar", "image", "cinematic_avatar", "studio",
    ]  # fmt: skip
    assert all("type" in one["required"] for one in kinds["oneOf"])
    assert "VoiceSettings" in kinds["$defs"]


# -- waiting


def test_wait_answers_with_the_finished_thing(shell: Shell) -> None:
    video = shell("video-agent create --prompt x --wait").answer["data"]
    assert video["status"] == "completed"
    assert video["video_url"]
    several = shell(
        "video-translate create --video https://e.com/a.mp4 --output-languages Spanish,French --wait"
    ).answer
    assert [one["status"] for one in several["data"]] == ["completed", "completed"]
    created = shell("video create --type avatar --avatar-id a --script x").answer["data"]
    assert shell(f"video get {created['video_id']} --wait").answer["data"]["status"] == "completed"


def test_time_that_runs_out_is_exit_code_4(shell: Shell) -> None:
    shell.api.plan(Plan(seconds=3600))
    ended = shell("video create --type avatar --avatar-id a --script x --wait --timeout 1m30s")
    assert ended.code == 4
    video = ended.answer["data"]
    assert video["status"] != "completed"
    assert ended.error["code"] == "timeout"
    assert ended.error["hint"] == f"heygen-async video get {video['id']} --wait"
    assert "90" in ended.error["message"]


def test_a_look_that_waits_keeps_its_time(shell: Shell) -> None:
    created = shell("video create --avatar-id a --script x").answer["data"]
    shell.api.inject(Fault("silent", operation="VideoGet", count=1))
    ended = shell(f"video get {created['video_id']} --wait --timeout 3")
    assert (ended.code, ended.error["code"]) == (4, "timeout")
    shell.api.inject(Fault("status", status=503, operation="VideoGet", count=8))
    assert shell(f"video get {created['video_id']} --wait").answer["data"]["status"] == "completed"


def test_the_hint_leads_to_what_the_command_would_have_answered(shell: Shell) -> None:
    shell.api.plan(Plan(kind="session", seconds=600))
    ended = shell("video-agent create --prompt x --wait --timeout 5")
    hint = f"video get {ended.error['id']} --wait"
    again = shell(f"watch video {ended.error['id']} --timeout 5")
    for out_of_time in (ended, again):
        assert (out_of_time.code, out_of_time.error["hint"]) == (4, f"heygen-async {hint}")
    video = shell(hint).answer["data"]
    assert (video["status"], bool(video["video_url"])) == ("completed", True)


def test_what_was_begun_is_told_even_when_no_look_was_answered(shell: Shell) -> None:
    shell.api.inject(Fault("silent", method="GET", count=None))
    ended = shell("video create --avatar-id a --script x --wait --timeout 3")
    assert ended.code == 4
    assert ended.answer["data"]["video_id"] == ended.error["id"]
    assert ended.error["hint"] == f"heygen-async video get {ended.error['id']} --wait"
    body = "video-translate create --video https://e.com/a.mp4 --output-languages Spanish,French --wait --timeout 2"
    assert len(shell(body).answer["data"]["video_translation_ids"]) == 2


def test_what_stops_to_ask_is_answered_as_it_stands(shell: Shell) -> None:
    shell.api.plan(Plan(kind="session", question="Which voice?"))
    ended = shell("video-agent create --prompt x --mode chat --wait")
    assert ended.code == 0
    assert ended.answer["data"]["status"] == "waiting_for_input"
    assert "heygen-async video-agent send" in ended.notices[-1]["message"]


def test_a_video_that_is_not_ready_is_not_downloaded(shell: Shell) -> None:
    video = shell("video create --avatar-id a --script x").answer["data"]["video_id"]
    ended = shell(f"video download {video}")
    assert (ended.code, ended.error["code"]) == (1, "resource_not_ready")
    assert ended.error["hint"] == f"heygen-async video get {video} --wait"
    shell(f"video get {video} --wait")
    Path("there").mkdir()
    assert shell(f"video download {video} --output-path there").answer["path"] == f"there/{video}.mp4"
    assert shell(f"video download {video} --asset captioned").answer["path"] == f"{video}-captioned.mp4"


def test_a_job_that_fails_is_exit_code_1(shell: Shell) -> None:
    shell.api.plan(Plan(fail_code="avatar_gone", fail_message="The avatar is gone."))
    ended = shell("video create --type avatar --avatar-id a --script x --wait")
    assert ended.code == 1
    assert ended.answer["data"]["failure_code"] == "avatar_gone"
    assert ended.error["code"] == "avatar_gone"
    assert "The avatar is gone" in ended.error["message"]


def test_watch_is_a_line_a_look(shell: Shell) -> None:
    created = shell("video create --type avatar --avatar-id a --script x").answer["data"]
    lines = [json.loads(line) for line in shell(f"watch video {created['video_id']}").out.splitlines()]
    assert len(lines) > 1
    assert lines[-1]["state"] == lines[-1]["job"]["status"] == "completed"
    body = json.dumps({"lipsyncs": [{"video": "https://e.com/a.mp4", "audio": "https://e.com/a.mp3"}]})
    batch = shell(f"lipsync batches create -d '{body}'").answer["data"]
    ended = shell(f"watch batch {batch['batch_id']} --resource lipsyncs")
    assert json.loads(ended.out.splitlines()[-1])["state"] == "completed"


# -- what cannot be undone


def test_force_is_needed_where_nobody_can_be_asked(shell: Shell) -> None:
    created = shell("video create --type avatar --avatar-id a --script x").answer["data"]
    assert shell(f"video delete {created['video_id']}").code == 2
    assert shell.api.requests_for("VideoDelete") == []
    assert shell(f"video delete {created['video_id']} --force").answer == {
        "data": {"id": created["video_id"], "deleted": True}
    }


@pytest.mark.parametrize(("said", "code"), [("y\n", 0), ("n\n", 130), ("", 130)])
def test_at_a_terminal_it_asks(said: str, code: int, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    created = shell("video create --type avatar --avatar-id a --script x").answer["data"]
    monkeypatch.setattr(Stdin, "terminal", True)
    ended = shell(f"video delete {created['video_id']}", stdin=said)
    assert ended.code == code
    assert "cannot be undone. Continue?" in ended.err
    assert ("Stopped; nothing was sent." in ended.err) == bool(code)
    assert len(shell.api.requests_for("VideoDelete")) == (code == 0)


def test_any_delete_is_asked_about(shell: Shell) -> None:
    created = shell("video create --avatar-id a --script x").answer["data"]
    assert "add --force" in shell(f"api DELETE /v3/videos/{created['video_id']}").error["message"]
    assert shell(f"api DELETE /v3/videos/{created['video_id']} --force").code == 0


# -- for people


def test_human_prints_tables_and_values(shell: Shell) -> None:
    table = shell("voice list --limit 3 --human").out.splitlines()
    assert table[0].split()[:3] == ["voice", "id", "name"]
    assert len(table) == 5
    assert table[-1].startswith("More with --token ")
    values = shell("user me get --human").out
    assert "username" in values
    assert "{" not in values.splitlines()[0]
    video = shell("video-agent create --prompt x --wait --human --quiet")
    assert video.err == ""
    assert "completed" in video.out
    assert " UTC" in video.out


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ({"data": ["one", "[bold]"]}, "one\n[bold]\n"),
        ({"data": {"created_at": 17 * 10**12}}, "created_at  17000000000000\n"),
        ({"data": {"at": "2024-13-45T00:00Z"}}, "at  2024-13-45T00:00Z\n"),
        ({"data": {"expires_at": 0, "title": ":smile:"}}, "expires_at  1970-01-01 00:00 UTC\ntitle       :smile:\n"),
        ({"data": [], "has_more": True}, "More with --token None\n"),
        ({"data": [{"title": "\x1b]0;mine\x07\x1b[2JA\u009b2J"}]}, "title\n]0;mine[2JA2J\n"),
        ({"data": {"title": ["\u009b2J"]}}, 'title  ["2J"]\n'),
    ],
)
def test_people_are_shown_whatever_comes(
    answer: dict[str, Any], shown: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def anything(*_: Any, **__: Any) -> dict[str, Any]:
        return answer

    monkeypatch.setattr(AsyncHeyGen, "request", anything)
    ended = shell("api GET /v3/anything --human")
    assert [line.rstrip() for line in ended.out.splitlines() if line.strip()] == shown.splitlines()


def test_progress_is_drawn_at_a_terminal_alone(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [one["code"] for one in shell("video-agent create --prompt x --wait --human").notices] == ["created"]
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda _: True)
    assert "video" in shell("video-agent create --prompt x --wait --human").err
    assert shell("video-agent create --prompt x --wait --human --quiet").err == ""


# -- files


def test_download_is_whole_and_replaces_nothing(shell: Shell, tmp_path: Path) -> None:
    video = shell("video-agent create --prompt x --wait").answer["data"]["id"]
    target = tmp_path / f"{video}.mp4"
    ended = shell(f"video download {video}")
    assert ended.answer == {"asset": "video", "message": f"Downloaded video to {target.name}", "path": target.name}
    assert target.read_bytes()[4:8] == b"ftyp"
    refused = shell(f"video download {video}")
    assert refused.code == 2
    assert "--force" in refused.error["message"]
    assert shell(f"video download {video} --force").code == 0
    assert shell(f"video download {video} --asset thumbnail").answer["path"].startswith(video)


def test_upload_takes_any_number_of_files(shell: Shell, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(PNG)
    assert shell("upload a.png").answer.keys() == {"path", "asset_id"}
    lines = [json.loads(line) for line in shell("upload a.png b.png").out.splitlines()]
    assert [line["path"] for line in lines] == ["a.png", "b.png"]
    (tmp_path / "c.txt").write_text("no picture")
    ended = shell("upload a.png c.txt")
    assert ended.code == 1
    assert "1 of 2 files were not uploaded: c.txt" in ended.error["message"]
    assert "Nothing was sent" not in ended.error["message"]
    assert json.loads(ended.out)["path"] == "a.png"


# -- the rest


def test_a_batch_tells_lines_of_json(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text("key,avatar_id,script\na,look,Hello.\nb,look,Again.\n")
    ended = shell("batch sheet.csv")
    assert ended.code == 0
    assert {json.loads(line)["state"] for line in ended.out.splitlines()} == {"completed"}
    assert {"notice"} == {next(iter(json.loads(line))) for line in ended.err.splitlines()}


def test_any_endpoint_can_be_asked(shell: Shell) -> None:
    assert shell("api GET /v3/users/me").answer["data"]["last_name"] is None
    body = json.dumps({"prompt": "x"})
    assert shell(f"api post /v3/video-agents -d '{body}'").answer["data"]["session_id"]


def test_completion_knows_nouns_verbs_and_flags(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    for name, word in (("bash", "COMPREPLY"), ("zsh", "compdef"), ("fish", "complete")):
        assert word in shell(f"completion {name}").out
    monkeypatch.setenv("_HEYGEN_ASYNC_COMPLETE", "bash_complete")
    for words, expected in (
        ("heygen-async vid", {"video", "video-agent", "video-translate"}),
        ("heygen-async video down", {"download"}),
        ("heygen-async video create --avat", {"--avatar-id"}),
        ("heygen-async video create --resolution 7", {"720p"}),
        ("heygen-async watch batch b --resource l", {"lipsyncs"}),
        ("heygen-async batch --dr", {"--dry-run"}),
    ):
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
        with pytest.raises(SystemExit):
            shell("")
        out, _ = capfdbinary.readouterr()
        assert {line.partition(",")[2] for line in out.decode().split()} == expected


def test_help_names_every_noun_and_every_command(shell: Shell) -> None:
    said = shell("--help").out
    for operation in catalogue.operations().values():
        assert f"\n  {operation.command[0]} " in said
    program = import_module("heygen_async.cli.program").Program("heygen-async")
    for name in program.list_commands(None):
        assert f"\n  {name} " in said
        assert program.get_command(None, name) is not None
    assert shell("--version").out.startswith("heygen-async ")
    assert shell("").out == said


def test_help_says_what_is_charged_for(shell: Shell) -> None:
    for operation in catalogue.operations().values():
        said = " ".join(shell(shlex.join([*operation.command, "--help"])).out.split())
        assert (said.count("charged for") == 1) == operation.billable, said


def test_help_imports_nothing_that_it_does_not_need() -> None:
    script = (
        "import sys; sys.argv = ['heygen-async', '--help']\n"
        "from heygen_async.__main__ import main; main()\n"
        "heavy = {'msgspec', 'click', 'rich', 'aiohttp', 'anyio', 'asyncio', 'argparse'} & sys.modules.keys()\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)


def test_human_output_without_rich_says_how_to_install_it() -> None:
    script = (
        "import sys; sys.modules['rich'] = None; sys.argv = ['heygen-async', 'video', 'list', '--human']\n"
        "from heygen_async.__main__ import main; sys.exit(main())"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "pip install 'heygen-async[progress]'" in json.loads(ended.stderr)["error"]["message"]


def environment(api: HeyGenEmulator) -> dict[str, str]:
    """A shell's; asyncio's debug mode would tell of the imports."""
    return {"HEYGEN_API_KEY": api.key, "HEYGEN_API_URL": api.url, "PYTHONASYNCIODEBUG": ""}


@asynccontextmanager
async def started(api: HeyGenEmulator, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process of its own, of which nothing is left at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-m", "heygen_async", *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | environment(api),
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        process._transport.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("--help | true", 0, ""),
        ("--help >&-", 0, ""),
        ("voice list >&-", 0, ""),
        ("voice list --human | true", 0, ""),
        ("voice list > full", 1, "Standard output cannot be written"),
        ("voice list --human > full", 1, "Standard output cannot be written"),
        ("completion bash > full", 1, "Standard output cannot be written"),
        ("video -h > full", 1, "Standard output cannot be written"),
        ("--help > full", 1, "Standard output cannot be written"),
        ("video get $'a\\xffb'", 2, "surrogate"),
        ("video -h", 0, ""),
    ],
)
async def test_whatever_the_shell_does_no_traceback_is_shown(
    command: str, code: int, said: str, tmp_path: Path
) -> None:
    limit = "ulimit -f 0; " if "full" in command else ""  # as a disk that is full
    async with HeyGenEmulator() as api:
        process = await asyncio.create_subprocess_shell(
            f"cd {tmp_path}; set -o pipefail; {limit}{shlex.quote(sys.executable)} -m heygen_async {command}", executable="/bin/bash",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | environment(api),
        )  # fmt: skip
        _, err = await process.communicate()
        assert process.returncode == code, err
        assert (err == b"") == (said == "")
        if said:
            assert said in json.loads(err)["error"]["message"]


@pytest.mark.parametrize("into", [">&-", "> full", "--human > full", "--wait --timeout 0.2 -q > full", "| true"])
async def test_what_was_charged_for_is_told_where_stdout_cannot_be_written(into: str, tmp_path: Path) -> None:
    limit = "ulimit -f 0; " if "full" in into else ""
    async with HeyGenEmulator(render_seconds=3600) as api:
        process = await asyncio.create_subprocess_shell(
            f"cd {tmp_path}; set -o pipefail; {limit}{shlex.quote(sys.executable)} -m heygen_async video create --avatar-id a --script x {into}",
            executable="/bin/bash", stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | environment(api),
        )  # fmt: skip
        _, err = await process.communicate()
        (video,) = api.state.jobs_of_kind("video")
    told, *errors = map(json.loads, err.splitlines())
    assert video.id in told["notice"]["response"]["data"].values()
    code = {"| true": None, "--wait --timeout 0.2 -q > full": "timeout"}.get(into, "output_error")
    assert [one["error"]["code"] for one in errors] == [code] * (code is not None)
    assert process.returncode == {None: 0, "timeout": 4, "output_error": 1}[code]


async def test_a_reader_that_has_enough_is_no_error() -> None:
    async with HeyGenEmulator() as api, started(api, "voice", "list", "--all", "--limit", "1") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(await process.stdout.readline())["voice_id"]
        process.stdout._transport.close()  # type: ignore[attr-defined]  as `head` does
        assert await process.stderr.read() == b""
        assert await process.wait() == 0


def test_an_address_that_leads_elsewhere_is_told_by_its_variable(shell: Shell) -> None:
    shell.api.inject(Fault("redirect", headers={"Location": "https://example.com/"}))
    ended = shell("video list")
    assert ended.error["hint"] == "Set HEYGEN_API_URL to the address that the API really has."


async def test_ctrl_c_tells_that_the_job_goes_on() -> None:
    create = ("video", "create", "--type", "avatar", "--avatar-id", "a", "--script", "x", "--wait")
    async with HeyGenEmulator(render_seconds=3600) as api, started(api, *create) as process:
        assert process.stderr is not None
        begun = json.loads(await process.stderr.readline())["notice"]["data"]
        assert begun["video_id"] == next(iter(api.state.jobs_of_kind("video"))).id
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
        assert process.returncode == 130
        assert json.loads(out)["data"] == begun
        assert "continue at HeyGen" in json.loads(err)["notice"]["message"]


async def test_listen_prints_verified_events_and_unregisters() -> None:
    listen = ("listen", "--port", "0", "--register", "https://example.com/hook", "--count", "1")
    async with HeyGenEmulator() as api, started(api, *listen) as process:
        assert process.stderr is not None
        told = json.loads(await process.stderr.readline())["notice"]
        (endpoint,) = api.state.endpoints.values()
        endpoint["url"] = told["message"].rpartition(" ")[2]
        api.emit("avatar_video.success", {"video_id": "video_1", "url": "https://example.com/v.mp4"})
        out, err = await process.communicate()
        assert process.returncode == 0, err
        (event,) = [json.loads(line) for line in out.splitlines()]
        assert event["event_type"] == "avatar_video.success"
        assert event["verified"] is True
        assert len(api.requests_for("WebhookEndpointsDelete")) == 1


async def test_listen_takes_unsigned_calls_when_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEN_WEBHOOK_SECRET", "whsec_mine")
    async with (
        HeyGenEmulator() as api,
        started(api, "listen", "--port", "0", "--unsigned", "--count", "1") as process,
        aiohttp.ClientSession() as session,
    ):
        assert process.stderr is not None
        address = json.loads(await process.stderr.readline())["notice"]["message"].rpartition(" ")[2]
        body = {"event_type": "avatar_video.fail", "event_data": {"video_id": "v", "msg": "no", "callback_id": None}}
        async with session.post(address, json=body) as answer:
            assert answer.status == 200
        out, _ = await process.communicate()
        assert json.loads(out)["verified"] is False


async def test_listen_tells_of_what_it_refuses_in_a_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEN_WEBHOOK_SECRET", "whsec_mine")
    async with HeyGenEmulator() as api, started(api, "listen", "--port", "0") as process:
        assert process.stderr is not None
        address = json.loads(await process.stderr.readline())["notice"]["message"].rpartition(" ")[2]
        async with aiohttp.ClientSession() as session, session.post(address, json={}) as answer:
            assert answer.status == 401
        assert "refused" in json.loads(await process.stderr.readline())["notice"]["message"]


async def test_listen_ends_well_when_it_is_told_to() -> None:
    async with HeyGenEmulator() as api, started(api, "listen", "--port", "0", "--unsigned") as process:
        assert process.stderr is not None
        assert b"Listening on http://127.0.0.1:" in await process.stderr.readline()
        process.terminate()
        out, err = await process.communicate()
        assert (process.returncode, out, err) == (0, b"", b"")
