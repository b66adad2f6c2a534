"""A picture of each loss that can be drawn, as SVG."""

import concurrent.futures
import functools
import multiprocessing
import pathlib

from kerasloss.core.registry import LOSSES
from kerasloss.inspection import plot

STYLE = {
    "svg.fonttype": "none",  # the reader's own sans-serif: text stays text, and the files are small
    "svg.hashsalt": "kerasloss",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "legend.frameon": False,
}
PROCESSES = 2
"""Most of the time goes into compiling, of which JAX does one program at a time."""


def write(folder: pathlib.Path) -> set[str]:
    """Draws what can be drawn into a folder; returns the names of these losses."""
    folder.mkdir(parents=True, exist_ok=True)
    spawn = multiprocessing.get_context("spawn")  # JAX has threads, which a fork would lose
    with concurrent.futures.ProcessPoolExecutor(PROCESSES, mp_context=spawn) as pool:
        drawn = pool.map(functools.partial(draw, folder), LOSSES, chunksize=4)
        return {name for name, is_drawn in zip(LOSSES, drawn, strict=True) if is_drawn}


def draw(folder: pathlib.Path, name: str) -> bool:
    """Draws a loss; False if it has no picture."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    path = folder / f"{name}.svg"
    with matplotlib.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(5.6, 3.8), layout="constrained")
        try:
            plot.picture(LOSSES[name], ax=axes)
            figure.savefig(path, bbox_inches="tight", metadata={"Date": None, "Creator": None})
        except (TypeError, ValueError):  # it says why it can't be drawn; most wrappers need a loss
            path.unlink(missing_ok=True)
            return False
        finally:
            plt.close(figure)
    return True
