"""The tables of the pages "Coming from", written from the rows."""

import inspect
import pathlib
import re

from kerasloss.core.equivalents.lookup import LIBRARIES, of_library
from kerasloss.core.registry import LOSSES

FOLDER = pathlib.Path(__file__).parent.parent.parent / "docs" / "coming_from"
PAGES = {
    "keras": ["keras"],
    "tensorflow": ["tf"],
    "tensorflow_addons": ["tfa"],
    "keras_cv": ["keras_cv"],
    "torch": ["torch"],
    "timm": ["timm"],
    "optax": ["optax"],
    "flux": ["flux"],
    "gluon": ["gluon"],
    "neurenix": ["neurenix"],
    "scikit_learn": ["sklearn"],
    "pytorch_metric_learning": ["pml"],
    "lightly": ["lightly"],
    "tensorflow_similarity": ["tfs"],
    "sentence_transformers": ["st"],
    "open_clip": ["open_clip"],
    "insightface": ["insightface"],
    "segmentation_models": ["smp", "sm"],
    "monai": ["monai"],
    "kornia": ["kornia"],
    "liger_trl": ["liger", "trl"],
    "transformers": ["transformers"],
    "survival": ["pycox", "torchsurv", "lifelines", "xgboost"],
    "sequence_libraries": ["torchaudio", "warp_transducer", "torchcrf", "tslearn", "dilate"],
    "ranking": ["keras_rs", "tfr", "allrank", "recbole", "recbox", "tfrs"],
    "audio": ["auraloss", "asteroid", "torchmetrics"],
    "images": ["piq", "skimage", "focal_frequency", "basicsr"],
    "generative": ["tfgan", "r3gan", "diffusers", "torchcfm", "taming"],
    "registration": ["midas", "voxelmorph"],
    "statistics": ["tfp", "pyro", "scipy", "statsmodels"],
    "detection": ["torchvision", "mmdet", "mmpose", "detr", "pytorch3d", "hrnet"],
    "torchdistill": ["torchdistill"],
    "neuraloperator": ["neuralop"],
    "pytorch_toolbelt": ["toolbelt"],
    "pytorch_adapt": ["pytorch_adapt"],
    "balanced_loss": ["balanced_loss"],
    "keras_unet_collection": ["keras_unet_collection"],
    "evidential_deep_learning": ["evidential_deep_learning"],
    "ordinal": ["coral_pytorch", "dlordinal", "spacecutter"],
    "entmax": ["entmax"],
    "transport": ["geomloss", "ot"],
    "forecasting": ["neuralforecast", "scoringrules", "properscoring", "pytorch_forecasting"],
    "keras_hub": ["keras_hub", "bert4keras"],
    "single_losses": ["info_nce", "hl_gauss", "byol_pytorch"],
    "lightgbm": ["lightgbm"],
}
"""The libraries of each page."""

_TABLE = re.compile(r"(<!-- table: .*? -->\n).*?(<!-- end -->)", re.DOTALL)


def path(page):
    return FOLDER / f"{page}.md"


def written(page):
    """The text of a page, with its table as the rows are now."""
    tables = "\n".join(map(table, PAGES[page]))
    return _TABLE.sub(lambda m: f"{m[1]}\n{tables}\n{m[2]}", path(page).read_text())


def write():
    for page in PAGES:
        path(page).write_text(written(page))
    print(f"{len(PAGES)} pages")


def table(library):
    about = LIBRARIES[library]
    title = f"{about.title} {about.version}".strip()
    lines = [f"| {title} | here | what else differs |", "|---|---|---|"]
    for row in of_library(library):
        lines.append(f"| `{row.name}` | `{code(row.loss, row.arguments)}` | {row.note} |")
    return "\n".join(lines) + "\n"


def code(loss, arguments):
    """What makes the loss of a row."""
    if loss == "WeightedSum":
        parts = [code(part["class_name"], part["config"]) for part in arguments["losses"]]
        weights = arguments.get("weights", [1] * len(parts))
        return " + ".join(p if w == 1 else f"{w:g} * {p}" for w, p in zip(weights, parts, strict=True))
    parameters = inspect.signature(LOSSES[loss]).parameters.values()
    required = [p.name for p in parameters if p.default is p.empty and p.name not in arguments]
    given = [f"{name}={shown(value)}" for name, value in arguments.items()]
    return f"kerasloss.{loss}({', '.join(required + given)})"


def shown(value):
    known = {2**0.5: "2**0.5", 1 / 3: "1 / 3"}
    return known.get(value, repr(value)) if isinstance(value, float) else repr(value).replace("'", '"')
