"""`--wait` and `watch`: results, timeouts, failures, interruptions."""

from __future__ import annotations

import json
import signal

import pytest
from cli_support import Shell, start_command

from heygen_async.testing import Fault, HeyGenEmulator, Plan


def test_wait_prints_the_finished_resource(shell: Shell) -> None:
    video = shell("video-agent create --prompt x --wait").response["data"]
    assert video["status"] == "completed"
    assert video["video_url"]
    several = shell(
        "video-translate create --video https://e.com/a.mp4 --output-languages Spanish,French --wait"
    ).response
    assert [one["status"] for one in several["data"]] == ["completed", "completed"]
    created = shell("video create --type avatar --avatar-id avatar_1 --script x").response["data"]
    assert shell(f"video get {created['video_id']} --wait").response["data"]["status"] == "completed"


def test_a_timeout_is_exit_code_4(shell: Shell) -> None:
    shell.api.plan(Plan(seconds=3600))
    result = shell("video create --type avatar --avatar-id avatar_1 --script x --wait --timeout 1m30s")
    assert result.code == 4
    video = result.response["data"]
    assert video["status"] != "completed"
    assert result.error["code"] == "timeout"
    assert result.error["hint"] == f"heygen-async video get {video['id']} --wait"
    assert "90" in result.error["message"]


def test_get_with_wait_keeps_its_timeout(shell: Shell) -> None:
    created = shell("video create --avatar-id avatar_1 --script x").response["data"]
    shell.api.inject(Fault("silent", operation="VideoGet", count=1))
    result = shell(f"video get {created['video_id']} --wait --timeout 3")
    assert (result.code, result.error["code"]) == (4, "timeout")
    shell.api.inject(Fault("status", status=503, operation="VideoGet", count=8))
    assert shell(f"video get {created['video_id']} --wait").response["data"]["status"] == "completed"


def test_the_hint_after_a_timeout_leads_to_the_same_result(shell: Shell) -> None:
    shell.api.plan(Plan(kind="session", seconds=600))
    result = shell("video-agent create --prompt x --wait --timeout 5")
    hint = f"video get {result.error['id']} --wait"
    again = shell(f"watch video {result.error['id']} --timeout 5")
    for out_of_time in (result, again):
        assert (out_of_time.code, out_of_time.error["hint"]) == (4, f"heygen-async {hint}")
    video = shell(hint).response["data"]
    assert (video["status"], bool(video["video_url"])) == ("completed", True)


def test_prints_created_ids_even_if_no_poll_succeeded(shell: Shell) -> None:
    shell.api.inject(Fault("silent", method="GET", count=None))
    result = shell("video create --avatar-id avatar_1 --script x --wait --timeout 3")
    assert result.code == 4
    assert result.response["data"]["video_id"] == result.error["id"]
    assert result.error["hint"] == f"heygen-async video get {result.error['id']} --wait"
    body = "video-translate create --video https://e.com/a.mp4 --output-languages Spanish,French --wait --timeout 2"
    assert len(shell(body).response["data"]["video_translation_ids"]) == 2


def test_prints_a_session_that_needs_input_with_a_notice(shell: Shell) -> None:
    shell.api.plan(Plan(kind="session", question="Which voice?"))
    result = shell("video-agent create --prompt x --mode chat --wait")
    assert result.code == 0
    assert result.response["data"]["status"] == "waiting_for_input"
    assert "heygen-async video-agent send" in result.notices[-1]["message"]


def test_a_failed_job_is_exit_code_1(shell: Shell) -> None:
    shell.api.plan(Plan(fail_code="avatar_gone", fail_message="The avatar is gone."))
    result = shell("video create --type avatar --avatar-id avatar_1 --script x --wait")
    assert result.code == 1
    assert result.response["data"]["failure_code"] == "avatar_gone"
    assert result.error["code"] == "avatar_gone"
    assert "The avatar is gone" in result.error["message"]


def test_watch_prints_a_line_for_each_poll(shell: Shell) -> None:
    created = shell("video create --type avatar --avatar-id avatar_1 --script x").response["data"]
    lines = [json.loads(line) for line in shell(f"watch video {created['video_id']}").out.splitlines()]
    assert len(lines) > 1
    assert lines[-1]["state"] == lines[-1]["job"]["status"] == "completed"
    body = json.dumps({"lipsyncs": [{"video": "https://e.com/a.mp4", "audio": "https://e.com/a.mp3"}]})
    batch = shell(f"lipsync batches create -d '{body}'").response["data"]
    result = shell(f"watch batch {batch['batch_id']} --resource lipsyncs")
    assert json.loads(result.out.splitlines()[-1])["state"] == "completed"


@pytest.mark.slow
async def test_ctrl_c_prints_the_job_that_continues() -> None:
    create = ("video", "create", "--type", "avatar", "--avatar-id", "avatar_1", "--script", "x", "--wait")
    async with HeyGenEmulator(render_seconds=3600) as api, start_command(api, *create) as process:
        assert process.stderr is not None
        created = json.loads(await process.stderr.readline())["notice"]["data"]
        assert created["video_id"] == next(iter(api.state.jobs_of_kind("video"))).id
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
        assert process.returncode == 130
        assert json.loads(out)["data"] == created
        assert "continue at HeyGen" in json.loads(err)["notice"]["message"]
