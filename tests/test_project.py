"""The package as a whole: its public names, its version, the cost of importing it."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import heygen_async

ROOT = Path(__file__).parent.parent
PACKAGE = Path(heygen_async.__file__).parent


def test_every_public_name_is_served_and_declared_for_type_checkers() -> None:
    source = (PACKAGE / "__init__.py").read_text()
    declared = re.findall(r"(\w+) as \1\b", source)
    for module in re.findall(r"from \.(\S+) import \*", source):
        declared += importlib.import_module(f"heygen_async.{module}").__all__
    assert sorted([*declared, "__version__"]) == sorted(heygen_async.__all__)
    assert len(set(declared)) == len(declared)
    for name in heygen_async.__all__:
        assert getattr(heygen_async, name) is not None
    assert dir(heygen_async) == sorted(heygen_async.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        heygen_async.nothing


def test_the_version_is_in_the_changelog() -> None:
    assert f"## {heygen_async.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_import_loads_no_dependency() -> None:
    code = "import sys, heygen_async; print(len([m for m in sys.modules if m.partition('.')[0] in {'aiohttp', 'msgspec', 'anyio'}]))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "0"
    )


def test_a_resource_without_jobs_imports_no_waits() -> None:
    code = "import sys, heygen_async.resources.users; print('heygen_async._jobs.waiting' in sys.modules)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.strip() == "False"
