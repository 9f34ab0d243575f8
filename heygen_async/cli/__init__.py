"""The command line: `heygen-async`, and the batch command that it contains. https://developers.heygen.com/commands

```sh
heygen-async video-agent create --prompt "A 30-second tour of our new app" --wait | jq -r .data.video_url
heygen-async voice list --language English --all | jq -r .name
heygen-async video create --request-schema
```

`heygen-async NOUN VERB` has every operation, with the commands and flags of HeyGen's own command line. Commands print
JSON to stdout and nothing else. They print one error object, and notices of a line each, to stderr. At a
terminal an error is text.

| option | effect |
|---|---|
| `--wait` | prints the finished result |
| `-d` | takes a body |
| `--all` | prints every page as JSON Lines |
| `--human` (the extra `progress`) | prints tables for people, as `config set output human` and `HEYGEN_OUTPUT` do |
| `--headers NAME:VALUE` | sends a header |

Some commands are no operation of the API:

| command | effect |
|---|---|
| `auth login` | stores an API key for this user |
| `config set` | stores a setting, such as the output of commands |
| `demo` | creates a sample video with the local HeyGen, in seconds and without a key |
| `batch`, `worker` | create a job for each row of a sheet, on this machine or on several |
| `upload`, `video download` | transfer files, with a progress bar |
| `watch`, `listen` | print the states of a job, and the webhook events of the account |
| `api` | calls an endpoint that has no command |
| `mcp` | serves the operations as tools to MCP hosts |
| `agents-md` | prints a guide for coding agents |
| `doctor` | compares the responses of HeyGen with its contract |
| `completion` | prints the tab completion for a shell |

pip updates the package.

`heygen-async doctor` calls each operation that only reads and costs nothing, once and slowly, and compares the
responses with HeyGen's published contract. It reports what breaks the contract (exit code 1) and what the contract
does not have yet. The report names fields and types but no values, so it can be part of a public issue. `--json`
prints it for a program.

All commands (`heygen-async`, the batch, the MCP server and the local HeyGen) share one table of exit codes:

| code | meaning |
|---|---|
| 0 | done |
| 1 | failed |
| 2 | wrong use |
| 3 | not signed in or not allowed |
| 4 | the `--timeout` ran out |
| 5 | rows of a batch failed |
| 6 | the `--budget` of a batch is used up |
| 130 | stopped by a signal |

Files of the package
--------------------

* `program.py`: the group of all commands, and the ways in which a command can end.
* `operation_commands.py`: commands built from the catalog of operations when they are first used.
* `flags.py`: options built from JSON Schemas, and the parsers of their values.
* `agents_md.py`, `api.py`, `auth.py`, `batch.py`, `completion.py`, `config.py`, `demo.py`, `doctor.py`, `download.py`,
  `listen.py`, `upload.py`, `watch.py`, `worker.py`: one command in each.
* `temporal.py`: the connection to Temporal of `batch` and `worker`.
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
