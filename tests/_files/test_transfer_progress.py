"""Progress callbacks: sync and async ones, and one for many transfers."""

from __future__ import annotations

from heygen_async._files.transfer_progress import CombinedProgress, report_progress


async def test_calls_sync_and_async_callbacks() -> None:
    reports: list[tuple[int, int | None]] = []

    async def collect(done: int, total: int | None) -> None:
        reports.append((done, total))

    await report_progress(collect, 1, None)
    await report_progress(lambda done, total: reports.append((done, total)), 2, 3)
    await report_progress(None, 3, 3)
    assert reports == [(1, None), (2, 3)]


async def test_combined_progress_sums_the_started_transfers() -> None:
    reports: list[tuple[int, int | None]] = []
    progress = CombinedProgress(lambda done, total: reports.append((done, total)))
    first = progress.add_transfer()
    await report_progress(first, 10, 100)
    second = progress.add_transfer()
    await report_progress(second, 5, None)  # an unknown total grows with the bytes
    await report_progress(first, 100, 100)
    await report_progress(second, 7, 7)
    assert reports == [(10, 100), (15, 105), (105, 105), (107, 107)]


async def test_combined_progress_without_a_callback_reports_nothing() -> None:
    assert CombinedProgress(None).add_transfer() is None
