"""Every section of every docstring is found, and nothing of it is lost."""

import inspect
import re

import pytest

from kerasloss.core.registry import LOSSES
from kerasloss.inspection import docstring

WITHOUT_EQUIVALENT = {"Center", "FromFunction", "LogCoshDice", "WeightedSum"}
each_loss = pytest.mark.parametrize("name", LOSSES)


@each_loss
def test_every_section(name):
    doc = docstring.read(LOSSES[name])
    lacking = {section for section, text in doc._asdict().items() if not text} - {"details"}
    assert lacking == ({"equivalents"} if name in WITHOUT_EQUIVALENT else set())
    assert set(inspect.signature(LOSSES[name]).parameters) <= set(doc.arguments)
    assert "ValueError" in doc.raises
    assert doc.example.startswith(">>> ") and doc.use.startswith("Use it ")


@each_loss
def test_nothing_is_lost_or_doubled(name):
    doc = docstring.read(LOSSES[name])
    entries = {text: None for text in (*doc.arguments.values(), *doc.raises.values())}  # shared ones once
    found = " ".join([*(text for text in doc if isinstance(text, str)), *entries])
    words = sorted(re.findall(r"\w+", re.sub(r"(?m)^(\w+):", "", inspect.getdoc(LOSSES[name]))))
    names = re.findall(r"\w+", " ".join([*doc.arguments, *doc.raises]))
    assert set(words) - set(names) <= set(re.findall(r"\w+", found))
    assert len(re.findall(r"\w+", found)) <= len(words)


def test_an_instance_is_its_class():
    assert docstring.read(LOSSES["Huber"]()) == docstring.read(LOSSES["Huber"])


def test_details_stand_between_summary_and_sections():
    class Own:
        """The summary.

        More of it.

        Args:
            a, b: Both
                of them.

        Use it now.
        """

    doc = docstring.read(Own)
    assert (doc.summary, doc.details, doc.formula) == ("The summary.", "More of it.", "")
    assert doc.use == "Use it now."
    assert doc.arguments == {"a": "Both of them.", "b": "Both of them."}


def test_a_class_without_a_docstring_is_refused():
    class Own:
        pass

    with pytest.raises(ValueError, match="read: Own must have a docstring. Received: none"):
        docstring.read(Own)
