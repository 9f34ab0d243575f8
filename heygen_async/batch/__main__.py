"""`python -m heygen_async.batch SHEET`: the batch command, with text for people."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    # `cli` is a higher layer than `batch`. Only this command imports it, and no module imports this command.
    from ..cli.signals import exit_at_signals

    exit_at_signals()  # The imports take a second.
    from ..cli.batch import batch
    from ..cli.program import run_standalone

    raise SystemExit(run_standalone(batch, ["--human", *sys.argv[1:]], "python -m heygen_async.batch"))
