"""The Markdown pages of the site: made from the README, the guides, the commands, the examples and the changelog."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from commands import command_pages
from links import link_names
from reference import reference_pages

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "heygen_async"
#: The guides in the order of the navigation: the page's name, its title, and the file with the docstring.
GUIDES = {
    "client": ("The client's resources", "resources/__init__.py"),
    "waiting": ("Waiting for jobs", "_jobs/__init__.py"),
    "files": ("Uploads and downloads", "_files/__init__.py"),
    "requests": ("Retries, errors, timeouts, logs", "_http/__init__.py"),
    "telemetry": ("Traces and metrics", "_http/telemetry.py"),
    "threads": ("Event loops and threads", "__init__.py"),
    "types": ("Structs", "types/__init__.py"),
    "webhooks": ("Webhooks", "webhooks/__init__.py"),
    "batch": ("Batches", "batch/__init__.py"),
    "distributed": ("Batches on several machines", "distributed/__init__.py"),
    "pricing": ("Prices and budgets", "pricing.py"),
    "auth": ("Keys and sign-in", "auth/__init__.py"),
    "testing": ("The local HeyGen", "testing/__init__.py"),
    "agents": ("Tools for models", "agents/__init__.py"),
    "mcp": ("The MCP server", "mcp/__init__.py"),
    "cli": ("The command line", "cli/__init__.py"),
    "prompts": ("Prompts, scene by scene", "prompts.py"),
    "sessions": ("Sessions of the Video Agent", "resources/video_agents.py"),
    "realtime": ("Live speech", "resources/avatar_realtime.py"),
    "workflows": ("Workflows", "resources/workflows.py"),
    "progress": ("Progress bars", "progress.py"),
    "legacy": ("Moving from v1 and v2", "legacy/__init__.py"),
}
#: The sections of a guide about the files and the design of its package, which are for contributors.
_FOR_CONTRIBUTORS = re.compile(
    r"^(?:Files of the package|Design notes)\n-+\n.*?(?=^[^\n]+\n-{3,}$|\Z)", re.DOTALL | re.MULTILINE
)
_LINK = re.compile(r"(\]\(|^\[[^]]+\]: |src=\")([^)\s\"]+)", re.MULTILINE)


def write_pages(folder: Path) -> None:
    """Write all pages into a new folder; the first one has the navigation."""
    pages = dict(_documents()) | dict(_guides()) | dict(_examples()) | reference_pages() | dict(command_pages())
    top = [name.removeprefix("reference/") for name in pages if name.startswith("reference/")]
    sections = {
        "Guides": [name for name in pages if name.startswith("guides/")],
        "Reference": [f"reference/{name}" for name in top if "/" not in name or name.endswith("/index.md")],
        "More": ["examples/index.md", "commands/index.md", "changelog.md", "contributing.md", "security.md"],
    }
    pages["index.md"] += "".join(_contents(names, caption) for caption, names in sections.items())
    for index in [name for name in pages if name.endswith("/index.md")]:
        inner = [name for name in pages if name.startswith(index.removesuffix("index.md")) and name != index]
        pages[index] += _contents([name.rpartition("/")[2] for name in inner])
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in (ROOT / "examples" / "gallery.jpg", *(ROOT / "examples").glob("*.py")):
        shutil.copy(path, folder / "examples" / path.name)


def _contents(names: list[str], caption: str = "") -> str:
    """Return the part of the navigation with these pages."""
    options = [":hidden:", *([f":caption: {caption}"] if caption else [])]
    return "\n".join(["", "```{toctree}", *options, "", *(name.removesuffix(".md") for name in names), "```", ""])


def _documents() -> Iterator[tuple[str, str]]:
    """Yield the pages that are documents already."""
    sources = {
        "index.md": "README.md",
        "changelog.md": "CHANGELOG.md",
        "contributing.md": ".github/CONTRIBUTING.md",
        "security.md": ".github/SECURITY.md",
    }
    for page, source in sources.items():
        path = ROOT / source
        text = _relink(path.read_text(encoding="utf-8"), path, page)
        yield page, link_names(_with_titles(text), _guide_links("guides/")) if page == "index.md" else text


def _with_titles(text: str) -> str:
    """Return a document in which links to guides have the titles of the guides in place of the packages' names."""
    for name, page in re.findall(r"^\[(`\w+`)\]: guides/(\w+)\.md$", text, re.MULTILINE):
        text = re.sub(rf"\[{name}\](?!:)", f"[{GUIDES[page][0]}][{name}]", text)
    return text


def _guide_links(folder: str) -> dict[str, str]:
    """Return a link with the title of each guide by the name of its package."""
    existing = [(page, *one) for page, one in GUIDES.items() if (PACKAGE / one[1]).exists()]
    return {_module_name(source): f"[{title}]({folder}{page}.md)" for page, title, source in existing}


def _guides() -> Iterator[tuple[str, str]]:
    """Yield a page for each guide, which is a docstring of the package."""
    guides = _guide_links("")
    for page, (title, source) in GUIDES.items():
        path = PACKAGE / source
        if path.exists():
            text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            yield f"guides/{page}.md", f"# {title}\n\n{link_names(_FOR_CONTRIBUTORS.sub('', text), guides)}\n"


def _module_name(source: str) -> str:
    return ".".join(["heygen_async", *Path(source).with_suffix("").parts]).removesuffix(".__init__")


def _examples() -> Iterator[tuple[str, str]]:
    """Yield the list of the examples, and a page for each with its program."""
    path = ROOT / "examples" / "README.md"
    text = _relink(path.read_text(encoding="utf-8"), path, "examples/index.md")
    yield "examples/index.md", re.sub(r"`(\w+)\.py([^`]*)`", r"[`\1.py\2`](\1.md)", text)
    for example in sorted((ROOT / "examples").glob("*.py")):
        source = example.read_text(encoding="utf-8")
        about = ast.get_docstring(ast.parse(source)) or ""
        parts = [f"# {example.name}", about, _how_to_run(example, source), f"```python\n{source}```\n"]
        yield f"examples/{example.stem}.md", "\n\n".join(parts)


def _how_to_run(example: Path, source: str) -> str:
    """Return how to run an example without the repository: which files to save, and the extra to install."""
    names = [example.name, *(["local.py"] if "from local import" in source else [])]
    files = " and ".join(f"{{download}}`{name} <{name}>`" for name in names)
    together = " in one folder, and run it there" if len(names) > 1 else ""
    return f"Save {files}{together}. `pip install 'heygen-async[examples]'` installs what the examples need."


def _relink(text: str, path: Path, page: str) -> str:
    """Return a document whose links to files of the project lead to their pages."""
    up = "../" * page.count("/")

    def replace(match: re.Match[str]) -> str:
        target, _, section = match[2].partition("#")
        if not target or "://" in target:
            return match[0]
        return f"{match[1]}{up}{_page_of((path.parent / target).resolve())}{'#' + section if section else ''}"

    return _LINK.sub(replace, text)


def _page_of(path: Path) -> str:
    """Return the page that shows a file of the project."""
    relative = path.relative_to(ROOT).as_posix()
    known = {
        "README.md": "index.md",
        "CHANGELOG.md": "changelog.md",
        "examples": "examples/index.md",
        "examples/README.md": "examples/index.md",
        "examples/gallery.jpg": "examples/gallery.jpg",
        ".github/CONTRIBUTING.md": "contributing.md",
        ".github/SECURITY.md": "security.md",
    }
    guides = {f"heygen_async/{source}": f"guides/{page}.md" for page, (_, source) in GUIDES.items()}
    return (known | guides)[relative]
