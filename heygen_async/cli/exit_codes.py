"""The exit codes of all commands: `heygen-async`, the batch command, the MCP server and the emulator.

Codes 0 to 4 are those of HeyGen's own command line. The batch command adds 5 and 6. The errors are imported only when
an error is classified, so that help stays fast.
"""

DONE = 0
FAILED = 1
WRONG_USE = 2
NOT_ALLOWED = 3
TIMED_OUT = 4
ROWS_FAILED = 5
BUDGET_REACHED = 6
STOPPED = 130

MEANINGS = {
    DONE: "done",
    FAILED: "failed",
    WRONG_USE: "wrong use",
    NOT_ALLOWED: "not signed in or not allowed",
    TIMED_OUT: "the --timeout ran out",
    ROWS_FAILED: "rows of a batch failed",
    BUDGET_REACHED: "the --budget of a batch is used up",
    STOPPED: "stopped by a signal",
}


def describe_exit_codes(*codes: int) -> str:
    """Return a sentence for a command's help, about these codes or about all."""
    return f"Exit codes: {', '.join(f'{code} {MEANINGS[code]}' for code in codes or MEANINGS)}."


def exit_code_of(error: Exception) -> int:
    """Return the exit code of an error of the SDK or of click."""
    import click

    from .. import errors

    match error:
        case click.ClickException() | errors.InvalidInputError() | errors.ConfigurationError():
            return getattr(error, "exit_status", WRONG_USE)
        case errors.AuthenticationError() | errors.PermissionDeniedError():
            return NOT_ALLOWED
        case errors.WaitTimeoutError():
            return TIMED_OUT
        case errors.BudgetExceededError():
            return BUDGET_REACHED
        case _:
            return FAILED
