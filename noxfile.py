"""The checks of the project, by `nox -s NAME`. `nox` alone runs tests, lint and types; `nox --list` names all."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import nox

nox.options.sessions = ["tests", "lint", "types"]
nox.options.default_venv_backend = "venv"

HERE = Path(__file__).parent
EXTRAS = "examples,mcp,oauth,otel,progress,redis,socks,temporal,truststore"
OLDEST = "3.11"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PYPROJECT = nox.project.load_toml(HERE / "pyproject.toml")
#: More workers than two cores, as many tests wait for processes.
WORKERS = ("-p", "no:cacheprovider", "-n", "4", "--dist", "loadgroup")


def output_of(program: str, *arguments: str, **environment: str) -> str:
    """Run a program and return its output; return an empty string if it is missing or fails."""
    if shutil.which(program) is None:
        return ""
    command = [program, *arguments]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ | environment)
    return ended.stdout.strip() if ended.returncode == 0 else ""


def eager_pythons() -> list[str]:
    """Return each Python from 3.12 on that is installed: on PATH or, by its path, among those of pyenv."""
    found = [path for minor in range(12, 15) if (path := find_python(f"python3.{minor}"))]
    return found or ["3.12"]


def find_python(name: str) -> str:
    """Return what starts this Python; return an empty string if it is not installed."""
    if output_of(name, "--version"):  # a pyenv shim can be on PATH and yet start nothing
        return name
    listed = output_of("pyenv", "versions", "--bare")
    version = re.escape(name.removeprefix("python"))
    found = (
        output_of("pyenv", "which", name, PYENV_VERSION=installed)
        for installed in re.findall(rf"^{version}\.\d+$", listed, re.MULTILINE)
    )
    return next(filter(None, found), "")


#: Soak runs: the tests of each, its variable and the value of a long run.
SOAKS = {
    "batches": (["tests/batch"], "HEYGEN_ASYNC_BATCH_ROWS", "10000"),
    "crashes": (["tests/batch/test_crashes.py"], "HEYGEN_ASYNC_CRASHES", "100"),
    "fleet": (["tests/distributed/test_limiters.py"], "HEYGEN_ASYNC_FLEET_ROWS", "200"),
    "kills": (
        ["tests/batch/test_kills.py", "tests/batch/test_disk_failures.py", "tests/batch/test_journal_losses.py"],
        "HEYGEN_ASYNC_KILLS",
        "200",
    ),
    "limits": (["tests/_http/test_memory_limits.py"], "HEYGEN_ASYNC_LIMITS", "8"),
    "mutations": (["tests/_http/test_response_mutations.py"], "HEYGEN_ASYNC_MUTATIONS", "20000"),
    "paths": (["tests/types/test_file_fields.py"], "HEYGEN_ASYNC_PATHS", "2000"),
    "properties": (["tests", "-m", "hypothesis"], "HEYGEN_ASYNC_EXAMPLES", "2000"),
    "secrets": (["tests/test_secrets.py"], "HEYGEN_ASYNC_SECRETS", "3000"),
    "sheets": (["tests/batch/test_sheet_fuzz.py"], "HEYGEN_ASYNC_SHEETS", "2000"),
    "signals": (["tests/cli/test_signals.py"], "HEYGEN_ASYNC_SIGNALS", "20"),
    "swaps": (["tests/_files/test_local_files.py"], "HEYGEN_ASYNC_SWAPS", "10000"),
    "webhooks": (["tests/webhooks/test_store_outages.py"], "HEYGEN_ASYNC_WEBHOOK_EVENTS", "10000"),
    "workflows": (["tests/resources/test_workflows.py"], "HEYGEN_ASYNC_WORKFLOW_RUNS", "1000"),
}


@nox.session
def tests(session: nox.Session) -> None:
    """Run the suite against the built wheel, with asyncio's debug mode."""
    install(session, "test")
    run_pytest(session, *WORKERS, "--asyncio-debug", str(HERE / "tests"), *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Run the suite and fail if less than the share of the code in pyproject.toml runs. It takes half as long again."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "distributed"))
    install(session, "test")
    options = ["--cov", f"--cov-config={HERE / 'pyproject.toml'}", "--cov-report=term"]
    run_pytest(session, *WORKERS, *options, str(HERE / "tests"), *session.posargs)


def tests_on(session: nox.Session) -> None:
    """Run the suite on one version of Python."""
    install(session, "test")
    run_pytest(session, *WORKERS, str(HERE / "tests"), *session.posargs)


for version in PYTHONS:
    nox.session(tests_on, name=f"tests-{version}", python=find_python(f"python{version}") or version)


@nox.session
def prerelease(session: nox.Session) -> None:
    """Run the suite with pre-releases of the dependencies; it may fail, which announces a change."""
    wheel = f"{built(session)}[{EXTRAS}]"
    session.install("--pre", wheel, *nox.project.dependency_groups(PYPROJECT, "test"))
    run_pytest(session, *WORKERS, str(HERE / "tests"), *session.posargs)


@nox.session(reuse_venv=True)
def fast(session: nox.Session) -> None:
    """Run the suite without the slow tests, against the checkout. Installs only after pyproject.toml changed."""
    stamp = Path(session.virtualenv.location) / "installed.toml"
    pyproject = (HERE / "pyproject.toml").read_bytes()
    if not stamp.exists() or stamp.read_bytes() != pyproject:
        session.install("-e", f"{HERE}[{EXTRAS}]", *nox.project.dependency_groups(PYPROJECT, "test"))
        stamp.write_bytes(pyproject)
    session.run("python", "-m", "pytest", *WORKERS, "-m", "not slow", *session.posargs)


@nox.session(python=eager_pythons())
def eager(session: nox.Session) -> None:
    """Run the suite under `asyncio.eager_task_factory`, on each Python from 3.12 on that is installed."""
    install(session, "test")
    run_pytest(session, *WORKERS, "--eager", str(HERE / "tests"), *session.posargs)


@nox.session
def uvloop(session: nox.Session) -> None:
    """Run the suite on uvloop, without the tests whose clock jumps."""
    install(session, "test")
    run_pytest(session, *WORKERS, "--uvloop", str(HERE / "tests"), *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Run one long test by its name: `nox -s soak -- kills`. Each has one variable for its size."""
    name, *options = session.posargs or [""]
    if name not in SOAKS:
        session.error(f"name one of the soak runs after --: {', '.join(SOAKS)}")
    arguments, variable, size = SOAKS[name]
    selected = [str(HERE / argument) if argument.startswith("tests") else argument for argument in arguments]
    size = os.environ.get(variable, size)
    session.log(f"{variable}={size}")
    install(session, "test")
    run_pytest(session, "-s", *selected, *options, HYPOTHESIS_PROFILE="soak", **{variable: size})


@nox.session
def distributed(session: nox.Session) -> None:
    """Run batches on a real Temporal server, with workers that are killed. One variable sets the number of rows."""
    size = os.environ.get("HEYGEN_ASYNC_DISTRIBUTED_ROWS", "40")
    install(session, "distributed", extras="redis,temporal")
    run_pytest(
        session, "-s", "-p", "no:cacheprovider", str(HERE / "tests" / "distributed" / "temporal"), *session.posargs,
        HEYGEN_ASYNC_DISTRIBUTED_ROWS=size,
    )  # fmt: skip


@nox.session
def agents(session: nox.Session) -> None:
    """Run the MCP server with the TypeScript SDK's client, and compile all schemas with Ajv. It needs Node.js."""
    if not shutil.which("npm"):
        session.skip("npm is not installed")
    folder = Path(session.create_tmp()).resolve() / "node"
    folder.mkdir(exist_ok=True)
    packages = ("@modelcontextprotocol/sdk@1", "ajv@8")
    session.run("npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *packages, external=True)
    install(session, "test")
    test = str(HERE / "tests" / "mcp" / "test_node_packages.py")
    run_pytest(session, "-s", test, *session.posargs, HEYGEN_ASYNC_NODE_MODULES=str(folder))


@nox.session
def live(session: nox.Session) -> None:
    """Compare HeyGen's responses with the contract. It needs HEYGEN_API_KEY, only reads, and costs nothing."""
    if not os.environ.get("HEYGEN_API_KEY"):
        session.skip("HEYGEN_API_KEY is not set")
    session.install(str(built(session)))
    session.run("heygen-async", "doctor", *session.posargs)


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
    """Run the suite with the lowest versions of the dependencies that pyproject.toml allows, on the oldest Python.

    The tools of the tests, and what the dependencies need themselves, stay the newest ones that fit.
    """
    folder = Path(session.create_tmp()).resolve()
    project = str(HERE / "pyproject.toml")
    resolve = ("uv", "pip", "compile", "--quiet", "--resolution=lowest-direct", f"--python-version={OLDEST}", project)
    extras = [f"--extra={extra}" for extra in EXTRAS.split(",")]
    session.install("uv")
    declared = re.findall(r"^[\w-]+==", session.run(*resolve, *extras, "--no-deps", silent=True) or "", re.MULTILINE)
    fitting = session.run(*resolve, *extras, f"--group={project}:test", silent=True) or ""
    lowest_versions = [line for line in fitting.splitlines() if line.startswith(tuple(declared))]
    (folder / "lowest.txt").write_text("\n".join(lowest_versions))
    install(session, "test", f"--constraint={folder / 'lowest.txt'}")
    session.run(*resolve, "--no-deps", f"--output-file={folder / 'package.txt'}")
    session.install("--no-deps", f"--requirement={folder / 'package.txt'}")  # the examples need newer ones
    run_pytest(session, *WORKERS, str(HERE / "tests"), *session.posargs)


@nox.session
def types(session: nox.Session) -> None:
    """Run mypy and pyright in strict mode, and check that every public symbol is typed."""
    install(session, "types")
    session.run("mypy", "--strict", "heygen_async", "examples")
    session.run("pyright")
    session.run("python", "tests/typing/check.py")
    with session.chdir(session.create_tmp()):
        session.run("pyright", "--verifytypes", "heygen_async", "--ignoreexternal")


@nox.session
def build(session: nox.Session) -> None:
    """Build the wheel and the sdist, check both, and start the wheel's first program and its MCP server."""
    session.install("uv", *nox.project.dependency_groups(PYPROJECT, "release"))
    folder = Path(session.create_tmp()).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(folder / "dist"), str(HERE))
    (wheel,) = (folder / "dist").glob("*.whl")
    session.run("twine", "check", "--strict", *map(str, (folder / "dist").iterdir()))
    session.run("check-wheel-contents", str(wheel))
    session.run("python", "-m", "venv", str(folder / "clean"))
    clean = folder / "clean" / ("Scripts" if os.name == "nt" else "bin") / "python"
    session.run(str(clean), "-m", "pip", "install", "--quiet", str(wheel), external=True)
    with session.chdir(folder):
        session.run(str(clean), "-P", "-W", "error", "-m", "heygen_async", "demo", external=True)
        # The server ends at once, because its stdin does.
        start = "import subprocess, sys; subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, check=True)"
        server = ("uvx", "--from", f"{wheel}[mcp]", "heygen-async", "mcp")
        session.run("python", "-c", start, *server, env={"HEYGEN_API_KEY": "k"})


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site in build/docs/site with warnings as errors; check its links and the size of its first page."""
    install(session, "docs", extras="mcp,oauth,progress,redis")
    tools, folder = HERE / "tests" / "docs" / "site", HERE / "build" / "docs"
    session.run("python", "-P", str(tools / "build.py"), str(folder))
    session.run("python", "-P", str(tools / "check.py"), str(folder / "site"))


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the rows of benchmarks/results.md."""
    install(session, "bench", extras="mcp")
    session.run("python", "-P", "benchmarks/run.py", env={"PYTHONPATH": os.fspath(HERE / "benchmarks")})


def install(session: nox.Session, group: str, *options: str, extras: str = EXTRAS) -> None:
    """Install the built wheel with these extras, and a dependency group of pyproject.toml; pass options to pip."""
    wheel = f"{built(session)}[{extras}]" if extras else str(built(session))
    session.install(*options, wheel, *nox.project.dependency_groups(PYPROJECT, group))


def run_pytest(session: nox.Session, *arguments: str, **environment: str) -> None:
    """Run pytest in an empty folder with `python -P`, so that the installed wheel is imported, not the checkout."""
    with session.chdir(Path(session.create_tmp()).resolve()):
        program = "import heygen_async; print(heygen_async.__file__)"
        imported = session.run("python", "-P", "-c", program, silent=True) or ""
        if "site-packages" not in imported:
            session.error(f"the tests would import {imported.strip()}, not the installed wheel")
        session.run(
            "python", "-P", "-m", "pytest", "-c", str(HERE / "pyproject.toml"), "--rootdir", str(HERE), *arguments,
            env={"PYTHONPATH": "", **environment},
        )  # fmt: skip


def built(session: nox.Session) -> Path:
    """Build the wheel of this checkout; fail if it is larger than 1 MiB."""
    folder = Path(session.create_tmp()).resolve() / "dist"
    session.run("python", "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(HERE))
    wheel = max(folder.glob("*.whl"), key=lambda path: path.stat().st_mtime)
    if wheel.stat().st_size > 1 << 20:
        session.error(f"{wheel.name} is larger than 1 MiB")
    return wheel
