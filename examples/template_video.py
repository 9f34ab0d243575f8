"""Create a video from a template, with values for its text variables.

python examples/template_video.py --template TEMPLATE_ID --set first_name=Ada -o ada.mp4
"""

from __future__ import annotations

import argparse

from local import open_heygen, run, show


async def main(template_id: str | None, values: dict[str, str], output: str) -> None:
    async with open_heygen() as heygen:
        if template_id is None:
            [first, *_] = (await heygen.templates.list(limit=1)).data
            template_id = first.id
        template = await heygen.templates.get(template_id)
        print(f"{template.name}: {', '.join(template.variables or {})}")
        # The template's own values can be posted back; the values from the command line replace them.
        video = await heygen.templates.generate_and_wait(
            template_id, variables={**(template.variables or {}), **values}, caption=True, on_update=show
        )
        print(await heygen.download(video, output, overwrite=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--template", help="the id of a template (default: the first)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=TEXT")
    parser.add_argument("-o", "--output", default="template.mp4")
    arguments = parser.parse_args()
    run(main(arguments.template, dict(pair.split("=", 1) for pair in arguments.set), arguments.output))
