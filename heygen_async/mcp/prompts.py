"""Prompts that a person selects at the MCP client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp import MCPError, types

if TYPE_CHECKING:
    from collections.abc import Collection

_WAIT = (
    "Then call wait_for_{job} until it is finished; as long as it still runs, call it again and create nothing again. "
    "In the end, give me the link."
)
_PROMPTS = {
    "video_from_document": types.Prompt(
        name="video_from_document",
        title="Make a video from a document",
        description="Turn a document into a video in which an avatar presents it.",
        arguments=[
            types.PromptArgument(
                name="document", description="The document: its text, or an https URL.", required=True
            ),
            types.PromptArgument(name="avatar", description="The name of the avatar who speaks."),
            types.PromptArgument(name="voice", description="The name of the voice."),
            types.PromptArgument(name="language", description="The language of the video."),
        ],
    ),
    "translate_video": types.Prompt(
        name="translate_video",
        title="Translate a video",
        description="Translate a video, with the speaker's voice and lips.",
        arguments=[
            types.PromptArgument(name="video", description="The https URL of the video.", required=True),
            types.PromptArgument(name="language", description="The language of the translation.", required=True),
        ],
    ),
}
#: The tool that each prompt begins with. A server without it does not offer the prompt.
_FIRST_TOOLS = {"video_from_document": "create_video_agent", "translate_video": "create_video_translation"}


class Prompts:
    """The handlers of `prompts/list` and `prompts/get`.

    Args:
        tools: The names of the tools that a model can call.
    """

    def __init__(self, tools: Collection[str]) -> None:
        self._prompts = {name: prompt for name, prompt in _PROMPTS.items() if _FIRST_TOOLS[name] in tools}

    async def list_prompts(self, *_: object) -> types.ListPromptsResult:
        """Return the prompts."""
        return types.ListPromptsResult(prompts=list(self._prompts.values()))

    async def get_prompt(self, _: object, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        """Return the text of a prompt with its arguments."""
        prompt = self._prompts.get(params.name)
        if prompt is None:
            known = ", ".join(self._prompts) or "none"
            raise MCPError(types.INVALID_PARAMS, f"There is no prompt {params.name!r}; there are {known}.")
        values = params.arguments or {}
        for argument in prompt.arguments or ():
            if argument.required and not values.get(argument.name):
                raise MCPError(types.INVALID_PARAMS, f"The prompt {params.name} needs the argument {argument.name}.")
        text = _translation(values) if params.name == "translate_video" else _presentation(values)
        message = types.PromptMessage(role="user", content=types.TextContent(text=text))
        return types.GetPromptResult(description=prompt.description, messages=[message])


def _presentation(values: dict[str, str]) -> str:
    wishes = [f" with the {role} {values[role]!r}" for role in ("avatar", "voice") if values.get(role)]
    language = f" in {values['language']}" if values.get("language") else ""
    return (
        f"Make a video with HeyGen{language}{','.join(wishes)} that presents the document below. Call "
        "create_video_agent once, with a prompt that has the essence of the document in the order of a short talk. "
        f"{_WAIT.format(job='video')}\n\n{values['document']}"
    )


def _translation(values: dict[str, str]) -> str:
    return (
        f"Translate the video {values['video']} into {values['language']} with HeyGen. "
        f"Call create_video_translation once. {_WAIT.format(job='translation')}"
    )
