"""`heygen.workflow_runs`: runs of workflows, and their outputs. HeyGen's reference calls workflows a preview."""

from __future__ import annotations

from typing import Unpack

from .._http.argument_checks import check_keywords
from .._http.operation import operation
from .._http.signatures import show_parameters
from .._jobs.registry import WORKFLOW_RUN, WORKFLOW_RUN_NODES
from .._jobs.wait_options import AndWait
from ..pagination import Pager
from ..types import workflow_runs as models
from .base import Resource


class RunAndWait(models.WorkflowRunRequest, AndWait, total=False):
    """The arguments of `create_and_wait`."""


class WorkflowRuns(Resource):
    """Runs of workflows, which are a preview. An account without access to it gets a 403 or 404 error.

    A run ends `succeeded`, `partial`, `failed` or `canceled`. A wait returns a run that is `partial`: it has outputs,
    and `failed_nodes` names the nodes that failed. `download(run, path)` downloads its first output with a URL;
    `url_field="outputs.NAME.url"` selects one by its name. https://developers.heygen.com/reference
    """

    @operation(
        "create_workflow_run",
        "POST",
        "/v3/workflow-runs",
        idempotency="permanent",
        billable=True,
        preview=True,
        wait="workflow_run",
    )
    async def create(
        self, *, idempotency_key: str | None = None, **request: Unpack[models.WorkflowRunRequest]
    ) -> models.WorkflowRun:
        """Start a run of a workflow. A preview.

        Costs credit, by the nodes that run. HeyGen never forgets the key of a run: the same key and body return the run
        that exists, at any later time and without a charge.

        Args:
            idempotency_key: The key under which HeyGen recognises a repeat for ever; by default a new one. Another body
                under the same key is a conflict.
            **request: The fields of `WorkflowRunRequest`.

        Raises:
            ConflictError: The key was used with another body, the workflow is archived (`workflow_archived`), or HeyGen
                admits no further run (`workflow_run_admission_refused`).
            ServerError: HeyGen could not confirm the run (503). Repeat the call with the same body and the error's
                `idempotency_key`.
        """
        check_keywords(self.create, request)
        return await self._call(self.create, models.WorkflowRun, body=dict(request), key=idempotency_key)

    @show_parameters
    async def create_and_wait(self, **request: Unpack[RunAndWait]) -> models.WorkflowRun:
        """Call `create`, then wait until the run has ended. A preview."""
        return await self._create_and_wait(WORKFLOW_RUN, self.create_and_wait, self.create, request)

    @operation("list_workflow_runs", "GET", "/v3/workflow-runs", preview=True)
    def list(
        self, *, workflow_id: str, limit: int | None = None, token: str | None = None
    ) -> Pager[models.WorkflowRunSummary]:
        """List the runs of a workflow, the newest first, without their outputs. A preview.

        Args:
            workflow_id: The workflow.
            limit: The number of items per page, 1 to 100; by default 10.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list, models.WorkflowRunSummary, limit=limit, token=token, workflow_id=workflow_id)

    @operation("get_workflow_run", WORKFLOW_RUN.endpoint, wait="workflow_run")
    async def get(self, run_id: str) -> models.WorkflowRun:
        """Return a run with its outputs. The URLs of large outputs are made anew for each call. A preview.

        Args:
            run_id: The id that `create` returned.
        """
        return await self._call(self.get, models.WorkflowRun, run_id)

    @operation(
        "cancel_workflow_run",
        "POST",
        "/v3/workflow-runs/{run_id}/cancel",
        idempotency="natural",
        preview=True,
        destructive=True,
    )
    async def cancel(self, run_id: str, *, idempotency_key: str | None = None) -> models.WorkflowRun:
        """Cancel a run. A run that has ended keeps its state. A preview.

        Args:
            run_id: The id that `create` returned.
            idempotency_key: Sent as `Idempotency-Key`; cancelling twice is safe without it.
        """
        return await self._call(self.cancel, models.WorkflowRun, run_id, key=idempotency_key)

    @operation("list_workflow_run_nodes", WORKFLOW_RUN_NODES)
    def list_nodes(
        self, run_id: str, *, limit: int | None = None, token: str | None = None
    ) -> Pager[models.WorkflowRunNode]:
        """List the nodes of a run with their states, times and errors. A preview.

        Args:
            run_id: The id that `create` returned.
            limit: The number of items per page, 1 to 100; by default 10.
            token: The `next_token` of the previous page.
        """
        return self._pager(self.list_nodes, models.WorkflowRunNode, run_id, limit=limit, token=token)
