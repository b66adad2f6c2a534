"""A picture of each loss that can be drawn, as SVG."""

import pathlib

import kerasloss
from kerasloss.core.registry import LOSSES
from kerasloss.inspection import plot

STYLE = {
    "svg.fonttype": "none",  # the reader's own sans-serif: text stays text, and the files are small
    "svg.hashsalt": "kerasloss",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "legend.frameon": False,
}


def write(folder: pathlib.Path) -> set[str]:
    """Draws what can be drawn into a folder; returns the names of these losses."""
    import matplotlib

    matplotlib.use("svg")
    folder.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context(STYLE):
        return {name for name in LOSSES if _draw(name, folder / f"{name}.svg")}


def _draw(name: str, path: pathlib.Path) -> bool:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
    try:
        _picture(name, axes)
        axes.figure.savefig(path, metadata={"Date": None, "Creator": None})
    except (TypeError, ValueError):  # it says why it can't be drawn; most wrappers need a loss
        path.unlink(missing_ok=True)
        return False
    finally:
        plt.close(figure)
    return True


def _picture(name: str, axes: object) -> None:
    loss = getattr(kerasloss, name)()
    if hasattr(plot, "picture"):
        plot.picture(loss, ax=axes)
    elif loss.kind in ("element", "binary", "margin"):
        kerasloss.plot(loss, y_true=0.0 if loss.kind == "element" else 1.0, ax=axes)
    else:
        raise ValueError(f"{name} has no picture")
