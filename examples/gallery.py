"""Write a gallery of avatars or voices: one HTML page with previews and a filter, opened in the browser.

python examples/gallery.py avatars --limit 60 -o avatars.html
python examples/gallery.py voices --language English
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import mimetypes
import tempfile
import webbrowser
from html import escape
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import anyio
from local import open_heygen, run

from heygen_async import HeyGenError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from heygen_async import AsyncHeyGen

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>
  body {{ font: 15px system-ui, sans-serif; margin: 2rem; background: #f5f6f8; color: #1c2430 }}
  input {{ font: inherit; padding: .5rem .8rem; width: 20rem; max-width: 100% }}
  main {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: 1rem; margin-top: 1rem }}
  figure {{ margin: 0; padding: .8rem; background: #fff; border-radius: .5rem }}
  img {{ width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: .3rem }}
  audio {{ width: 100% }} small {{ color: #667; user-select: all }}
</style>
<h1>{title}</h1>
<input type="search" placeholder="name, language, gender, …" autofocus>
<main>{cards}</main>
<script>
  document.querySelector("input").addEventListener("input", (event) => {{
    const words = event.target.value.toLowerCase().split(/\\s+/)
    for (const card of document.querySelectorAll("figure"))
      card.hidden = !words.every((word) => card.textContent.toLowerCase().includes(word))
  }})
</script>
"""


Card: TypeAlias = tuple[str, str, str, str | None]  # id, name, details, the preview's URL


async def list_cards(heygen: AsyncHeyGen, subject: str, language: str | None) -> AsyncIterator[Card]:
    """Yield a card for each avatar or voice."""
    if subject == "avatars":
        async for look in heygen.avatars.looks.list(limit=50):
            details = [look.avatar_type, look.gender, *(look.tags or [])]
            yield look.id, look.name or "", ", ".join(part for part in details if part), look.preview_image_url
    else:
        async for voice in heygen.voices.list(language=language, limit=100):
            yield voice.voice_id, voice.name or "", f"{voice.language}, {voice.gender}", voice.preview_audio_url


async def preview_html(heygen: AsyncHeyGen, url: str | None, target: Path) -> str:
    """Return the preview as an HTML element; the error if it cannot be downloaded."""
    if url is None:
        return ""
    try:
        content = (await heygen.download(url, target)).read_bytes()
    except HeyGenError as error:
        return f"<p>{escape(str(error))}</p>"
    kind = mimetypes.guess_type(url.partition("?")[0])[0] or "image/jpeg"
    data = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    return f'<audio controls src="{data}"></audio>' if kind.startswith("audio/") else f'<img alt="" src="{data}">'


async def main(subject: str, limit: int, language: str | None, output: Path) -> None:
    cards: dict[int, str] = {}
    downloads = asyncio.Semaphore(8)
    with tempfile.TemporaryDirectory() as work:
        async with open_heygen() as heygen, asyncio.TaskGroup() as tasks:

            async def card(number: int, id: str, name: str, details: str, url: str | None) -> None:
                async with downloads:
                    preview = await preview_html(heygen, url, Path(work) / str(number))
                text = f"<b>{escape(name)}</b><br>{escape(details)}<br><small>{escape(id)}</small>"
                cards[number] = f"<figure>{preview}<figcaption>{text}</figcaption></figure>"

            numbers = count()
            async for id, name, details, url in list_cards(heygen, subject, language):
                number = next(numbers)
                if number == limit:
                    break
                tasks.create_task(card(number, id, name, details, url))
    page = PAGE.format(title=f"HeyGen: {subject}", cards="\n".join(cards[number] for number in sorted(cards)))
    await anyio.Path(output).write_text(page, encoding="utf-8")
    print(output)
    address = (await anyio.Path(output).absolute()).as_uri()
    await anyio.to_thread.run_sync(webbrowser.open, address)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subject", nargs="?", choices=["avatars", "voices"], default="avatars")
    parser.add_argument("--limit", type=int, default=60, help="max number of cards (default: 60)")
    parser.add_argument("--language", help="of the voices, such as English")
    parser.add_argument("-o", "--output", type=Path, default=Path("gallery.html"))
    arguments = parser.parse_args()
    run(main(arguments.subject, arguments.limit, arguments.language, arguments.output))
