"""Every public method shows its parameters, describes them, and rejects unknown ones."""

from __future__ import annotations

import copy
import functools
import inspect
import pickle
import pydoc
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import pytest
from docstring_parser import DocstringStyle, parse

from heygen_async import AsyncHeyGen, UnknownArgumentError
from heygen_async._http.signatures import LazySignature, unpacked_keywords
from heygen_async.testing import HeyGenEmulator

WRITTEN_OUT = {"idempotency_key"}


def public_methods(owner: Any, module: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the methods of a class, and of the classes that its properties return, by their paths."""
    for name, member in inspect.getmembers(owner):
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            inner = getattr(module, member.fget.__annotations__["return"], None) if member.fget else None
            if inspect.isclass(inner):
                yield from public_methods(inner, module, f"{path}.{name}")
        elif inspect.isfunction(member):
            yield f"{path}.{name}", member


def resource_methods() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for resource, class_name in AsyncHeyGen.__annotations__.items():
        module = import_module(f"heygen_async.resources.{resource}")
        found |= public_methods(getattr(module, class_name), module, resource)
    return found


def legacy_methods() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for file in ("account", "avatars", "videos"):
        module = import_module(f"heygen_async.legacy.{file}")
        for name, owner in vars(module).items():
            if inspect.isclass(owner) and owner.__module__ == module.__name__:
                found |= public_methods(owner, module, f"legacy.{name}")
    return found


RESOURCE_METHODS = resource_methods()
CLIENT_METHODS = dict(public_methods(AsyncHeyGen, import_module("heygen_async.client"), "client"))
METHODS = RESOURCE_METHODS | CLIENT_METHODS | legacy_methods()
UNPACKING = {path: method for path, method in METHODS.items() if unpacked_keywords(method)}


@pytest.mark.parametrize("path", METHODS)
def test_a_signature_lists_every_parameter(path: str) -> None:
    parameters = inspect.signature(METHODS[path]).parameters.values()
    assert not [one for one in parameters if one.kind in {one.VAR_KEYWORD, one.VAR_POSITIONAL}]
    assert all(one.annotation is not one.empty for one in parameters if one.name != "self")


def test_the_unpacked_keywords_are_those_of_the_request() -> None:
    assert len(UNPACKING) > 30
    parameters = inspect.signature(METHODS["podcasts.create"]).parameters
    assert [name for name, one in parameters.items() if one.default is one.empty] == [
        "self", "host_avatar_id", "guest_avatar_id", "host_voice_id", "guest_voice_id",
    ]  # fmt: skip
    assert parameters["topic"].default is None
    assert parameters["topic"].kind is inspect.Parameter.KEYWORD_ONLY
    assert parameters["topic"].annotation == str | None


@pytest.mark.parametrize("path", [path for path in RESOURCE_METHODS if path.endswith("_and_wait")])
def test_a_waiting_twin_shows_the_options_of_both(path: str) -> None:
    twin = inspect.signature(RESOURCE_METHODS[path]).parameters
    create = inspect.signature(RESOURCE_METHODS[path.removesuffix("_and_wait")]).parameters
    assert set(twin) == {*create, "timeout", "poll", "on_update", "download_to", "idempotency_key"}
    assert all(twin[name].default == parameter.default for name, parameter in create.items())


@pytest.mark.parametrize("path", RESOURCE_METHODS)
def test_the_docstring_describes_every_parameter(path: str) -> None:
    method = RESOURCE_METHODS[path]
    described = {one.arg_name.lstrip("*") for one in parse(method.__doc__, style=DocstringStyle.GOOGLE).params}
    written = set(method.__annotations__) - {"return"}
    if path.endswith("_and_wait"):
        assert method.__doc__.startswith("Call `")
    else:
        assert described == written


@pytest.mark.parametrize("path", UNPACKING)
async def test_an_unknown_argument_is_named_before_anything_is_sent(path: str, api: HeyGenEmulator) -> None:
    async with AsyncHeyGen(api.key, base_url=api.url) as client:
        method: Any = client
        for name in path.split("."):
            method = getattr(method, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())
        parameters = inspect.signature(method).parameters.values()
        required = [one for one in parameters if one.default is one.empty]
        ids = ["x" for one in required if one.kind is one.POSITIONAL_OR_KEYWORD]
        keyword = next(one.name for one in parameters if one.kind is one.KEYWORD_ONLY and len(one.name) > 3)
        misspelt = keyword[:-2] + keyword[-1]
        with pytest.raises(TypeError, match=rf"has no parameter '{misspelt}'\. Did you mean '{keyword}'\?") as caught:
            result = method(*ids, **{misspelt: "x"})
            await (anext(result) if inspect.isasyncgen(result) else result)
        assert isinstance(caught.value, UnknownArgumentError)
        assert caught.value.suggestion == keyword
        assert api.requests == []


def test_a_computed_signature_works_as_a_plain_one() -> None:
    method = RESOURCE_METHODS["lipsyncs.create"]
    signature = inspect.signature(method)

    @functools.wraps(method)
    def wrapper(*_: object, **__: object) -> None: ...

    assert isinstance(signature, LazySignature)
    assert inspect.signature(wrapper) == signature == copy.deepcopy(signature)
    assert pickle.loads(pickle.dumps(inspect.signature(METHODS["voices.clone"]))) == inspect.signature(
        METHODS["voices.clone"]
    )
    assert "video" in signature.bind(None, video="v", audio="a").arguments
    assert "audio: " in pydoc.render_doc(method)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        signature.nothing  # type: ignore[attr-defined]


def test_importing_a_resource_computes_no_signature() -> None:
    code = (
        "import inspect, heygen_async.resources.podcasts as module\n"
        "try: object.__getattribute__(module.Podcasts.create.__signature__, '_parameters')\n"
        "except AttributeError: print('unset')"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "unset"


def test_annotations_of_fields_carry_descriptions() -> None:
    for method in UNPACKING.values():
        keywords: Mapping[str, Any] = unpacked_keywords(method)
        for name, (hint, _) in keywords.items():
            is_option = name in {
                "timeout",
                "poll",
                "on_update",
                "download_to",
                *WRITTEN_OUT,
            } or method.__module__.startswith("heygen_async.legacy")
            assert is_option or hint.__metadata__[0].description, (method, name)
