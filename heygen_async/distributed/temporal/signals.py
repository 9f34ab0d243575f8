"""The bridge from webhooks to workflows: an event about a job wakes the workflow of its row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from .workflow import MakeRow, workflow_id

if TYPE_CHECKING:
    from ...types.webhooks import Event
    from ...webhooks import WebhookReceiver


def signal_events(receiver: WebhookReceiver, client: Client) -> None:
    """Wake the workflow of a row when HeyGen sends an event about its job.

    An event names the row by its `callback_id`, the mark of the job. Events without a `callback_id`, with a
    foreign one, or without a valid signature wake nothing. The receiver repeats a signal while Temporal cannot be
    reached; create it with `acknowledge="after_handlers"`, so that HeyGen delivers the event again after a crash.

    Args:
        receiver: The endpoint that HeyGen calls.
        client: A Temporal client.
    """

    @receiver.on()
    async def signal_workflow(event: Event) -> None:
        data = event.raw.get("event_data")
        mark = data.get("callback_id") if event.verified and isinstance(data, dict) else None
        if not isinstance(mark, str):
            return
        try:
            await client.get_workflow_handle(workflow_id(mark)).signal(MakeRow.receive_event)
        except RPCError as error:
            if error.status not in {RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT}:
                raise
