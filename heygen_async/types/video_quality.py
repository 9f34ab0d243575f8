"""Video quality: comparisons of two videos by a judge model."""

from __future__ import annotations

from typing import Annotated, Literal, Required, TypedDict

from msgspec import Meta

from .base import OpenEnum, ResponseStruct
from .batches import BatchStatus
from .files import FileInput

ComparisonQuestion = Literal["engagement", "prompt_intent", "composition", "temporal_consistency", "craft", "q1"]


class ComparisonStatus(OpenEnum):
    """The state of a comparison; the last two are final."""

    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class ComparisonResult(ResponseStruct):
    """The verdict of the judge. `winner` is a model; `winner_side` is `a` or `b`; `confidence` is from 0 to 1."""

    model_a: str | None = None
    model_b: str | None = None
    winner: str | None = None
    winner_side: str | None = None
    confidence: float | None = None
    question_id: str | None = None
    judge_model_version: str | None = None


class ComparisonError(ResponseStruct):
    """The reason why a comparison failed."""

    code: str | None = None
    message: str | None = None


class Comparison(ResponseStruct):
    """A comparison of two videos. `result` is set when it is completed."""

    comparison_id: str
    status: ComparisonStatus | None = None
    result: ComparisonResult | None = None
    error: ComparisonError | None = None


class ComparisonRequest(TypedDict, total=False):
    """The arguments of `video_quality.create`."""

    prompt: Required[Annotated[str, Meta(description="The prompt of both videos, 1 to 10,000 characters.")]]
    model_a: Required[Annotated[str, Meta(description="The name of the model of video A, 1 to 255 characters.")]]
    model_b: Required[Annotated[str, Meta(description="The name of the model of video B, 1 to 255 characters.")]]
    video_a: Required[Annotated[FileInput, Meta(description="Video A.")]]
    video_b: Required[Annotated[FileInput, Meta(description="Video B.")]]
    question_id: Required[Annotated[ComparisonQuestion, Meta(description="The question for the judge.")]]
    judge_model_version: Annotated[str | None, Meta(description="The judge model; by default HeyGen's current one.")]


class ComparisonBatchCreated(ResponseStruct):
    """A batch of comparisons that was accepted."""

    batch_id: str
    status: BatchStatus | None = None
    total_items: int | None = None


class ComparisonCounts(ResponseStruct):
    """The number of comparisons in each state."""

    processing: int = 0
    completed: int = 0
    failed: int = 0


class ComparisonBatchItem(ResponseStruct):
    """One comparison of a batch. `item_index` counts from 0 in the order of the request.

    The properties are those of the items of other batches; `video_id` is the id of the comparison.
    """

    item_index: int | None = None
    comparison: Comparison | None = None

    @property
    def video_id(self) -> str | None:
        """The id of the comparison."""
        return None if self.comparison is None else self.comparison.comparison_id

    @property
    def status(self) -> ComparisonStatus | None:
        """The state of the comparison."""
        return None if self.comparison is None else self.comparison.status

    @property
    def error(self) -> ComparisonError | None:
        """The reason why the comparison failed."""
        return None if self.comparison is None else self.comparison.error


class ComparisonBatch(ComparisonBatchCreated):
    """A batch and one page of its comparisons. `next_token` leads to the next page while `has_more` is true."""

    counts: ComparisonCounts | None = None
    items: list[ComparisonBatchItem] | None = None
    has_more: bool | None = None
    next_token: str | None = None
