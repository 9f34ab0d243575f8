"""Write a gallery of avatars or voices: one HTML page with previews and filters, opened in the browser.

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
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import anyio
from local import open_heygen, run

from heygen_async import HeyGenError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from heygen_async import AsyncHeyGen

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
  :root {{ color-scheme: light dark; --page: #f5f6f8; --card: #fff; --text: #1c2430; --faint: #5b6472; --line: #d9dde4;
    --accent: #2457d6 }}
  @media (prefers-color-scheme: dark) {{
    :root {{ --page: #12151b; --card: #1d222b; --text: #e8ebf0; --faint: #a3acba; --line: #343b48; --accent: #8fb0ff }}
  }}
  * {{ box-sizing: border-box }}
  body {{ font: 15px/1.4 system-ui, sans-serif; margin: 0 auto; padding: clamp(.8rem, 3vw, 2rem); max-width: 90rem;
    background: var(--page); color: var(--text) }}
  h1 {{ font-size: 1.4rem; margin: 0 0 .8rem }}
  form {{ display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; position: sticky; top: 0; padding: .6rem 0;
    background: var(--page); z-index: 1 }}
  input, select, button {{ font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
    border-radius: .4rem; padding: .45rem .7rem }}
  input {{ flex: 1 1 14rem; min-width: 0 }}
  button {{ cursor: pointer }} button:hover {{ border-color: var(--accent) }}
  :focus-visible {{ outline: 2px solid var(--accent); outline-offset: 1px }}
  output {{ color: var(--faint) }}
  main {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(min(13rem, 40%), 1fr)); gap: .8rem;
    margin-top: .6rem }}
  main.audio {{ grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)) }}
  figure {{ margin: 0; padding: .7rem; background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
    display: flex; flex-direction: column; gap: .6rem }}
  figure[hidden] {{ display: none }}
  img {{ width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: .4rem; display: block }}
  audio {{ width: 100%; height: 2.4rem }}
  figcaption {{ display: grid; gap: .25rem; overflow-wrap: anywhere }}
  .details {{ color: var(--faint); font-size: .9em }}
  .copy {{ font: .85em ui-monospace, monospace; text-align: left; overflow-wrap: anywhere }}
  .copy::after {{ content: "copy"; float: right; color: var(--faint) }}
  .copied::after {{ content: "copied"; color: var(--accent) }}
</style>
<h1>{title}</h1>
<form>
  <input type="search" placeholder="Search: name, id, …  (press /)" aria-label="Search">
  {filters}
  <output></output>
</form>
<main class="{kind}">{cards}</main>
<script>
  const form = document.forms[0], search = form.querySelector("input"), cards = [...document.querySelectorAll("figure")]
  const filter = () => {{
    const words = search.value.toLowerCase().split(/\\s+/)
    const chosen = [...form.querySelectorAll("select")].filter((select) => select.value)
    for (const card of cards)
      card.hidden = !words.every((word) => card.textContent.toLowerCase().includes(word))
        || chosen.some((select) => card.dataset[select.name] !== select.value)
    form.querySelector("output").value = `${{cards.filter((card) => !card.hidden).length}} of ${{cards.length}}`
  }}
  form.addEventListener("input", filter)
  form.addEventListener("submit", (event) => event.preventDefault())
  document.querySelector("main").addEventListener("click", async ({{ target }}) => {{
    if (!target.matches(".copy")) return
    await navigator.clipboard.writeText(target.dataset.id)
    target.classList.add("copied")
    setTimeout(() => target.classList.remove("copied"), 1200)
  }})
  document.addEventListener("keydown", (event) => {{
    if (event.key === "/" && event.target !== search) {{ event.preventDefault(); search.focus() }}
    const step = {{ ArrowRight: 1, ArrowLeft: -1 }}[event.key], buttons = [...document.querySelectorAll(".copy")]
      .filter((button) => button.offsetParent)
    if (step && event.target.matches(".copy")) buttons[buttons.indexOf(event.target) + step]?.focus()
  }})
  filter()
</script>
"""


class Card(NamedTuple):
    """An avatar's look or a voice."""

    id: str
    name: str
    preview_url: str | None
    facts: dict[str, str]  # gender, language, type


async def list_cards(heygen: AsyncHeyGen, subject: str, language: str | None) -> AsyncIterator[Card]:
    """Yield a card for each avatar or voice."""
    if subject == "avatars":
        async for look in heygen.avatars.looks.list(limit=50):
            facts = {"gender": look.gender or "", "type": (look.avatar_type or "").replace("_", " ")}
            yield Card(look.id, look.name or "", look.preview_image_url, facts)
    else:
        async for voice in heygen.voices.list(language=language, limit=100):
            facts = {"gender": voice.gender or "", "language": voice.language or "", "type": voice.type or ""}
            yield Card(voice.voice_id, voice.name or "", voice.preview_audio_url, facts)


def filters_html(cards: Iterable[Card]) -> str:
    """Return a choice for each fact that the cards have."""
    values: dict[str, set[str]] = {}
    for card in cards:
        for name, value in card.facts.items():
            values.setdefault(name, set()).add(value)
    choices = {
        name: "".join(f"<option>{escape(value)}</option>" for value in sorted(found) if value)
        for name, found in values.items()
    }
    return "\n  ".join(
        f'<select name="{name}" aria-label="{name}"><option value="">any {name}</option>{options}</select>'
        for name, options in choices.items()
    )


def card_html(card: Card, preview: str) -> str:
    """Return a card with its preview."""
    data = "".join(f' data-{name}="{escape(value)}"' for name, value in card.facts.items())
    details = ", ".join(value for value in card.facts.values() if value)
    id = escape(card.id)
    return (
        f'<figure{data}>{preview}<figcaption><b>{escape(card.name)}</b><span class="details">{escape(details)}</span>'
        f'<button class="copy" data-id="{id}" title="Copy the id">{id}</button></figcaption></figure>'
    )


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
    return (
        f'<audio controls src="{data}"></audio>'
        if kind.startswith("audio/")
        else f'<img alt="" loading="lazy" src="{data}">'
    )


async def main(subject: str, limit: int, language: str | None, output: Path) -> None:
    cards: list[Card] = []
    previews: dict[str, str] = {}
    downloads = asyncio.Semaphore(8)
    with tempfile.TemporaryDirectory() as work:
        async with open_heygen() as heygen, asyncio.TaskGroup() as tasks:

            async def load_preview(card: Card, target: Path) -> None:
                async with downloads:
                    previews[card.id] = await preview_html(heygen, card.preview_url, target)

            async for card in list_cards(heygen, subject, language):
                if len(cards) == limit:
                    break
                cards.append(card)
                tasks.create_task(load_preview(card, Path(work) / str(len(cards))))
    page = PAGE.format(
        title=f"HeyGen: {subject}",
        kind="audio" if subject == "voices" else "images",
        filters=filters_html(cards),
        cards="\n".join(card_html(card, previews[card.id]) for card in cards),
    )
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
