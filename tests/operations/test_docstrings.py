"""Tools keep their descriptions without docstrings."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import json
from heygen_async import AsyncHeyGen, tools
found = tools(AsyncHeyGen("key"))
print(json.dumps([[one.name, one.description, one.input_schema, one.output_schema] for one in found]))
"""


@pytest.mark.slow
def test_tools_are_the_same_without_docstrings() -> None:
    plain, optimized = (
        subprocess.run([sys.executable, *flags, "-c", PROGRAM], capture_output=True, check=True).stdout
        for flags in ([], ["-OO"])
    )
    assert plain
    assert optimized == plain
