"""The page of each loss, and the pages of the domains, as Markdown made from the classes."""

import inspect
import re
import types
import typing
from collections.abc import Collection, Iterable
from math import inf
from typing import Annotated, Any, Literal

import kerasloss
from _extension.devices import mends, replicas_see, wraps
from kerasloss.core.aliases import ALIASES
from kerasloss.core.configuration import COMMON, snake_case
from kerasloss.core.equivalents.lookup import EQUIVALENTS
from kerasloss.core.registry import GROWTHS, KINDS, LOSSES, SCOPES
from kerasloss.inspection import docstring, formula
from kerasloss.inspection.catalogue import LossInfo

DOMAINS = (
    "regression probabilistic classification divergence segmentation embedding sequence image language "
    "distillation generative composition"
).split()
"""The order of the domains; others follow."""
ELSEWHERE = "elsewhere"
"""The class of a part of a page in which a bare name may be another library's."""
RELATED = 8
"""How many related losses a page names at most."""


def texts(drawn: Collection[str]) -> dict[str, str]:
    """Path -> text of all pages; `drawn`: the losses that have a picture."""
    infos = {info.name: info for info in kerasloss.list_losses()}
    domains: dict[str, list[LossInfo]] = {}
    for info in sorted(infos.values(), key=lambda i: (*DOMAINS, i.domain).index(i.domain)):
        domains.setdefault(info.domain, []).append(info)
    pages = {f"losses/{info.name}.md": loss_page(info, info.name in drawn) for info in infos.values()}
    pages |= {f"losses/{domain}.md": domain_page(domain, listed) for domain, listed in domains.items()}
    pages["losses/index.md"] = index_page(domains)
    return pages


# One loss -----------------------------------------------------------------------------------------


def loss_page(info: LossInfo, has_picture: bool) -> str:
    """The page of a loss."""
    cls, name = LOSSES[info.name], info.name
    doc = docstring.read(cls)
    parts = [
        f"# {name}",
        doc.summary,
        f"```{{py:class}} kerasloss.{name}{_signature(cls)}\n:canonical: {cls.__module__}.{name}\n```",
        doc.details,
        doc.use,
        "## Formula",
        _capital(formula.math_text(doc.formula, doc.arguments)),
    ]
    if has_picture:
        parts += [f"```{{image}} pictures/{name}.svg\n:alt: {name}: {doc.summary}\n:class: picture\n```"]
    parts += [
        "## What it expects",
        definitions(_facts(cls, info, doc)),
        "## Arguments",
        definitions(_arguments(cls, doc)),
        "## Raises",
        definitions((f"`{error}`", when) for error, when in doc.raises.items()),
        "## Example",
        f"```pycon\n{doc.example}\n```",
        *_elsewhere(name, doc),
        *_related(info, doc),
        "## Source",
        doc.reference,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _signature(cls: type) -> str:
    """The arguments with their defaults, without types."""
    signature = inspect.signature(cls)
    bare = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    return str(signature.replace(parameters=bare, return_annotation=signature.empty))


def _facts(cls: type, info: LossInfo, doc: docstring.Docstring) -> list[tuple[str, str]]:
    names = [snake_case(info.name), *(alias for alias, name in ALIASES.items() if name == info.name)]
    shapes = " ".join(doc.shapes.split())
    return [
        ("shapes", shapes),
        ("kind", f"{info.kind}: {KINDS[info.kind]}"),
        ("last activation", f"{info.expected}"),
        ("a value depends on", _scope(cls)),
        ("data parallelism", f"{replicas_see(cls)} ([more](../guides/distributed.md))"),
        ("as on one device", "; or ".join(mends(cls))),
        ("time and memory", _growth(cls)),
        ("domain, family", f"[{info.domain}]({info.domain}.md), {info.family}"),
        ("`kerasloss.get`", ", ".join(f'`"{name}"`' for name in dict.fromkeys(names))),
        ("module", f"`{cls.__module__}`"),
    ]


def _scope(cls: type) -> str:
    """What a value depends on."""
    if wraps(cls):
        return "what those of the wrapped loss depend on"
    return SCOPES[cls.scope] + (
        ", unless `axis` leaves it out" if (cls.kind, cls.scope) == ("region", "batch") else ""
    )


def _growth(cls: type) -> str:
    """How time and memory grow."""
    if cls.kind == "wrapper" and cls.growth == "linear":
        return "those of the wrapped loss"
    return f"{cls.growth}: {GROWTHS[cls.growth]}"


def _arguments(cls: type, doc: docstring.Docstring) -> list[tuple[str, str]]:
    """Each argument with its type and default, and what it means; those of all losses together."""
    declared = getattr(cls.__init__, "declared", {})
    rows: list[tuple[str, str]] = []
    shared: dict[str, list[str]] = {}
    for p in inspect.signature(cls).parameters.values():
        default = "required" if p.default is p.empty else f"default `{p.default!r}`"
        meaning = doc.arguments.get(p.name, "")
        if p.name in COMMON and meaning.startswith("See `kerasloss.Loss`"):
            shared.setdefault(meaning, []).append(f"`{p.name}`")
            continue
        annotation = declared[p.name].annotation if p.name in declared else p.annotation
        parts = [f"`{p.name}`", "" if p.name in COMMON else type_text(annotation), default]
        rows.append((", ".join(filter(None, parts)), meaning))
    return [*rows, *((", ".join(names), meaning) for meaning, names in shared.items())]


def type_text(annotation: Any) -> str:
    """A type with the range that its check asks for: `float > 0`."""
    origin, options = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return f"{type_text(options[0])}{_range(getattr(annotation.__metadata__[0], 'keywords', {}))}"
    if origin is Literal:
        return ", ".join(f"`{option!r}`" for option in options)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(map(type_text, options))
    if annotation is Any or annotation is inspect.Parameter.empty:
        return ""
    if annotation is types.NoneType:
        return "None"
    if origin is not None and isinstance(origin, type) and not options:
        return origin.__name__
    if origin is not None:
        inner = ", ".join(map(type_text, options)) if options[0] is not Ellipsis else ""
        name = getattr(origin, "__name__", str(origin)).lower()
        return "function" if name == "callable" else f"{name} of {inner}"
    return getattr(annotation, "__name__", str(annotation))


def _range(limits: dict[str, float]) -> str:
    signs = {"above": ">", "least": ">=", "below": "<", "most": "<="}
    found = [f"{signs[name]} {limits[name]:g}" for name in signs if abs(limits.get(name, inf)) < inf]
    return f" {' and '.join(found)}" if found else ""


def _elsewhere(name: str, doc: docstring.Docstring) -> list[str]:
    """The table of equivalents, and what the docstring says of them."""
    rows = [(f'`"{one.library}.{one.name}"`', call(one), one.note) for one in EQUIVALENTS if one.loss == name]
    if not rows and not doc.equivalents:
        return []
    return [
        "## In other libraries",
        "`kerasloss.get` takes these names:" if rows else "",
        table(("there", "here", "what else differs"), rows) if rows else "",
        f":::{{container}} {ELSEWHERE}\n{' '.join(doc.equivalents.split())}\n:::" if doc.equivalents else "",
    ]


def call(one: Any) -> str:
    """How an equivalent is written here."""
    arguments = ", ".join(f"{key}={value!r}" for key, value in one.arguments.items())
    return f"`kerasloss.{one.loss}({arguments})`"


def _related(info: LossInfo, doc: docstring.Docstring) -> list[str]:
    names = related(info, doc)
    if not names:
        return []
    return [
        "## Related losses",
        definitions((f"`{name}`", docstring.read(LOSSES[name]).summary) for name in names),
    ]


def related(info: LossInfo, doc: docstring.Docstring) -> list[str]:
    """The losses that the docstring names, then those of the same family and kind, nearest first.

    For a loss that is alone in its family, those of the domain.
    """
    named = re.findall(r"`(?:kerasloss\.)?([A-Z]\w+)", f"{doc.summary} {doc.use} {doc.formula}")
    domain = kerasloss.list_losses(domain=info.domain)
    family = [i for i in domain if i.family == info.family]
    family = family if len(family) > 1 else domain
    order = [i.name for i in family]
    family.sort(key=lambda i: (i.kind != info.kind, abs(order.index(i.name) - order.index(info.name))))
    found = dict.fromkeys([*named, *(i.name for i in family)])
    return [name for name in found if name in LOSSES and name != info.name][:RELATED]


# Many losses --------------------------------------------------------------------------------------


def domain_page(domain: str, infos: Iterable[LossInfo]) -> str:
    """The losses of a domain, by family."""
    infos = list(infos)
    parts = [f"# {domain.capitalize()}"]
    for family in dict.fromkeys(info.family for info in infos):
        listed = [info for info in infos if info.family == family]
        parts += [f"## {family.replace('_', ' ').capitalize()}", summary_table(listed)]
    listed = "\n".join(info.name for info in infos)
    parts += [f"```{{toctree}}\n:hidden:\n\n{listed}\n```"]
    return "\n\n".join(parts) + "\n"


def index_page(domains: dict[str, list[LossInfo]]) -> str:
    """The domains, with all their losses."""
    parts = []
    for domain, infos in domains.items():
        rows = []
        for family in dict.fromkeys(info.family for info in infos):
            names = " ".join(f"`{info.name}`" for info in infos if info.family == family)
            rows.append((family.replace("_", " "), names))
        parts += [f"## [{domain.capitalize()}]({domain}.md)", definitions(rows)]
    count = sum(map(len, domains.values()))
    intro = (
        f"All {count} losses, by domain and family: those of `list_losses(domain=..., family=...)`, and the "
        "packages and modules of `kerasloss.losses`."
    )
    listed = "\n".join(domains)
    toctree = f"```{{toctree}}\n:hidden:\n\n{listed}\n```"
    return "\n\n".join(["# All losses", intro, *parts, toctree]) + "\n"


def summary_table(infos: Iterable[LossInfo]) -> str:
    """A row for each loss."""
    rows = [(f"`{i.name}`", i.summary, i.kind, i.expected) for i in infos]
    return table(("loss", "what it is", "kind", "last activation"), rows)


def definitions(rows: Iterable[tuple[str, str]]) -> str:
    """A Markdown list of terms and what they mean."""
    return "\n\n".join(f"{term}\n: {' '.join(text.split())}" for term, text in rows if text)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, ("---",) * len(head), *(tuple(map(_cell, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cell(text: str) -> str:
    """A text on one line, with its bars escaped."""
    return " ".join(text.split()).replace("|", r"\|")
