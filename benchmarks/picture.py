"""The picture of the results: six everyday works, this SDK beside what a program would use instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from rows import Row

mpl.use("Agg")
from matplotlib import pyplot as plt

OURS = "heygen_async"
#: The row of each work, its title and unit; what else to show, by its name in the row, and the name in the picture.
WORKS: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "import heygen_async": (
        "Import the package",
        "ms",
        {"requests + pydantic": "requests + pydantic", "generated (runwayml)": "a generated SDK"},
    ),
    "one request, 1 in flight": (
        "Fetch a video",
        "µs CPU",
        {"requests": "requests", "httpx + pydantic": "httpx + pydantic", "generated (runwayml)": "a generated SDK"},
    ),
    "one request, 64 in flight": (
        "Fetch videos, 64 at once",
        "µs CPU each",
        {"httpx + pydantic": "httpx + pydantic", "generated (runwayml)": "a generated SDK"},
    ),
    "a page of 100 voices": ("Decode 100 voices", "µs", {"json": "json, untyped", "pydantic": "pydantic"}),
    "10,000 waits: requests": (
        "Wait for 10,000 videos",
        "requests",
        {"a poller in each task": "a polling loop each"},
    ),
    "download, 512 MiB to disk, flushed": (
        "Download 512 MiB",
        "ms",
        {"curl -o, not flushed": "curl (not flushed)"},
    ),
}
_COLORS = ("#2a9d6f", "#b8bfc6")  # of ours, of others


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draw the works that are among the rows."""
    by_name = {row.name: row for row in rows}
    works = [(by_name[name], *work) for name, work in WORKS.items() if name in by_name]
    figure, axes = plt.subplots(-(-len(works) // 2), 2, figsize=(11, 1.9 * -(-len(works) // 2) + 0.7), squeeze=False)
    for place, (row, title, unit, others) in zip(axes.flat, works, strict=False):
        bars = {OURS: row.ours, **{shown: row.others[name] for name, shown in others.items() if name in row.others}}
        draw_work(place, f"{title} ({unit})", bars)
    for place in list(axes.flat)[len(works) :]:
        place.axis("off")
    figure.suptitle("Six everyday works; shorter is better, each scale is logarithmic", fontsize=12, x=0.5)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def draw_work(place: plt.Axes, title: str, bars: Mapping[str, float]) -> None:
    names = list(bars)
    place.barh(names, list(bars.values()), color=[_COLORS[name != OURS] for name in names], log=True)
    place.set_xlim(min(bars.values()) / 3, max(bars.values()) * 6)  # space for the figures
    place.set_title(title, fontsize=10, loc="left")
    place.invert_yaxis()
    place.set_xticks([])
    place.minorticks_off()
    for side in ("top", "right", "bottom"):
        place.spines[side].set_visible(False)
    for number, (name, value) in enumerate(bars.items()):
        times = "" if name == OURS else f"  ({value / bars[OURS]:.1f} ×)"
        place.text(value * 1.08, number, f"{value:,.0f}{times}", va="center", fontsize=9)
