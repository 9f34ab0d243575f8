"""One object of the package as Markdown with a directive of Sphinx: its signature, its parameters, its members.

griffe reads the annotations from the source, so each type keeps its name and links to its place. Everything else is
read from the imported package: unpacked keywords, descriptions in `Annotated`, endpoints and prices.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any

import griffe
import msgspec
from descriptions import describe_hint, describe_parameters, described, described_fields, endpoint_line
from links import definition_of, is_function, is_second_name, link_names, public_paths_by_definition
from source import find, package

from heygen_async import AsyncHeyGen
from heygen_async._http.operation import operation_of
from heygen_async._http.signatures import unpacked_keywords
from heygen_async.types.base import ResponseStruct

_WRAPPERS = {"typing.Required", "typing.NotRequired", "typing.Annotated", "typing.Unpack"}
#: Classes that only the SDK constructs.
_RETURNED = {"DownloadStream", "Legacy", "Page", "Pager"}
_FENCE = {"member": "````", "object": "``````"}


def render(path: str, value: Any) -> str:
    """Return the Markdown for a public object.

    Args:
        path: Its dotted path.
        value: The object.
    """
    if is_second_name(path, value):
        return "\n".join(_other_name(path, value))
    if inspect.isclass(value):
        return "\n".join(_class(path, value))
    if isinstance(value, griffe.Function):
        return "\n".join(_static_function(path, value))
    if is_function(value):
        return "\n".join(_function(path, inspect.unwrap(value), None, _FENCE["object"]))
    return "\n".join(_data(path, value))


def _other_name(path: str, value: Any) -> Iterator[str]:
    """Yield the lines about a second name of an object, such as `run` of `Run`."""
    yield f"{_FENCE['object']}{{py:data}} {path}"
    yield f"\nAnother name of {{py:obj}}`{value.__name__} <{path.rpartition('.')[0]}.{value.__name__}>`.\n"
    yield _FENCE["object"]
    yield ""


def _class(path: str, cls: type) -> Iterator[str]:
    fields = _fields(cls)
    is_error = issubclass(cls, BaseException)
    own = find(definition_of(path, cls))
    own_init = None if fields or is_error or cls.__name__ in _RETURNED else own.members.get("__init__")
    init = _signature(own_init, cls.__init__) if own_init is not None else ""
    yield f"{_FENCE['object']}{{py:{'exception' if is_error else 'class'}}} {path}{init}"
    yield ""
    public = public_paths_by_definition()
    if bases := [
        public[name] for one in _public_bases(cls) if (name := f"{one.__module__}.{one.__qualname__}") in public
    ]:
        yield "Bases: " + ", ".join(f"{{py:obj}}`{base.rpartition('.')[2]} <{base}>`" for base in bases) + "\n"
    yield from _text(cls.__doc__)
    if issubclass(cls, Enum):
        yield from (f"* `{one.name}`: `{one.value}`" for one in cls)
    elif fields:
        descriptions = described_fields(cls)
        word = "ivar" if issubclass(cls, ResponseStruct) else "param"
        for name, annotation in fields.items():
            yield from _field(word, name, annotation, descriptions.get(name, ""))
    elif own_init is not None:
        descriptions = described_fields(cls) | described(cls.__doc__, "param")
        yield from _parameters(own_init, cls.__init__, descriptions)
        for name, text in described(cls.__doc__, "attribute").items():
            yield from _field("ivar", name, _annotation(own.members[name].annotation), text)
    else:
        yield from _attributes(own, cls)
    yield ""
    for name, member in _members(cls):
        yield from _member(f"{path}.{name}", cls, member)
    yield _FENCE["object"]
    yield ""


def _public_bases(cls: type) -> list[type]:
    """Return the bases of a class; in place of a private one, those of that one."""
    return [one for base in cls.__bases__ for one in (_public_bases(base) if base.__name__.startswith("_") else [base])]


def _members(cls: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties of a class, in the order of its source; the client's with its bases'."""
    owners = reversed(cls.__mro__[:-1]) if cls is AsyncHeyGen else [cls]
    members: dict[str, Any] = {}
    for owner in owners:
        members |= vars(owner)
    for name, member in members.items():
        if not name.startswith("_") and not isinstance(member, Enum):
            member = getattr(member, "__func__", member)
            if inspect.isfunction(member) or isinstance(member, property) or hasattr(member, "attrname"):
                yield name, member


def _member(path: str, owner: type, member: Any) -> Iterator[str]:
    if inspect.isfunction(member):
        yield from _function(path, member, owner, _FENCE["member"])
        return
    function = getattr(member, "fget", None) or member.func
    annotation = _find_member(owner, path.rpartition(".")[2])
    yield f"{_FENCE['member']}{{py:property}} {path}"
    yield f":type: {_annotation(annotation.returns if annotation.is_function else annotation.annotation)}"
    yield ""
    yield from _text(function.__doc__)
    yield _FENCE["member"]
    yield ""


def _find_member(owner: type, name: str) -> Any:
    """Return what griffe knows of a member, which may stand in a base of the class."""
    for base in owner.__mro__:
        if name in vars(base):
            return find(f"{base.__module__}.{base.__qualname__}.{name}")
    raise LookupError(name)


def _function(path: str, function: Any, owner: type | None, fence: str) -> Iterator[str]:
    source = inspect.unwrap(function)
    known = _find_member(owner, function.__name__) if owner else find(definition_of(path, function))
    kind = "method" if owner else "function"
    yield f"{fence}{{py:{kind}}} {path}{_signature(known, function)}"
    if inspect.iscoroutinefunction(source):
        yield ":async:"
    if owner and isinstance(inspect.getattr_static(owner, function.__name__), classmethod):
        yield ":classmethod:"
    yield ""
    yield from _text(function.__doc__, after_summary=endpoint_line(source, owner) if operation_of(source) else "")
    yield from _parameters(known, function, describe_parameters(source, owner))
    yield from _results(function.__doc__)
    yield fence
    yield ""


def _static_function(path: str, known: griffe.Function) -> Iterator[str]:
    """Yield the lines about a function that is not imported."""
    docstring = known.docstring.value if known.docstring else ""
    yield f"{_FENCE['object']}{{py:function}} {path}{_signature(known, None)}"
    if "async" in known.labels:
        yield ":async:"
    yield ""
    yield from _text(docstring)
    yield from _parameters(known, None, described(docstring))
    yield from _results(docstring)
    yield _FENCE["object"]
    yield ""


def _signature(known: Any, function: Any) -> str:
    """Return a signature with the types of the source; of a generated method with those of the function."""
    parts: list[str] = []
    for name, annotation, default, kind in _arguments(known, function):
        prefix = {"variadic positional": "*", "variadic keyword": "**"}.get(kind, "")
        if kind == "keyword-only" and not any(one.startswith("*") for one in parts):
            parts.append("*")
        text = f"{prefix}{name}"
        text += f": {annotation}" if annotation else ""
        if default is not None and not prefix:
            text += f" = {default}" if annotation else f"={default}"
        parts.append(text)
    if known.is_function:
        returns = _annotation(known.returns)
    else:
        returns = _short(str(inspect.signature(function).return_annotation))
    return f"({', '.join(parts)})" + (f" -> {returns}" if returns and known.name != "__init__" else "")


def _arguments(known: Any, function: Any) -> Iterator[tuple[str, str, str | None, str]]:
    """Yield the name, type, default and kind of each parameter but `self`."""
    if not known.is_function:  # a wait that is built from the registry
        for one in list(inspect.signature(function).parameters.values())[1:]:
            default = None if one.default is one.empty else repr(one.default)
            yield one.name, _short(str(one.annotation)), default, one.kind.description
        return
    keywords = unpacked_keywords(function) if function else {}
    skipped = {"self", "cls"} if known.parent.is_class else set()
    written = [one for one in known.parameters if one.name not in skipped]
    unpacked = next((one for one in written if "Unpack[" in str(one.annotation)), None)
    order = [one for one in written if one is not unpacked]
    positional = [one for one in order if one.kind is not griffe.ParameterKind.keyword_only]
    for one in positional:
        yield one.name, _annotation(one.annotation), _default(one, function), one.kind.value
    required_first = sorted(keywords.items() if unpacked else (), key=lambda keyword: not keyword[1][1])
    for name, (_, required) in required_first:
        typed_dict = package().modules_collection[unpacked.annotation.slice.canonical_path]
        annotation = _annotation(_field_of(typed_dict, name))
        yield name, annotation, None if required else "None", "keyword-only"
    for one in order[len(positional) :]:
        yield one.name, _annotation(one.annotation), _default(one, function), one.kind.value


def _default(parameter: griffe.Parameter, function: Any) -> str | None:
    """Return the default of a parameter as text; of a constant its value."""
    text = str(parameter.default)
    if parameter.default is not None and text.isupper() and function is not None:
        return repr(inspect.signature(function).parameters[parameter.name].default)
    return None if parameter.default is None else text


def _field_of(typed_dict: Any, name: str) -> Any:
    """Return the annotation of a field of a `TypedDict` or of one of its bases."""
    if name in typed_dict.members:
        return typed_dict.members[name].annotation
    for base in typed_dict.bases:
        if base.canonical_path.startswith("heygen_async."):
            found = _field_of(package().modules_collection[base.canonical_path], name)
            if found is not None:
                return found
    return None


def _parameters(known: Any, function: Any, descriptions: dict[str, str]) -> Iterator[str]:
    for name, annotation, _, _ in _arguments(known, function):
        yield from _field("param", name, annotation, descriptions.get(name, ""))


def _field(word: str, name: str, annotation: str, description: str) -> Iterator[str]:
    yield f":{word} {name}: {link_names(description)}"
    if annotation:
        yield f":{'vartype' if word == 'ivar' else 'type'} {name}: {annotation}"


def _fields(cls: type) -> dict[str, str]:
    """Return the types of the public fields of a struct or `TypedDict`, those of its bases first."""
    if issubclass(cls, msgspec.Struct):
        names: Iterable[str] = [one for one in cls.__struct_fields__ if not one.startswith("_")]
    elif issubclass(cls, dict):
        names = cls.__annotations__
    else:
        return {}
    return {name: _annotation(_annotation_of(cls, name)) for name in names}


def _annotation_of(cls: type, name: str) -> Any:
    known = find(f"{cls.__module__}.{cls.__qualname__}")
    if issubclass(cls, dict):
        return _field_of(known, name)
    for base in cls.__mro__:
        if name in inspect.get_annotations(base):
            return find(f"{base.__module__}.{base.__qualname__}").members[name].annotation
    return None


def _attributes(own: Any, cls: type) -> Iterator[str]:
    """Yield the attributes of a class without a constructor of its own, such as an exception."""
    descriptions = described_fields(cls)
    members = {name: one for name, one in own.members.items() if one.is_attribute and "property" not in one.labels}
    if issubclass(cls, BaseException):  # the text describes the attributes
        for base in [one for one in cls.__mro__ if one.__name__.startswith("_")]:
            inherited = find(f"{base.__module__}.{base.__qualname__}").members
            members = {name: one for name, one in inherited.items() if one.is_attribute} | members
        descriptions = {name: "" for name in members if name != "args" and not name.startswith("_")} | descriptions
    for name, text in descriptions.items():
        yield from _field("ivar", name, _annotation(members[name].annotation) if name in members else "", text)


def _data(path: str, value: Any) -> Iterator[str]:
    known = find(definition_of(path, value))
    yield f"{_FENCE['object']}{{py:data}} {path}"
    if known.value is not None:
        yield f":value: {_short_value(known.value)}"
    yield ""
    yield from _text(_comment_above(known) or describe_hint(value))
    yield _FENCE["object"]
    yield ""


def _comment_above(known: Any) -> str:
    """Return the `#:` comment above an assignment, or its docstring."""
    if known.docstring:
        return str(known.docstring.value)
    comment: list[str] = []
    lines = known.filepath.read_text(encoding="utf-8").splitlines()
    for line in reversed(lines[: known.lineno - 1]):
        if not line.strip().startswith("#:"):
            break
        comment.insert(0, line.strip().removeprefix("#:").strip())
    return " ".join(comment)


def _short_value(value: Any) -> str:
    return " ".join(str(value).split()).strip('"')


def _annotation(annotation: Any) -> str:
    """Return an annotation with the whole paths of the documented types, and without `Required` and `Annotated`."""
    if annotation is None or isinstance(annotation, str):
        return annotation or ""
    annotation = _plain(annotation)
    if isinstance(annotation, griffe.ExprName | griffe.ExprAttribute):
        return _public_path(annotation)
    if isinstance(annotation, str):
        return annotation
    return "".join(_annotation(part) for part in annotation.iterate(flat=False))


def _plain(annotation: Any) -> Any:
    while True:
        if isinstance(annotation, griffe.ExprSubscript) and annotation.canonical_path in _WRAPPERS:
            inner = annotation.slice
            annotation = inner.elements[0] if isinstance(inner, griffe.ExprTuple) else inner
        elif (value := _annotated_alias(annotation)) is not None:
            annotation = value
        else:
            return annotation


def _annotated_alias(annotation: Any) -> Any:
    """Return the value of an alias such as `FolderId`, when that is `Annotated`."""
    if isinstance(annotation, griffe.ExprName | griffe.ExprAttribute) and (known := _known(annotation)) is not None:
        value = getattr(known, "value", None)
        if isinstance(value, griffe.ExprSubscript) and value.canonical_path == "typing.Annotated":
            return value
    return None


def _known(name: Any) -> Any:
    path = name.canonical_path
    if not path.startswith("heygen_async."):
        return None
    try:
        return package().modules_collection[path]
    except KeyError:
        return None


def _public_path(name: Any) -> str:
    known = _known(name)
    path = name.canonical_path if known is None else known.canonical_path
    return public_paths_by_definition().get(path, path.rpartition(".")[2])


def _short(text: str) -> str:
    """Return the annotation of a generated method, with the whole paths of the documented types."""
    text = re.sub(r"<class '([\w.]+)'>|typing\.|collections\.abc\.", lambda one: one[1] or "", text)
    by_name = {
        path.rpartition(".")[2]: path for path in public_paths_by_definition().values() if ".legacy." not in path
    }
    return re.sub(r"\b[A-Z]\w+", lambda one: by_name.get(one[0], one[0]), re.sub(r"\b[\w.]+\.(?=\w)", "", text))


def _text(docstring: str | None, after_summary: str = "") -> Iterator[str]:
    """Yield the text of a docstring without its sections, with links."""
    for index, section in enumerate(_sections(docstring)):
        if section.kind is griffe.DocstringSectionKind.text:
            summary, _, rest = section.value.partition("\n\n")
            yield from (link_names(summary), "")
            if index == 0 and after_summary:
                yield from (after_summary, "")
            yield from (link_names(rest), "")


def _results(docstring: str | None) -> Iterator[str]:
    """Yield the fields about what a function returns, yields and raises."""
    for section in _sections(docstring):
        if section.kind is griffe.DocstringSectionKind.raises:
            yield from (
                f":raises {_short(str(one.annotation))}: {link_names(_line(one.description))}" for one in section.value
            )
        elif section.kind is griffe.DocstringSectionKind.returns:
            yield f":returns: {link_names(_line(' '.join(one.description for one in section.value)))}"
        elif section.kind is griffe.DocstringSectionKind.yields:
            yield f":yields: {link_names(_line(' '.join(one.description for one in section.value)))}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _sections(docstring: str | None) -> list[Any]:
    text = inspect.cleandoc(docstring or "")
    options = {
        "returns_named_value": False,
        "warnings": False,
        "warn_missing_types": False,
        "returns_multiple_items": False,
    }
    return griffe.parse_google(griffe.Docstring(text), **options) if text else []
