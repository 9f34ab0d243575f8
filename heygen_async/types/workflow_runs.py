"""Runs of workflows: their states, their nodes and their outputs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Required, TypedDict

from msgspec import Meta

from .base import JSONValue, OpenEnum, ResponseStruct, as_datetime


class WorkflowRunStatus(OpenEnum):
    """The state of a run; the last four are final. `partial`: some nodes failed, and others have a result."""

    PENDING = "pending"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELED = "canceled"


class WorkflowNodeStatus(OpenEnum):
    """The state of a node; the last four are final. `skipped`: a node before it failed."""

    PENDING = "pending"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELED = "canceled"


class WorkflowOutputStatus(OpenEnum):
    """The state of an output."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"


class OutputDelivery(OpenEnum):
    """The place of an output's content: `value` (inline) or `url` (reference)."""

    INLINE = "inline"
    REFERENCE = "reference"


class RunVersion(ResponseStruct):
    """The workflow and the version that a run executes. `id` is the workflow's."""

    id: str
    version_id: str | None = None
    version_number: int | None = None


class WorkflowRunProgress(ResponseStruct):
    """The number of nodes in each state."""

    total: int
    pending: int = 0
    processing: int = 0
    succeeded: int = 0
    failed: int = 0
    skipped: int = 0
    canceled: int = 0

    @property
    def percentage(self) -> int:
        """The share of nodes that have ended, from 0 to 100."""
        ended = self.succeeded + self.failed + self.skipped + self.canceled
        return ended * 100 // self.total if self.total else 0

    @property
    def by_state(self) -> dict[str, int]:
        """The number of nodes in each state that has nodes."""
        counts = {name: getattr(self, name) for name in WorkflowNodeStatus}
        return {str(name): count for name, count in counts.items() if count}


class WorkflowError(ResponseStruct):
    """The reason why a run or a node failed. `node_id` is the node at fault."""

    code: str | None = None
    message: str | None = None
    node_id: str | None = None


class WorkflowRunOutput(ResponseStruct):
    """An output of a run.

    A small output has its `value` (at most 64 KiB; 256 KiB for all outputs together). A larger one has a presigned
    `url` that each status request makes anew; it expires after `expires_in` seconds.
    """

    name: str
    type: str | None = None
    status: WorkflowOutputStatus | None = None
    delivery: OutputDelivery | None = None
    artifact_id: str | None = None
    value: JSONValue = None
    url: str | None = None
    expires_in: int | None = None
    is_public: bool | None = None


class WorkflowRunNode(ResponseStruct):
    """A node of a run. Times are RFC 3339 texts."""

    node_id: str
    node_type: str | None = None
    status: WorkflowNodeStatus | None = None
    started_at: str | None = None
    completed_at: str | None = None
    error: WorkflowError | None = None

    @property
    def started(self) -> datetime | None:
        """`started_at` as an aware datetime."""
        return as_datetime(self.started_at)

    @property
    def completed(self) -> datetime | None:
        """`completed_at` as an aware datetime."""
        return as_datetime(self.completed_at)


class WorkflowRunSummary(ResponseStruct):
    """A run as lists return it. `created_at` is an RFC 3339 text."""

    id: str
    version_id: str | None = None
    status: WorkflowRunStatus | None = None
    created_at: str | None = None

    @property
    def created(self) -> datetime | None:
        """`created_at` as an aware datetime."""
        return as_datetime(self.created_at)


class WorkflowRun(ResponseStruct):
    """A run. Times are RFC 3339 texts.

    `failed_nodes` is set by the SDK, not by the API: waits set it when the run ends `partial` or `failed`.
    """

    id: str
    workflow: RunVersion | None = None
    status: WorkflowRunStatus | None = None
    created_at: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    progress: WorkflowRunProgress | None = None
    error: WorkflowError | None = None
    outputs: list[WorkflowRunOutput] | None = None
    failed_nodes: list[WorkflowRunNode] | None = None

    @property
    def created(self) -> datetime | None:
        """`created_at` as an aware datetime."""
        return as_datetime(self.created_at)

    @property
    def started(self) -> datetime | None:
        """`started_at` as an aware datetime."""
        return as_datetime(self.started_at)

    @property
    def completed(self) -> datetime | None:
        """`completed_at` as an aware datetime."""
        return as_datetime(self.completed_at)

    @property
    def url(self) -> str | None:
        """The URL of the first output that has one, which `download` takes by default."""
        return next((output.url for output in self.outputs or () if output.url), None)


class WorkflowRunRequest(TypedDict, total=False):
    """The arguments of `workflow_runs.create`."""

    workflow_id: Required[Annotated[str, Meta(description="The workflow, from `workflows.create`.")]]
    version_number: Annotated[int | None, Meta(description="Its version, from 1; by default the latest.")]
    inputs: Annotated[
        Mapping[str, JSONValue] | None, Meta(description="The graph's inputs by their names. At most 1 MiB in all.")
    ]
