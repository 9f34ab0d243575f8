"""Texts that name files in many forms, and a record of every file that this process opens or asks for."""

from __future__ import annotations

import os
import random
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: The number of texts; those that are costly to pass are passed in part.
TEXTS = int(os.environ.get("HEYGEN_ASYNC_PATHS", "500"))

_SEEDS = [
    "secret.png", "./secret.png", "../outside/secret.png", "link.png", "folder/link.png", "{here}/secret.png",
    "{here}/../outside/secret.png", "{outside}/secret.png", "/etc/passwd", "/proc/self/environ", "/dev/stdin",
    "/dev/fd/0", "~/.ssh/id_rsa", "~root", "$HOME/a.png", "C:\\Windows\\win.ini", "C:secret.png", "c:/secret.png",
    "\\\\server\\share\\secret.png", "//server/share/secret.png", "\\\\?\\C:\\secret.png", "\\\\.\\pipe\\secret",
    "file:///etc/passwd", "file://localhost{here}/secret.png", "file:secret.png", "FILE:///{here}/secret.png",
    "%2e%2e%2foutside%2fsecret.png", "..%c0%af..%c0%afetc/passwd", "secret.png%00.png", "secret.png::$DATA", "nul.png",
    "http:secret.png", "https:/etc/passwd", "https//example.com", " https://example.com/a.png", "ftp://e.com/a.png",
    "data:image/png;base64,iVBORw0KGgo=", "jar:file:///a.zip!/b.png", "*.png", "[s]ecret.png", "", " ", ".", "..", "/",
]  # fmt: skip
_PARTS = [
    "\0", "%00", " ", "\t", "\n", "\r\n", ".", "./", "../", "..\\", "/", "//", "\\", "~/", "file:", "file://", "?", "#",
    ":", ";", "*", "\u2215", "\uff0f", "\u202e", "\xe9", ".png", "secret.png", "a" * 300, "a" * 5000, "%2f", "'", '"',
]  # fmt: skip
_TAKEN = re.compile(r"(?i:https?://)|[A-Za-z0-9_-]+\Z")
_ASKING = ("stat", "lstat", "access", "readlink", "listdir", "scandir", "open", "mkdir", "unlink")
_recorders: list[Callable[[object], None]] = []
_relative = threading.local()


def path_texts(here: Path, count: int = TEXTS) -> list[str]:
    """Return texts that name the files in a folder and others, and are neither URLs nor asset ids."""
    draw = random.Random(21)
    texts = [seed.format(here=here, outside=here.parent / "outside") for seed in _SEEDS]
    while len(texts) < count:
        text = draw.choice(texts[: len(_SEEDS)])
        for _ in range(draw.randint(1, 3)):
            place, part = draw.randint(0, len(text)), draw.choice(_PARTS)
            text = text[:place] + part + text[place + draw.choice([0, 0, 1]) :]
        if not _TAKEN.match(text) and text not in texts:
            texts.append(text)
    return [text for text in texts[:count] if not _TAKEN.match(text)]


def plant_secrets(folder: Path, content: bytes) -> Path:
    """Create files that the texts name, and return the folder that a program would run in."""
    here, outside = folder / "planted" / "here", folder / "planted" / "outside"
    for place in (here, outside, here / "folder"):
        place.mkdir(parents=True)
        (place / "secret.png").write_bytes(content)
    (here / "link.png").symlink_to(outside / "secret.png")
    (here / "folder" / "link.png").symlink_to(outside / "secret.png")
    return here


@contextmanager
def asked_paths(patch: Callable[[object, str, object], None], texts: list[str], planted: Path) -> Iterator[list[str]]:
    """Record the texts, and the paths below `planted`, about which the file system is asked.

    Args:
        patch: `setattr` of a monkeypatch.
        texts: The texts.
        planted: A folder.
    """
    asked: list[str] = []
    named = set(texts)

    def record(path: object) -> None:
        if isinstance(path, str | bytes | os.PathLike):
            text = os.fsdecode(os.fspath(path))
            if text in named or text.startswith(str(planted)):
                asked.append(text)

    def recording(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: object = ".", *arguments: object, **options: object) -> Any:
            if options.get("dir_fd") is None:
                record(path)
                return function(path, *arguments, **options)
            _relative.path = path  # which the audit hook is given too
            try:
                return function(path, *arguments, **options)
            finally:
                _relative.path = None

        return call

    for name in _ASKING:
        patch(os, name, recording(getattr(os, name)))
    if not _recorders:
        sys.addaudithook(_audit)  # it stays until the process ends
    _recorders.append(record)
    try:
        yield asked
    finally:
        _recorders[:] = [_ignore]


def _ignore(_: object) -> None:
    """Record nothing."""


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and _recorders and getattr(_relative, "path", None) is not arguments[0]:
        _recorders[-1](arguments[0])
