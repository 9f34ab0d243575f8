"""Run all benchmarks, print their rows, and write results.md and results.png beside this file."""

from __future__ import annotations

import platform
from pathlib import Path

import batch
import events
import five_minutes
import import_time
import matplotlib as mpl
import one_create
import one_request
import page_of_voices
import rate_limits
import small_files
import transfers
import waits

mpl.use("Agg")
from matplotlib import pyplot as plt

HERE = Path(__file__).parent
HEAD = "| row | floor | ours | ratio | goal | reached | others, in the same unit |\n|---|---|---|---|---|---|---|"

CURVE = (
    "## Many waits\n\nTime runs ten times faster than real time. The delays between polls are a tenth of those for "
    "a video (at most 1.2 s).\nJobs end between 5 and 15 s.\n\n"
)


def main() -> None:
    rows = [
        row
        for module in (
            one_request,
            one_create,
            small_files,
            page_of_voices,
            import_time,
            five_minutes,
            transfers,
            events,
            batch,
            rate_limits,
        )
        for row in module.measure()
    ]
    wait_rows, curve = waits.measure()
    rows += wait_rows
    table = "\n".join([HEAD, *(row.line() for row in rows)])
    print(table)
    print(curve)
    introduction = (
        "# Results\n\nWritten by `nox -s bench`. Every ratio is of one run, on loopback, the server on one core and "
        "the\nclient on the other, medians of interleaved rounds. "
        f"Python {platform.python_version()}, {platform.machine()}.\n\n"
    )
    (HERE / "results.md").write_text(
        introduction + table + "\n\n![ratios to their goals](results.png)\n\n" + CURVE + curve + "\n", encoding="utf-8"
    )
    figure, axes = plt.subplots(figsize=(8, 0.6 * len(rows) + 1))
    names = [row.name for row in rows]
    axes.barh(names, [row.ratio / row.goal for row in rows], color=["#2a7" if row.reached else "#c43" for row in rows])
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xlabel("ratio to the floor, as a share of the goal (shorter is better)")
    axes.invert_yaxis()
    figure.tight_layout()
    figure.savefig(HERE / "results.png", dpi=90)


if __name__ == "__main__":
    main()
