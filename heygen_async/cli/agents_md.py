"""`heygen-async agents-md`: the guide for coding agents, in the form of a SKILL.md. Its text is `agents_guide.md`."""

from __future__ import annotations

from pathlib import Path

import click

from . import exit_codes, output


@click.command("agents-md")
def agents_md() -> int:
    """Print a guide for coding agents: heygen-async agents-md > .claude/skills/heygen-async/SKILL.md."""
    output.print_text(Path(__file__).with_name("agents_guide.md").read_text(encoding="utf-8").rstrip("\n"))
    return exit_codes.DONE
