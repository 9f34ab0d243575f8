"""The registry's entries, held against the structs, the resources, the declarations and the emulator's own tables."""

from __future__ import annotations

import ast
import inspect
import runpy
from pathlib import Path
from typing import Any, get_args

import pytest

from heygen_async import AsyncHeyGen
from heygen_async._jobs import registry
from heygen_async._jobs.kinds import JobKind, type_named
from heygen_async._jobs.registry import IDS_FIELDS, KINDS, batch_kind, kind_created_by, kind_of_result
from heygen_async.batch.kinds import KINDS as BATCH_KINDS
from heygen_async.testing import HeyGenEmulator, contract, events
from heygen_async.types.webhooks import EventName, UnknownEvent
from heygen_async.webhooks.events import build_event

#: The emulator's names, where they differ from the names of the waits.
EMULATOR_NAMES = {"clips": "ai_clipping"}
#: Kinds whose ends HeyGen reports by events that the emulator does not send.
WITHOUT_EMULATED_EVENTS = {"avatar", "batch"}

#: Returns the text of the declarations.
declarations = runpy.run_path(str(Path(__file__).with_name("write_declarations.py")))["declarations"]
SOURCE = Path(registry.__file__).read_text(encoding="utf-8")
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def test_declarations_are_those_of_the_entries() -> None:
    written = Path(registry.__file__).with_name("declared_waits.py").read_text(encoding="utf-8")
    assert declarations() == written, "run python tests/_jobs/write_declarations.py"


def test_entries_are_annotated_with_their_results() -> None:
    entries = [node for node in ast.parse(SOURCE).body if isinstance(node, ast.AnnAssign)]
    annotated = {ast.unparse(node.target): ast.unparse(node.annotation) for node in entries}
    for name, kind in vars(registry).items():
        if isinstance(kind, JobKind) and not kind.batch_of:
            assert annotated[name] == f"JobKind[{kind.result}]"


def test_names_are_unique() -> None:
    for names in ([kind.name for kind in KINDS], [kind.wait for kind in KINDS if not kind.batch_of]):
        assert len(set(names)) == len(names)


@every_kind
def test_structs_have_the_fields_of_the_entry(kind: JobKind[Any]) -> None:
    created = [type_named(name) for name in kind.created if not name.startswith("legacy_")]
    id_fields = {kind.id_field, kind.ids_field, "id", kind.endpoint.path.rpartition("{")[2].rstrip("}")} - {""}
    for struct in created if kind.final_endpoint else [kind.result_type, *created]:
        assert id_fields & set(struct.__struct_fields__), struct
    final = type_named(kind.final_result) if kind.final_result else kind.result_type
    for field in kind.url_fields if kind.url_fields != ("video_url",) else ():
        assert hasattr(final, field)
    assert kind_of_result(final.__name__) in {kind, batch_kind("videos")}


@every_kind
def test_a_struct_that_a_create_returned_leads_to_its_kind(kind: JobKind[Any]) -> None:
    for name in kind.created:
        found = kind_created_by(name.rpartition(".")[2])
        assert found is not None
        assert found is kind or name == "video_agents.SessionCreated" or kind.batch_of


@every_kind
def test_states_are_those_of_the_struct(kind: JobKind[Any]) -> None:
    """Each end state is a value that the API documents, or `none` for a thing without state."""
    documented = _documented_states(kind)
    if documented:
        assert kind.end_states - {"none"} <= documented
    assert not kind.completed & (kind.failed | kind.needs_input)
    assert bool(kind.needs_input) == bool(kind.input_advice)


@every_kind
def test_the_emulator_has_the_endpoints(kind: JobKind[Any]) -> None:
    endpoints = {(one.method, one.path): one for one in contract.operations()}
    assert (kind.endpoint.method, kind.endpoint.path) in endpoints
    if kind.final_endpoint is not None:
        assert (kind.final_endpoint.method, kind.final_endpoint.path) in endpoints
    if kind.bulk_endpoint is not None:
        bulk = endpoints[kind.bulk_endpoint.method, kind.bulk_endpoint.path]
        assert kind.bulk_id_parameter in {parameter["name"] for parameter in bulk.query}


@every_kind
def test_the_emulator_sends_the_events(kind: JobKind[Any]) -> None:
    emulated = events.EVENT_TYPES.get(EMULATOR_NAMES.get(kind.wait, kind.wait))
    if kind.wait in WITHOUT_EMULATED_EVENTS:
        assert emulated is None
    else:
        assert kind.event_prefixes == (() if emulated is None else (emulated[0],))


def test_every_emulated_event_is_one_of_a_kind() -> None:
    assert {EMULATOR_NAMES.get(kind.wait, kind.wait) for kind in KINDS} >= set(events.EVENT_TYPES)


@every_kind
def test_events_are_known_to_the_receiver(kind: JobKind[Any]) -> None:
    for prefix in set(kind.event_prefixes) - events.CALLBACK_ONLY_KINDS - {"batch"}:
        event = build_event({"event_type": f"{prefix}.success", "event_data": {}}, None, verified=True)
        assert not isinstance(event, UnknownEvent) or event.event_type in get_args(EventName)


@every_kind
def test_batches_call_methods_that_exist(kind: JobKind[Any]) -> None:
    for create in kind.batch_creates:
        method = getattr(getattr(AsyncHeyGen("key"), create.resource), create.method)
        assert "idempotency_key" in inspect.signature(method).parameters
        assert create.request_type is not None
        assert BATCH_KINDS[create.resource].job_kind is kind
        assert create.has_batches == hasattr(getattr(AsyncHeyGen("key"), create.resource), "create_batch")


def test_only_creates_of_several_jobs_have_fields_with_several_ids() -> None:
    assert set(IDS_FIELDS) == {"video_translation_ids", "proofread_ids", "looks"}


async def test_batches_are_found_by_their_resource(client: AsyncHeyGen, api: HeyGenEmulator) -> None:
    for resource in ("videos", "video_translations", "lipsyncs", "assets"):
        kind = batch_kind(resource)
        assert kind is not None
        assert hasattr(getattr(client, resource), "get_batch")
    assert batch_kind("podcasts") is None
    assert batch_kind(None) is None


def _documented_states(kind: JobKind[Any]) -> set[str]:
    """The values of the struct's enum of states, if it has one."""
    for annotation in get_args(inspect.get_annotations(kind.result_type, eval_str=True).get("status")):
        if hasattr(annotation, "__members__"):
            return {member.value for member in annotation}
    annotation = inspect.get_annotations(kind.result_type, eval_str=True).get("status")
    return {member.value for member in annotation} if hasattr(annotation, "__members__") else set()
