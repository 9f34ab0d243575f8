"""The command line: `heygen-async`, and the batch command that it contains. https://developers.heygen.com/commands

Commands print JSON to stdout and one JSON object about an error to stderr. `--human` prints tables instead.

* `program.py`: the group of all commands, and the ways in which a command can end.
* `operation_commands.py`: commands built from the catalog of operations when they are first used.
* `flags.py`: options built from JSON Schemas, and the parsers of their values.
* `api.py`, `auth.py`, `batch.py`, `completion.py`, `config.py`, `doctor.py`, `download.py`, `listen.py`,
  `upload.py`, `watch.py`: one command in each.
* `doctor_calls.py`, `contract_check.py`: the calls of `doctor`, and the comparison of responses with the contract.
* `batch_steps.py`: the steps of the batch command.
* `batch_reports.py`: the output of the batch command, as JSON Lines or as text.
* `signals.py`: the signals that end a command, which the MCP server and the emulator share.
* `running.py`: running a command's coroutine, confirmation, progress bars, shared options.
* `settings.py`: the settings that `config` stores.
* `output.py`, `tables.py`: stdout and notices; tables for people.
* `error_reports.py`: error messages, hints and the exit code of each error.
* `exit_codes.py`: the one table of exit codes, which the MCP server and the emulator share.
* `command_names.py`: command names in place of method names in texts.
"""
