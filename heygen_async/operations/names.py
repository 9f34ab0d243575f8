"""The names of operations, the nouns and other commands of the command line. It imports nothing of the SDK."""

from __future__ import annotations

import os

#: The nouns of HeyGen's own command line, where the rule would make others.
_COMMAND_NAMES = {
    "brand_glossaries": "brand glossaries",
    "brand_kits": "brand kits",
    "hyperframes": "hyperframes",
    "video_translations": "video-translate",
}
#: The commands that are no operations, with their descriptions.
COMMANDS = {
    "agents-md": "print a guide for coding agents",
    "api": "call any endpoint, and print its whole response",
    "auth": "sign in and out, and show the account and its balance",
    "batch": "run a job for each row of a CSV or JSON Lines file, resumable",
    "completion": "print the script that completes commands in a shell",
    "config": "set the output that commands print by default",
    "demo": "create a sample video with a local HeyGen, without a key",
    "doctor": "compare the responses of the API with its contract",
    "listen": "receive webhooks here, and print the events",
    "mcp": "serve HeyGen's tools to MCP hosts such as Claude and Cursor (extra `mcp`)",
    "upload": "upload files of any size",
    "watch": "follow a job until it ends, with a line for each poll",
    "worker": "execute the rows of `batch --engine temporal` on this machine (extra `temporal`)",
}
#: The names of the operations by resource, separated by spaces: a name is found without an import of its resource.
OPERATION_NAMES = {
    "users": "get_current_user",
    "api_keys": "get_current_api_key",
    "video_agents": (
        "create_video_agent get_video_agent_session list_video_agent_sessions send_video_agent_message "
        "stop_video_agent_session list_video_agent_styles list_video_agent_session_videos get_video_agent_resource "
        "list_video_agent_resources"
    ),
    "videos": (
        "create_video_from_avatar create_video_from_image create_video_from_cinematic_avatar create_video_from_studio "
        "get_video list_videos get_video_scenes delete_video list_video_statuses create_video_batch get_video_batch"
    ),
    "voices": "list_voices get_voice design_voice clone_voice create_speech delete_voice",
    "assets": (
        "create_asset get_asset list_assets search_assets delete_asset list_asset_statuses create_asset_direct_upload "
        "complete_asset create_asset_direct_upload_batch complete_asset_batch get_asset_batch"
    ),
    "avatars": (
        "create_avatar_look_pack create_avatar_look_from_template get_avatar_look list_avatar_looks "
        "update_avatar_look delete_avatar_look create_photo_avatar create_digital_twin create_prompt_avatar "
        "list_avatar_look_templates get_avatar_group list_avatar_groups update_avatar_group delete_avatar_group "
        "create_avatar_consent"
    ),
    "avatar_realtime": (
        "create_avatar_realtime_from_tts create_avatar_realtime_from_audio create_avatar_realtime_from_text_stream "
        "get_avatar_realtime append_avatar_realtime_text cancel_avatar_realtime"
    ),
    "audio": "search_audio_sounds",
    "templates": (
        "list_templates get_template create_template update_template delete_template update_template_variables "
        "generate_template"
    ),
    "video_translations": (
        "create_video_translation_proofread get_video_translation_proofread list_video_translation_proofreads "
        "delete_video_translation_proofread get_video_translation_proofread_srt "
        "update_video_translation_proofread_srt generate_video_translation_proofread create_video_translation "
        "get_video_translation list_video_translations update_video_translation delete_video_translation "
        "list_video_translation_languages get_video_translation_caption list_video_translation_statuses "
        "create_video_translation_batch get_video_translation_batch"
    ),
    "lipsyncs": (
        "create_lipsync get_lipsync list_lipsyncs update_lipsync delete_lipsync list_lipsync_statuses "
        "create_lipsync_batch get_lipsync_batch"
    ),
    "webhooks": (
        "create_webhook_endpoint list_webhook_endpoints update_webhook_endpoint delete_webhook_endpoint "
        "rotate_webhook_endpoint_secret list_webhook_event_types list_webhook_events"
    ),
    "brand_kits": "create_brand_kit get_brand_kit list_brand_kits update_brand_kit delete_brand_kit",
    "brand_glossaries": (
        "create_brand_glossary get_brand_glossary list_brand_glossaries update_brand_glossary delete_brand_glossary"
    ),
    "background_removals": (
        "create_background_removal get_background_removal list_background_removals delete_background_removal"
    ),
    "ai_clipping": "create_ai_clipping get_ai_clipping list_ai_clippings delete_ai_clipping",
    "hyperframes": (
        "create_hyperframes_render get_hyperframes_render list_hyperframes_renders delete_hyperframes_render"
    ),
    "filler_word_removals": "create_filler_word_removal get_filler_word_removal",
    "folders": "create_folder get_folder",
    "podcasts": "create_podcast get_podcast list_podcasts delete_podcast",
    "models": (
        "create_model_voice_from_instant create_model_voice_from_professional get_model_voice list_model_voices "
        "delete_model_voice create_model_image get_model_image create_model_video_from_text_to_video "
        "create_model_video_from_image_to_video create_model_video_from_reference_to_video get_model_video "
        "create_model_speech"
    ),
    "workflows": (
        "create_workflow list_workflows get_workflow update_workflow publish_workflow_version list_workflow_versions "
        "get_workflow_version list_workflow_node_types"
    ),
    "workflow_runs": (
        "create_workflow_run list_workflow_runs get_workflow_run cancel_workflow_run list_workflow_run_nodes"
    ),
    "video_quality": (
        "create_video_quality_comparison get_video_quality_comparison create_video_quality_comparison_batch "
        "get_video_quality_comparison_batch"
    ),
}
_DOCSTRING_START = '"""`heygen.'


def noun_of(resource: str) -> str:
    """Return the noun of a resource, of one or two words: `video-agent` for `video_agents`."""
    singular = f"{resource[:-3]}y" if resource.endswith("ies") else resource.removesuffix("s")
    return _COMMAND_NAMES.get(resource) or singular.replace("_", "-")


def command_resources() -> dict[str, tuple[str, str]]:
    """Return, by noun, the resource and its description, which is the first line of the resource's file."""
    found: dict[str, tuple[str, str]] = {}
    folder = os.path.join(os.path.dirname(os.path.dirname(__file__)), "resources")
    for name in os.listdir(folder):
        if name.endswith(".py"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                first_line = file.readline()
            if first_line.startswith(_DOCSTRING_START):
                description = first_line.rstrip().removesuffix('"""').partition("`: ")[2].rstrip(".")
                found[noun_of(name[:-3])] = name[:-3], description
    return found
