"""What the project is held to: `nox -s tests`, `lint`, `types`, `bench`."""

from __future__ import annotations

import os
from pathlib import Path

import nox

nox.options.sessions = ["tests", "lint", "types"]
nox.options.default_venv_backend = "venv"

HERE = Path(__file__).parent
EXTRAS = "examples,mcp,oauth,progress,redis"
OLDEST = "3.11"
CORE_TESTS = ("_http", "_files", "_jobs", "auth", "webhooks", "resources", "operations", "test_errors.py")
PYPROJECT = nox.project.load_toml(HERE / "pyproject.toml")


@nox.session
def tests(session: nox.Session) -> None:
    """The suite, against the built wheel, in an empty folder, so that the checkout cannot be what is imported."""
    install(session, "test")
    work = Path(session.create_tmp()).resolve()
    with session.chdir(work):
        where = (
            session.run("python", "-P", "-c", "import heygen_async; print(heygen_async.__file__)", silent=True) or ""
        )
        if "site-packages" not in where:
            session.error(f"the tests would run against {where.strip()}, not the wheel")
        session.run(
            "python", "-P", "-m", "pytest", "-c", str(HERE / "pyproject.toml"), "--rootdir", str(HERE),
            "-p", "no:cacheprovider", "-n", "auto", "--maxprocesses", "4",
            "--cov", f"--cov-config={HERE / 'pyproject.toml'}", "--cov-report=term", str(HERE / "tests"),
            *session.posargs, env={"PYTHONPATH": "", "PYTHONASYNCIODEBUG": "1"},
        )  # fmt: skip


@nox.session
def soak(session: nox.Session) -> None:
    """A batch is killed 200 times, in each of five ways to make it. Takes about half an hour."""
    install(session, "test")
    session.run(
        "python", "-P", "-m", "pytest", "-c", str(HERE / "pyproject.toml"), "--rootdir", str(HERE), "-s",
        "-p", "no:cacheprovider", str(HERE / "tests" / "batch" / "test_kills.py"), *session.posargs,
        env={"HEYGEN_ASYNC_KILLS": "200"},
    )  # fmt: skip


@nox.session
def lint(session: nox.Session) -> None:
    """Check the format, the rules and the layers of the package."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "lint"))
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("lint-imports", "--no-cache")


@nox.session
def minimal(session: nox.Session) -> None:
    """Import every module that needs no extra, with only the declared dependencies installed."""
    session.install(str(built(session)))
    session.run("python", "-P", "-W", "error", str(HERE / "tests" / "import_everything.py"))


@nox.session(python=OLDEST)
def lowest(session: nox.Session) -> None:
    """Run the tests of the core with the lowest allowed dependencies, on the oldest Python."""
    dependencies = PYPROJECT["project"]["dependencies"]
    extras = PYPROJECT["project"]["optional-dependencies"]
    pinned = [*dependencies, *extras["oauth"], *extras["progress"], *extras["redis"]]
    session.install(
        str(built(session)),
        *(requirement.replace(">=", "==") for requirement in pinned),
        *nox.project.dependency_groups(PYPROJECT, "test"),
    )
    folders = [str(HERE / "tests" / name) for name in CORE_TESTS]
    session.run(
        "python", "-P", "-m", "pytest", "-c", str(HERE / "pyproject.toml"), "--rootdir", str(HERE),
        "-p", "no:cacheprovider", *folders, *session.posargs, env={"PYTHONPATH": ""},
    )  # fmt: skip


@nox.session
def types(session: nox.Session) -> None:
    """Both checkers, strict, and every public symbol typed."""
    install(session, "types")
    session.run("mypy", "--strict", "heygen_async", "examples")
    session.run("pyright")
    session.run("python", "tests/typing/check.py")
    with session.chdir(session.create_tmp()):
        session.run("pyright", "--verifytypes", "heygen_async", "--ignoreexternal")


@nox.session
def bench(session: nox.Session) -> None:
    """The rows of benchmarks/results.md, measured anew."""
    install(session, "bench", extras="")
    session.run("python", "-P", "benchmarks/run.py", env={"PYTHONPATH": os.fspath(HERE / "benchmarks")})


def install(session: nox.Session, group: str, extras: str = EXTRAS) -> None:
    """Install the built wheel with these extras, and a dependency group of pyproject.toml."""
    wheel = f"{built(session)}[{extras}]" if extras else str(built(session))
    session.install(wheel, *nox.project.dependency_groups(PYPROJECT, group))


def built(session: nox.Session) -> Path:
    """The wheel of this checkout, at most 1 MiB."""
    folder = Path(session.create_tmp()).resolve() / "dist"
    session.run("python", "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(HERE))
    wheel = max(folder.glob("*.whl"), key=lambda path: path.stat().st_mtime)
    if wheel.stat().st_size > 1 << 20:
        session.error(f"{wheel.name} is larger than 1 MiB")
    return wheel
