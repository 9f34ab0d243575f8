"""Holds mypy and pyright to `misuse.py`: each must find every marked line, and no other. Ends with 1 when not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

MISUSE = Path(__file__).parent / "misuse.py"


def marked() -> set[int]:
    lines = MISUSE.read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if line.endswith("# wrong")}


def by_mypy() -> set[int]:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--show-error-codes", str(MISUSE)]
    out = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return {int(number) for number in re.findall(r"misuse\.py:(\d+): error:", out)}


def by_pyright() -> set[int]:
    command = [sys.executable, "-m", "pyright", "--outputjson", str(MISUSE)]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    return {
        entry["range"]["start"]["line"] + 1 for entry in found["generalDiagnostics"] if entry["severity"] == "error"
    }


def main() -> int:
    wrong = marked()
    failed = False
    for name, found in (("mypy", by_mypy()), ("pyright", by_pyright())):
        missed, added = sorted(wrong - found), sorted(found - wrong)
        print(f"{name}: {len(wrong & found)} of {len(wrong)} misuses found; missed {missed}; besides {added}")
        failed |= bool(missed or added)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
