"""Which losses the words of a task mean: `list_losses(query=...)`."""

import functools
import itertools
import math
import re
from collections.abc import Iterable

from kerasloss.core.aliases import ALIASES, MEANINGS, SYNONYMS, key
from kerasloss.core.equivalents.lookup import EQUIVALENTS
from kerasloss.core.registry import KINDS, LOSSES
from kerasloss.inspection import docstring

_WEIGHTS = {
    "name": 6.0,
    "other names": 4.0,
    "family": 4.0,
    "summary": 3.0,
    "use": 2.5,
    "kind": 2.0,
    "domain": 2.0,
}
"""How much a word counts where it is found, in the best of these places."""

_SYNONYM = 0.7
"""How much another word for it counts."""

_STOP = set(
    "a an and are as at be by for from if in is it of on or that the to where which with "
    "data loss losses problem task".split()
)

_ENDINGS = "ations ation ings ing ers er ies ed es al s y e d".split()


def rank(query: str, names: Iterable[str]) -> list[str]:
    """The losses that a query finds, the best first.

    Args:
        query: Words of a task: "imbalanced masks", "counts with many zeros".
        names: The losses to choose from.

    Returns:
        Those of `names` of which a word is found, by the sum over the words of how much the place counts,
        times how rare the word is; of equal ones those with the shorter names first. Before them those that
        are called so here or elsewhere, what the query is known to mean first. All of them if the query has
        no word. Behind those are what several neighbouring words are known to mean, the longest such phrase.
    """
    words = set(_words(query))
    if not words:
        return list(names)
    places = {name: _places(name) for name in LOSSES}
    scores = dict.fromkeys(places, 0.0)
    for word in words:
        found = {name: _found(word, place) for name, place in places.items()}
        rarity = math.log(1 + len(places) / max(1, sum(weight > 0 for weight in found.values())))
        for name, weight in found.items():
            scores[name] += rarity * weight
    whole = _stem(key(query))
    called = {name for name, place in places.items() if whole in place["name"] | place["other names"]}
    chosen = [name for name in names if scores[name] or name in called]
    meanings = next((_MEANINGS[phrase] for phrase in _phrases(query) if phrase in _MEANINGS), [])
    meant = {name: place for place, name in enumerate(meanings)}

    def order(name: str) -> tuple:
        return (
            key(name) != key(query),
            name not in called,
            meant.get(name, len(meant)),
            -scores[name],
            len(name),
        )

    return sorted(chosen, key=order)


def _phrases(query: str) -> list[str]:
    """A query, and each two or more neighbouring words of it, the longest first, as names are compared."""
    words = query.split()
    runs = [
        words[start : start + length]
        for length in range(len(words) - 1, 1, -1)
        for start in range(len(words) - length + 1)
    ]
    return [_stem(key(query)), *(_stem(key("".join(run))) for run in runs)]


def _found(word: str, places: dict[str, set[str]]) -> float:
    """How much a word counts for a loss, itself or by another word for it."""
    best = 0.0
    for place, words in places.items():
        if word in words:
            best = max(best, _WEIGHTS[place])
        elif place != "name" and _SYNONYMS.get(word, set()) & words:
            best = max(best, _SYNONYM * _WEIGHTS[place])
    return best


@functools.cache
def _places(name: str) -> dict[str, set[str]]:
    """The words that are said about a loss, by the place where they are."""
    cls = LOSSES[name]
    domain, family = cls.__module__.split(".")[-2:]
    doc = docstring.read(cls)
    use = " ".join(doc.use.split()).removeprefix("Use it ")
    others = [alias for alias, loss in ALIASES.items() if loss == name]
    others += [meaning for meaning, losses in MEANINGS.items() if name in losses]
    others += [row.name for row in EQUIVALENTS if row.loss == name]
    return {
        "name": {*_words(name), *_neighbours(name), _stem(key(name))},
        "other names": {*_words(" ".join(others)), *(_stem(key(other)) for other in others)},
        "domain": set(_words(domain)),
        "family": set(_words(family)),
        "summary": set(_words(doc.summary)),
        "use": set(_words(re.split("; not |; it ", use)[0])),
        "kind": set(_words(KINDS[cls.kind])),
    }


def _words(text: str) -> list[str]:
    """The stems of the words of a text, of which CamelCase has several and "multi-label" three."""
    words = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])", text)
    words += re.findall(r"[A-Za-z0-9]+", text)
    words += [word.replace("-", "") for word in re.findall(r"\w+(?:-\w+)+", text)]
    return [_stem(word) for word in map(str.lower, words) if word not in _STOP]


def _neighbours(name: str) -> list[str]:
    """Each two neighbouring words of a name as one: "multilabel" in `MultiLabelMargin`."""
    words = re.findall(r"[A-Z]+[a-z0-9]*", name)
    return [_stem(key(a + b)) for a, b in itertools.pairwise(words)]


def _stem(word: str) -> str:
    """A word without its endings: "noisy" and "noise", "imbalanced" and "imbalances" are one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


_MEANINGS = {_stem(word): losses for word, losses in MEANINGS.items()}
_SYNONYMS = {_stem(word): set(_words(others)) for word, others in SYNONYMS.items()}
