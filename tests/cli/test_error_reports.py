"""Errors: wrong use, missing keys, API errors, hints and exit codes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from cli_support import Shell, Stdin
from oauth_support import issue_tokens
from support import PNG

from heygen_async import FileTokenStore
from heygen_async.testing import Fault


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("vidoe list", "No such command 'vidoe'. Did you mean video"),
        ("xyzzy", "No such command 'xyzzy'."),
        ("watch batch b", "--resource is missing"),
        ("watch batch b --resource films", "'films' is not one of 'videos'"),
        ("video download v --output-path -", "--output-path is '-'; expected the path of a file"),
        ("asset create --file https://e.com/a.png", "--file is 'https://e.com/a.png'; expected a local file"),
        ("auth", "Missing command"),
        ("video list --limt 3", "--limt"),
        ("video list --limit x", "--limit"),
        ("video list --limit 0", "--limit is 0; expected an integer from 1 to 100"),
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
        ("video-agent create --prompt x --wait --timeout 1h30", "expected for example"),
        ("video create -d nothing.json", "neither JSON nor a file"),
        ('video create -d \'{"type": "avatar"\'', "not valid JSON"),
        ('video create -d \'{"type": "film"}\'', "--type is 'film'"),
        ("video-agent create -d '{\"prompt\": 3}'", "--prompt is 3; expected text"),
        ('video-agent create -d \'{"promt": "x"}\'', "promt"),
        ("video-agent create --prompt x --orientation round", "--orientation"),
        ("video-agent create --prompt x --wait --timeout soon", "expected for example 90, 90s, 10m or 1h30m"),
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
def test_reports_wrong_use_with_the_flag_before_any_request(command: str, text: str, shell: Shell) -> None:
    result = shell(command)
    assert (result.code, result.out) == (2, "")
    assert result.error["code"] == "usage_error"
    assert text in result.error["message"]
    assert shell.api.requests == []


def test_reports_all_fields_of_an_api_error(shell: Shell) -> None:
    result = shell("video get none")
    assert (result.code, result.out) == (1, "")
    assert result.error["code"] == "video_not_found"
    assert result.error["status"] == 404
    assert "none" in result.error["message"]
    assert result.error["request_id"]
    assert "Check the id" in result.error["hint"]


def test_a_lost_response_names_the_command_that_checks(shell: Shell) -> None:
    shell.api.inject(Fault("lost_response", operation="VideoAgentCreate"))
    result = shell("video-agent create --prompt x")
    assert result.code == 1
    assert "heygen-async video-agent list" in result.error["message"]


def test_without_a_key_only_help_and_schemas_work(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
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
        result = shell(command)
        assert (result.code, result.out, result.error["code"]) == (3, "", "unauthorized")
        assert "heygen-async auth login" in result.error["hint"]
    monkeypatch.setattr(Stdin, "terminal", True)
    for command in ("video delete v", "api DELETE /v3/videos/v"):  # nobody is request in vain
        result = shell(command, stdin="y\n")
        assert (result.code, result.error["code"]) == (3, "unauthorized")
    assert shell("video create --title x").error["code"] == "usage_error"  # which a key would not make right
    for command in ("--help", "video --help", "video create --help", "video-translate proofreads srt update --help"):
        assert shell(command).code == 0
    for command in ("video get --response-schema", "video create --request-schema", "lipsync create --request-schema"):
        assert shell(command).response
    assert shell.api.requests == []


def test_the_status_shows_the_credentials_in_use(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = issue_tokens(shell.api)

    def data() -> dict[str, object]:
        return shell("auth status").response["data"]

    shown = {"authenticated": True, "source": "HEYGEN_API_KEY", "credential": "…cdef", "username": "local"}
    assert data() | shown == data()
    assert "…cdef" in shell("auth status --human").out
    monkeypatch.delenv("HEYGEN_API_KEY")
    monkeypatch.setenv("HEYGEN_ACCESS_TOKEN", tokens.access_token)
    hint = f"…{tokens.access_token[-4:]}"
    assert (data()["source"], data()["credential"]) == ("HEYGEN_ACCESS_TOKEN", hint)
    monkeypatch.delenv("HEYGEN_ACCESS_TOKEN")
    monkeypatch.setenv("HEYGEN_TOKEN_FILE", "tokens.json")
    shell.runner.run(FileTokenStore().save(tokens))
    assert (data()["source"], data()["credential"]) == ("tokens.json", hint)


def test_a_rejected_key_is_exit_code_3(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEYGEN_API_KEY", "another")
    result = shell("auth status")
    assert (result.code, result.out, result.error["status"]) == (3, "", 401)


def test_a_redirect_names_the_variable_of_the_address(shell: Shell) -> None:
    shell.api.inject(Fault("redirect", headers={"Location": "https://example.com/"}))
    result = shell("video list")
    assert result.error["hint"] == "Set HEYGEN_BASE_URL to the address that the API really has."


def test_delete_without_a_terminal_requires_force(shell: Shell) -> None:
    created = shell("video create --type avatar --avatar-id avatar_1 --script x").response["data"]
    assert shell(f"video delete {created['video_id']}").code == 2
    assert shell.api.requests_for("VideoDelete") == []
    assert shell(f"video delete {created['video_id']} --force").response == {
        "data": {"id": created["video_id"], "deleted": True}
    }


@pytest.mark.parametrize(("text", "code"), [("y\n", 0), ("n\n", 130), ("", 130)])
def test_delete_at_a_terminal_asks_for_confirmation(
    text: str, code: int, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = shell("video create --type avatar --avatar-id avatar_1 --script x").response["data"]
    monkeypatch.setattr(Stdin, "terminal", True)
    result = shell(f"video delete {created['video_id']}", stdin=text)
    assert result.code == code
    assert "cannot be undone. Continue?" in result.err
    assert ("Stopped; nothing was sent." in result.err) == bool(code)
    assert len(shell.api.requests_for("VideoDelete")) == (code == 0)


def test_api_delete_requires_confirmation(shell: Shell) -> None:
    created = shell("video create --avatar-id avatar_1 --script x").response["data"]
    assert "add --force" in shell(f"api DELETE /v3/videos/{created['video_id']}").error["message"]
    assert shell(f"api DELETE /v3/videos/{created['video_id']} --force").code == 0


def test_at_a_terminal_an_error_is_text(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEYGEN_API_KEY")
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda _: True)
    message, hint, details = shell("user me get").err.splitlines()
    assert message == (
        "Error: There is no API key: HEYGEN_API_KEY and HEYGEN_ACCESS_TOKEN are not set, and no sign-in is stored."
    )
    assert hint.startswith("Next: heygen-async auth login")
    assert hint.endswith("heygen-async demo")
    assert details == "(code unauthorized)"
