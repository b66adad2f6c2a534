"""Runs the examples and stores what the gallery shows of each: its figure and, in its page, its output.

`python docs/gallery/make.py` runs all of them, on JAX, which takes minutes; `python docs/gallery/make.py
preference` runs one. Needs statsmodels, scikit-learn, scikit-image and matplotlib: `tox -e gallery` has them.
"""

import os
import pathlib
import re
import subprocess
import sys

GALLERY = pathlib.Path(__file__).parent
EXAMPLES = GALLERY.parent.parent / "examples"
OUTPUT = re.compile(r"(?<=```text\n).*?(?=```\n)", re.DOTALL)
"""The block of a page that holds what its example prints."""
FIGURE = re.compile(r"```\{image\} (\S+)\n")
"""The figure that a page shows; the end of its name says in which format it is drawn."""


def pages() -> dict[str, pathlib.Path]:
    """The pages of the gallery by the names of their examples."""
    return {page.stem: page for page in sorted(GALLERY.glob("*.md"))}


def make(name: str, page: pathlib.Path) -> None:
    """Runs an example; stores its figure and writes its output into its page."""
    text = page.read_text("utf-8")
    figure = GALLERY / FIGURE.search(text).group(1)
    command = [sys.executable, str(EXAMPLES / f"{name}.py"), "--figure", str(figure)]
    settings = {
        "KERAS_BACKEND": "jax",
        "MATPLOTLIBRC": str(GALLERY / "matplotlibrc"),
        "MPLBACKEND": "agg",
        "SOURCE_DATE_EPOCH": "0",  # no date in the figures
    }
    done = subprocess.run(command, env=os.environ | settings, stdout=subprocess.PIPE, text=True, check=True)
    page.write_text(OUTPUT.sub(lambda _: done.stdout.strip("\n") + "\n", text, count=1), "utf-8")


if __name__ == "__main__":
    known = pages()
    for chosen in sys.argv[1:] or known:
        print(chosen, flush=True)
        make(chosen, known[chosen])
