"""Create a video from a document and download it.

    python examples/prompt_to_video.py DOCUMENT [-o OUT.mp4]

The program builds a Video Agent prompt from a text or Markdown document, whose headings become scenes. It attaches the
document's local images and PDFs, creates the video, waits for it and downloads it. If HEYGEN_API_KEY is set, it uses
the API. Otherwise it uses a local HeyGen, which charges nothing and returns a sample video.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from local import open_heygen
from markdown_it import MarkdownIt

from heygen_async import HeyGenError, InputRequiredError, WaitTimeoutError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

    from heygen_async._jobs.wait_options import JobUpdate
    from heygen_async.types.video_agents import Session, SessionCreated
    from heygen_async.types.videos import Video

MAX_CHARACTERS = 10_000  # of a Video Agent prompt
MAX_FILES = 20  # of a Video Agent session
ATTACHED = frozenset({".png", ".jpg", ".jpeg", ".pdf"})


@dataclass
class Scene:
    """The part of the document under one heading."""

    title: str
    text: list[str]


@dataclass
class Document:
    """The scenes and files of a document, and the files that cannot be attached."""

    title: str
    scenes: list[Scene]
    files: list[Path]
    rejected_files: list[str]


def read_document(path: Path) -> Document:
    """Read the scenes and the local files of a text or Markdown document."""
    source = path.read_text(encoding="utf-8")
    if path.suffix.lower() not in {".md", ".markdown"}:
        paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", source) if part.strip()]
        return Document(path.stem, [Scene(path.stem, paragraphs)], [], [])
    tokens = MarkdownIt("commonmark").enable("table").parse(source)
    scenes, references = _scenes(tokens, path.stem)
    files, rejected_files = _files(references, path.parent)
    return Document(scenes[0].title, [scene for scene in scenes if scene.text], files, rejected_files)


def _scenes(tokens: Sequence[Token], title: str) -> tuple[list[Scene], list[str]]:
    scenes: list[Scene] = []
    references: list[str] = []
    in_heading = False
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            in_heading = token.type == "heading_open"
        elif token.type == "inline":
            children = token.children or []
            text = "".join(
                child.content or " " for child in children if child.type not in {"image", "html_inline"}
            ).strip()
            for child in children:
                references += [str(child.attrs[name]) for name in ("src", "href") if name in child.attrs]
                references += _html_images(child.content) if child.type == "html_inline" else []
            if in_heading:
                scenes.append(Scene(text, []))
            elif text:
                if not scenes:
                    scenes.append(Scene(title, []))
                scenes[-1].text.append(" ".join(text.split()))
        elif token.type.startswith("html"):
            references += _html_images(token.content)
    return scenes or [Scene(title, [])], references


def _html_images(html: str) -> list[str]:
    return re.findall(r"""<img[^>]+src=["']([^"']+)""", html)


def _files(references: Sequence[str], folder: Path) -> tuple[list[Path], list[str]]:
    """Return the local images and PDFs that can be attached, and the other files with their reasons."""
    files: dict[Path, None] = {}
    rejected_files: dict[str, None] = {}
    for reference in references:
        if re.match(r"[a-z][a-z0-9+.-]*:|#|//", reference, re.IGNORECASE):
            continue
        path = folder / unquote(reference.partition("#")[0])
        if path.suffix.lower() not in ATTACHED | {".gif", ".svg", ".webp"}:
            continue
        if path.suffix.lower() not in ATTACHED:
            rejected_files[f"{reference} (HeyGen takes no {path.suffix})"] = None
        elif not path.is_file():
            rejected_files[f"{reference} (not there)"] = None
        elif len(files) >= MAX_FILES:
            rejected_files[f"{reference} (at most {MAX_FILES} files)"] = None
        else:
            files[path] = None
    return list(files), list(rejected_files)


def build_prompt(document: Document) -> str:
    """Build a Video Agent prompt of at most 10,000 characters, with each scene cut at a sentence to an equal share."""
    head = f"Make a short explainer video titled “{document.title}”, with one presenter and a calm, clear tone."
    if document.files:
        head += " Show the attached files where they fit: " + ", ".join(file.name for file in document.files) + "."
    scene_characters = (MAX_CHARACTERS - len(head)) // max(len(document.scenes), 1)
    parts = [head]
    for number, scene in enumerate(document.scenes, 1):
        title = f"\n\nScene {number}: {scene.title}\n"
        parts.append(title + _shorten(" ".join(scene.text), scene_characters - len(title)))
    return "".join(parts)[:MAX_CHARACTERS]


def _shorten(text: str, max_characters: int) -> str:
    if len(text) <= max_characters:
        return text
    cut = text[: max(max_characters - 1, 0)]
    sentence = max(cut.rfind(". "), cut.rfind("! "), cut.rfind("? "))
    return cut[: sentence + 1] if sentence > 0 else cut + "…"


class Progress:
    """One live line at a terminal; elsewhere a line at each change."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._shown = ""

    def update(self, update: JobUpdate[Session] | JobUpdate[Video]) -> None:
        """Show the state of the job after a poll."""
        share = "" if update.progress is None else f" {update.progress} %"
        self._show(f"{update.kind} {update.id}: {update.state}{share}", f" ({update.elapsed:.0f} s)")

    def download(self, done: int, total: int | None) -> None:
        """Show how much of the file is downloaded."""
        self._show("downloading", f" {done:,} of {total:,} bytes" if total else f" {done:,} bytes")

    def _show(self, state: str, detail: str) -> None:
        if self._live:
            print(f"\r\x1b[K{state}{detail}", end="", file=sys.stderr, flush=True)
        elif state != self._shown:
            print(state + detail, file=sys.stderr, flush=True)
        self._shown = state

    def end(self) -> None:
        """Leave the live line."""
        if self._live and self._shown:
            print(file=sys.stderr)
        self._shown = ""


async def run(arguments: argparse.Namespace) -> int:
    """Create, wait and download; print how to continue if the program ends early."""
    progress = Progress()
    document: Path = arguments.document
    out: Path = arguments.output or Path(document.with_suffix(".mp4").name)
    again = f"python {sys.argv[0]} {document} -o {out}"
    session_id: str | None = arguments.session
    async with open_heygen() as heygen:
        try:
            if session_id is None:
                content = await asyncio.to_thread(read_document, document)
                for reason in content.rejected_files:
                    print(f"not attached: {reason}", file=sys.stderr)
                created = await heygen.video_agents.create(prompt=build_prompt(content), files=content.files)
                session: Session | SessionCreated = created
                session_id = created.session_id
                print(
                    f"session {session_id}: {len(content.scenes)} scenes, {len(content.files)} files", file=sys.stderr
                )
            else:
                session = await heygen.video_agents.get(session_id)
            video = await heygen.wait_for_video(
                session, on_update=progress.update, stop_on_cancel=arguments.stop_on_cancel, timeout=arguments.timeout
            )
            path = await heygen.download(video, out, overwrite=True, on_progress=progress.download)
        except asyncio.CancelledError:
            progress.end()
            if session_id is None:
                print(
                    "Stopped before HeyGen responded; video_agents.list() shows whether a session was created.",
                    file=sys.stderr,
                )
            elif arguments.stop_on_cancel:
                print(f"Stopped; session {session_id} is stopped too.", file=sys.stderr)
            else:
                print(f"Stopped. Session {session_id} continues at HeyGen. Resume with:", file=sys.stderr)
                print(f"  {again} --session {session_id}", file=sys.stderr)
            raise
        except InputRequiredError as error:
            progress.end()
            print(f"{error}\nThen: {again} --session {session_id}", file=sys.stderr)
            return 1
        except WaitTimeoutError as error:
            progress.end()
            print(f"{error}\nResume with: {again} --session {session_id}", file=sys.stderr)
            return 1
        except HeyGenError as error:
            progress.end()
            print(f"error: {error}", file=sys.stderr)
            return 1
    progress.end()
    print(path.resolve())
    return 0


def main() -> int:
    """Read the command line, run, and end cleanly on Ctrl-C."""
    parser = argparse.ArgumentParser(description="Make a video from a text or Markdown document.")
    parser.add_argument("document", type=Path, help="a text or Markdown file")
    parser.add_argument("-o", "--output", type=Path, help="the path of the video (default: the document's name, .mp4)")
    parser.add_argument("--session", help="continue this session instead of creating one")
    parser.add_argument("--timeout", type=float, default=1200, help="seconds to wait for the video (default: 1200)")
    parser.add_argument("--stop-on-cancel", action="store_true", help="on Ctrl-C, stop the session at HeyGen too")
    arguments = parser.parse_args()
    if not arguments.document.is_file():
        parser.error(f"{arguments.document} is no file")
    try:
        return asyncio.run(run(arguments))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
