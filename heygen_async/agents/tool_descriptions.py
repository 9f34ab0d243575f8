"""What tools do and when to use them, in words for a model; parameters with examples and the source of their values.

`tool_texts.py` adds the price, the duration and the next call. A sentence that names a tool is left out where that tool
is not offered, so each of these sentences stands alone.
"""

from __future__ import annotations

from collections.abc import Mapping

DESCRIPTIONS: Mapping[str, str] = {
    # account
    "get_current_user": "Show whose account this is and how much balance or credit is left. It quotes no prices: each "
    "tool that costs something names its own.",
    "get_current_api_key": "Show the API key in use: its name, its state, its scopes and when it expires. For the "
    "balance use get_current_user.",
    # videos
    "create_video_agent": "Make a complete video from an idea or a prompt; the agent writes the script and picks "
    "scenes, avatar and voice. For an exact script spoken by one avatar use create_video_from_avatar.",
    "create_video_from_avatar": "Make a video in which an avatar speaks your exact script, or your recording. To let "
    "HeyGen write and design the video use create_video_agent. For a single picture use create_video_from_image.",
    "create_video_from_image": "Make a picture of a person speak your exact script or recording. For an existing "
    "avatar use create_video_from_avatar.",
    "create_video_from_cinematic_avatar": "Make a short cinematic clip from a prompt with one to three avatar looks. "
    "For an exact spoken script use create_video_from_avatar.",
    "create_video_from_studio": "Make a video of 1 to 50 scenes with speakers, pictures and clips. For one speaker use "
    "create_video_from_avatar.",
    "create_video_batch": "Start up to 100 videos in one request. For one video use create_video_from_avatar.",
    "get_video": "Look up one video now, without waiting: its state, why it failed, or fresh temporary links of its "
    "files and video_page_url to share. A video cannot be changed afterwards: make a new one. To wait for it use "
    "wait_for_video.",
    "list_videos": "List the videos of the account: finished, running and failed ones, each with its state and "
    "created_at, by which you find the newest. Use it to find a video_id, also by title.",
    "list_video_statuses": "Look up the states of many videos in one call. For one video use get_video.",
    "get_video_batch": "Look up a batch of videos and one page of its items, each with its video_id and its state.",
    "get_video_scenes": "List the scenes of a finished video that was made with create_video_from_studio.",
    "delete_video": "Delete a video and its files for good.",
    # sessions of the video agent
    "get_video_agent_session": "Look up a session of the video agent: its state, its progress, its newest messages, "
    "and video_id once there is one.",
    "list_video_agent_sessions": "List all sessions of the video agent, newest first. Use it to find a lost "
    "session_id.",
    "send_video_agent_message": "Answer the agent's question, or ask for a change, in a session created with mode "
    "chat. Then call wait_for_video with the session_id as video_id.",
    "stop_video_agent_session": "Stop the agent of a session at its next checkpoint. What is finished stays.",
    "list_video_agent_styles": "List the visual styles for style_id of create_video_agent, one page at a time. Filter "
    "with tag.",
    "list_video_agent_session_videos": "List all videos that a session of the video agent has made, newest first.",
    "get_video_agent_resource": "Look up one resource, such as a picture or a draft, of a session of the video agent.",
    # avatars
    "list_avatar_looks": "Find avatars: lists looks, whose id is the avatar_id of a video. There is no filter by name "
    "or gender: read the pages. For other looks of one person pass the group_id of a look. For people rather than "
    "their looks use list_avatar_groups.",
    "get_avatar_look": "Look up one avatar look: its name, training state, default voice and supported engines. To "
    "find looks use list_avatar_looks.",
    "list_avatar_groups": "List the identities (persons) of avatars. Each has one or more looks; for the avatar_id of "
    "a video use list_avatar_looks with group_id.",
    "get_avatar_group": "Look up one identity of an avatar: its name, its number of looks and its default voice.",
    "update_avatar_group": "Set the default voice of one of your own avatar identities. To change a look use "
    "update_avatar_look.",
    "update_avatar_look": "Rename one of your own avatar looks, a photo avatar or a digital twin.",
    "create_photo_avatar": "Make an avatar from one photo of a person. For video footage use create_digital_twin. For "
    "a description use create_prompt_avatar.",
    "create_digital_twin": "Make an avatar from video footage of a person. For one photo use create_photo_avatar.",
    "create_prompt_avatar": "Make an avatar from a description, with optional reference pictures. For a real person's "
    "photo use create_photo_avatar.",
    "create_avatar_look_pack": "Make all looks of a look pack for an avatar that you own. Packs come from "
    "list_avatar_look_templates.",
    "create_avatar_look_from_template": "Make the two looks of one template for an avatar that you own. Templates come "
    "from list_avatar_look_templates.",
    "list_avatar_look_templates": "List the look packs and templates from which new looks of your own avatar can be "
    "made.",
    "create_avatar_consent": "Ask the person shown by a digital twin for consent. Returns the address of the page "
    "where the person consents.",
    "create_avatar_realtime_from_tts": "Start a live stream in which an avatar speaks a text that is fully known. For "
    "a stored video use create_video_from_avatar.",
    "create_avatar_realtime_from_audio": "Start a live stream in which an avatar speaks a recording. For a stored "
    "video use create_video_from_avatar.",
    "create_avatar_realtime_from_text_stream": "Start a live stream whose text arrives in pieces. Send the pieces with "
    "append_avatar_realtime_text.",
    "get_avatar_realtime": "Look up a live stream: its state, and hls_url while it is streaming.",
    "append_avatar_realtime_text": "Add text to a live stream of create_avatar_realtime_from_text_stream. It ends "
    "after 30 seconds without text.",
    "cancel_avatar_realtime": "End a live stream of an avatar now. Ending a stream twice is safe.",
    # voices and sound
    "list_voices": "Find voices by language and gender, one page at a time. The account's own clones need type "
    "private; the default is public. The voice_id goes to videos and speech. To invent a voice use design_voice.",
    "get_voice": "Look up one voice: its name, language, preview and, for a clone, its state. To find voices use "
    "list_voices.",
    "design_voice": "Invent voices from a description, such as a warm calm narrator. Returns up to three; existing "
    "voices are in list_voices.",
    "clone_voice": "Clone a voice from a recording of one speaker. For a voice from a description use design_voice.",
    "create_speech": "Turn a text into a sound file with one voice, with the times of its words. No picture; for a "
    "video use create_video_from_avatar.",
    "delete_voice": "Delete one of your cloned voices for good, if no template uses it.",
    "search_audio_sounds": "Search for music or sound effects by description, best match first.",
    "create_podcast": "Make a video podcast with a host and a guest about a topic, about files, or both. A preview "
    "feature.",
    "get_podcast": "Look up one podcast now: its state and, once it is finished, its links. A preview feature.",
    "create_model_speech": "Turn a text into speech with HeyGen's voice model and its fine controls. For ordinary "
    "voices use create_speech.",
    # files
    "create_asset": "Upload a local file of up to 32 MB and get its asset_id. A file that has a public https address "
    "needs no upload.",
    "get_asset": "Look up an uploaded file: its name, type, size and link. To find files use list_assets.",
    "search_assets": "Search for stock pictures and icons by description, best match first. Your own files: scope "
    "personal.",
    "list_asset_statuses": "Look up whether many uploaded files are processed and can be used, in one call.",
    "create_folder": "Create a folder to sort videos or files into. Its id goes to folder_id.",
    "get_folder": "Look up one folder: its name, its type and its parent folder.",
    # translations
    "create_video_translation": "Translate a finished video into other languages with its speaker's voice, one job for "
    "each language. To correct the subtitles first use create_video_translation_proofread.",
    "create_video_translation_proofread": "Extract and translate a video's subtitles so that they can be corrected "
    "first. To translate at once use create_video_translation.",
    "create_video_translation_batch": "Translate up to 100 videos in one request. For one video use "
    "create_video_translation.",
    "get_video_translation": "Look up one translation now: its state and, once it is completed, its links. To wait use "
    "wait_for_translation.",
    "get_video_translation_batch": "Look up a batch of translations and one page of its items with their ids and "
    "states.",
    "get_video_translation_proofread": "Look up one proofread: its state and language. Its subtitles exist once it is "
    "completed.",
    "update_video_translation_proofread_srt": "Replace the subtitles of a proofread with corrected ones. Afterwards "
    "call generate_video_translation_proofread.",
    "generate_video_translation_proofread": "Make the translated video from the current subtitles of a proofread.",
    "list_video_translation_languages": "List the language names that output_languages accepts, such as Spanish or "
    "German.",
    "list_video_translation_statuses": "Look up the states of many translations in one call. For one use "
    "get_video_translation.",
    "create_lipsync": "Replace the sound of a video and match the lips to it. To translate a video use "
    "create_video_translation.",
    "create_lipsync_batch": "Start up to 100 lipsyncs in one request. For one use create_lipsync.",
    "get_lipsync": "Look up one lipsync now: its state and, once it is completed, its links. To wait use "
    "wait_for_lipsync.",
    "get_lipsync_batch": "Look up a batch of lipsyncs and one page of its items with their ids and states.",
    "list_lipsync_statuses": "Look up the states of many lipsyncs in one call. For one use get_lipsync.",
    # templates, edits and models
    "generate_template": "Make a video from a template by giving values to its variables. Read the variables with "
    "get_template first.",
    "get_template": "Look up a template with its scenes and its variables, as generate_template takes them.",
    "create_background_removal": "Separate a video into foreground, mask and background. For a transparent avatar use "
    "output_format webm of create_video_from_avatar.",
    "create_ai_clipping": "Cut short clips for social media out of a long video. Single clips may fail; each has its "
    "own state.",
    "create_filler_word_removal": "Cut filler words, such as um, out of a video of a speaker. The rest stays as it is.",
    "create_hyperframes_render": "Render a zipped HyperFrames project of HTML to a video. For a video from a prompt "
    "use create_video_agent.",
    "create_model_image": "Generate pictures of a person from identity pictures, set into a reference picture.",
    "create_model_video_from_text_to_video": "Generate a clip from a prompt alone, without an avatar's speech. For a "
    "speaking avatar use create_video_from_avatar.",
    "create_model_video_from_image_to_video": "Generate a clip that starts with a picture and follows a prompt. To let "
    "a person in a picture speak use create_video_from_image.",
    "create_model_video_from_reference_to_video": "Generate a clip from a prompt with reference pictures, videos and "
    "sounds.",
    "get_model_video": "Look up one generated clip now: its state and, once it is completed, its link.",
    "get_model_image": "Look up one generation of pictures: its state and its pictures.",
    "create_model_voice_from_instant": "Make a voice of HeyGen's voice model from one recording. It cannot be trained "
    "again.",
    "create_model_voice_from_professional": "Train a voice of HeyGen's voice model on long recordings, or train one "
    "again with voice_id.",
    # brand
    "create_brand_kit": "Import the colours, logos and fonts of a public website as a brand kit for "
    "create_video_agent.",
    "create_brand_glossary": "Create a glossary: how terms are pronounced, which stay untranslated, and fixed "
    "translations.",
}

#: The usual price in USD of one unit: see the rates of `heygen_async.pricing`.
PRICES: Mapping[str, tuple[float, str]] = {
    "create_video_agent": (2, "minute"),
    "create_video_from_avatar": (4, "minute"),
    "create_video_from_image": (3, "minute"),
    "create_video_from_cinematic_avatar": (7, "video"),
    "create_video_translation": (2, "minute and language"),
    "create_lipsync": (2, "minute"),
    "create_speech": (0.04, "minute"),
    "create_hyperframes_render": (0.1, "minute"),
    "create_photo_avatar": (1, "call"),
    "create_digital_twin": (1, "call"),
}

#: Parameters by name, or by `tool.name` where one tool differs.
PARAMETERS: Mapping[str, str] = {
    "limit": "Items a page, such as 20.",
    "token": "next_token of the page before. Leave it out for the first page.",
    "title": "A name for it, such as Spring sale.",
    "voice_id": "Voice, such as 1bd001e7e50f421d891986aad5158bc8, from list_voices.",
    "avatar_id": "Id of an avatar look, from list_avatar_looks.",
    "brand_kit_id": "Id of a brand kit (logo, colours, fonts), from list_brand_kits.",
    "brand_glossary_id": "Id of a glossary for pronunciation, from list_brand_glossaries.",
    "style_id": "Id of a visual style, from list_video_agent_styles.",
    "group_id": "Identity (person) of the avatar, from list_avatar_groups.",
    "session_id": "Session, from create_video_agent.",
    "video_id": "The video, from the tool that created it or from list_videos.",
    "script": "The exact words to speak, up to 5,000 characters. Exactly one of script, audio_url, audio_asset_id.",
    "audio_url": "Public https address of a recording to speak, in place of script.",
    "audio_asset_id": "asset_id of an uploaded recording, in place of script.",
    "caption": 'Burned-in subtitles: {"style": "default"}. A subtitle file is made in any case.',
    "voice_settings": 'Speed, pitch, volume or accent of the voice, such as {"speed": 0.9}.',
    "background": 'Such as {"type": "color", "value": "#1a2b3c"}, or an image; not with output_format webm.',
    "engine": 'Such as {"type": "avatar_v"}, if it is in supported_api_engines of the look. Default: avatar_iv.',
    "files": "Up to 20 reference files, such as slides or pictures: each a public https address or an asset_id.",
    "create_video_agent.prompt": "What the video is about, its tone, length and audience, such as: A cheerful "
    "30-second tour of our bakery.",
    "create_video_agent.mode": "generate (default) makes the video; chat may ask questions first.",
    "create_video_agent.orientation": "landscape for TV and web, portrait for phones and social media.",
    "create_video_agent.incognito_mode": "true: the agent neither reads nor stores its memory of earlier videos.",
    "create_video_agent.voice_id": "Voice of the narrator, from list_voices. Left out: the agent chooses.",
    "create_video_agent.avatar_id": "Avatar look, from list_avatar_looks. Left out: the agent chooses.",
    "create_video_from_avatar.voice_id": "Voice of the script, from list_voices. Left out: the avatar's own.",
    "create_video_from_image.voice_id": "Voice of the script, from list_voices. Required with script.",
    "create_video_from_avatar.aspect_ratio": "16:9 (default, landscape), 9:16 (portrait, phones), or auto (its own).",
    "create_video_from_image.aspect_ratio": "16:9 (default, landscape), 9:16 (portrait, phones), or auto (its own).",
    "create_video_from_avatar.resolution": "Such as 1080p. 4k costs more.",
    "create_video_from_image.resolution": "Such as 1080p. 4k costs more.",
    "create_video_from_cinematic_avatar.avatar_id": "Ids of one to three avatar looks, from list_avatar_looks.",
    "create_prompt_avatar.avatar_id": "A reference look, from list_avatar_looks; the new look joins its identity.",
    "create_speech.voice_id": "Voice, from list_voices with engine starfish.",
    "create_model_speech.voice_id": "A voice of the voice model, from list_model_voices.",
    "create_model_voice_from_professional.voice_id": "A professional voice to train again, from list_model_voices.",
    "get_model_voice.voice_id": "The voice, from list_model_voices.",
    "delete_model_voice.voice_id": "The voice, from list_model_voices.",
    "wait_for_model_voice.voice_id": "The voice, from the tool that created it.",
    "get_model_video.video_id": "The clip, from the tool that created it.",
    "wait_for_model_video.video_id": "The clip, from the tool that created it.",
    "download_model_video.video_id": "The clip, from the tool that created it.",
    "generate_template.caption": "true burns captions into the picture.",
    "get_asset.asset_id": "The file, from create_asset or list_assets.",
    "delete_asset.asset_id": "The file, from create_asset or list_assets.",
    "get_asset_batch.batch_id": "The batch of uploads.",
    "update_brand_kit.color_roles": "The colour of each role.",
    "update_brand_kit.logo_roles": "The logo of each role.",
    "update_brand_kit.font_roles": "The font of each role.",
    "product_graph": "The graph: its nodes, their parameters, and the edges between them.",
    "create_video_from_avatar.output_format": "mp4 (default), or webm for a transparent background.",
    "image": "The picture: a public https address or an asset_id.",
    "file": "The file: a public https address or an asset_id.",
    "create_asset.file": "Path of the file below the allowed folder, such as deck.pdf.",
    "video": "The source video: a public https address or an asset_id.",
    "wait_for_video.video_id": "The video, from the tool that created it, or a session_id of create_video_agent.",
    "list_videos.title": "Only videos whose title contains this text, such as onboarding.",
    "list_voices.language": "Language by its English name, such as German.",
    "list_voices.engine": "Only voices of this engine, such as starfish.",
    "list_voices.type": "public (default): HeyGen's voices; private: the account's own clones.",
    "list_avatar_looks.ownership": "public: HeyGen's avatars; private: the account's own.",
    "output_languages": "Languages such as Spanish or French, from list_video_translation_languages. One job each.",
}
