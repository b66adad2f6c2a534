"""The stored numbers: computed by the libraries that are installed, or from documented formulas."""

import importlib
import importlib.metadata
import importlib.util
import json
import pathlib
import sys
import warnings

import numpy as np

PATH = pathlib.Path(__file__).parent.parent / "data" / "equivalents.json"

PACKAGES = {
    "keras": "keras",
    "tf": "tensorflow",
    "tfa": "tensorflow_addons",
    "torch": "torch",
    "optax": "optax",
    "keras_cv": "keras_cv",
    "timm": "timm",
    "gluon": "mxnet",
    "sklearn": "sklearn",
    "pml": "pytorch_metric_learning",
    "lightly": "lightly",
    "tfs": "tensorflow_similarity",
    "st": "sentence_transformers",
    "open_clip": "open_clip",
    "smp": "segmentation_models_pytorch",
    "sm": "segmentation_models",
    "monai": "monai",
    "kornia": "kornia",
    "liger": "liger_kernel",
    "transformers": "transformers",
    "pycox": "pycox",
    "lifelines": "lifelines",
    "torchsurv": "torchsurv",
    "statsmodels": "statsmodels",
    "xgboost": "xgboost",
    "torchaudio": "torchaudio",
    "torchcrf": "torchcrf",
    "tslearn": "tslearn",
    "keras_rs": "keras_rs",
    "auraloss": "auraloss",
    "asteroid": "asteroid",
    "torchmetrics": "torchmetrics",
    "piq": "piq",
    "skimage": "skimage",
    "focal_frequency": "focal_frequency_loss",
    "torchvision": "torchvision",
    "tfr": "tensorflow_ranking",
    "tfrs": "tensorflow_recommenders",
    "tfgan": "tensorflow_gan",
    "tfp": "tensorflow_probability",
    "pyro": "pyro",
    "torchdistill": "torchdistill",
    "neuralop": "neuralop",
    "toolbelt": "pytorch_toolbelt",
    "pytorch_adapt": "pytorch_adapt",
    "balanced_loss": "balanced_loss",
    "keras_unet_collection": "keras_unet_collection",
    "evidential_deep_learning": "evidential_deep_learning",
    "scipy": "scipy",
    "coral_pytorch": "coral_pytorch",
    "dlordinal": "dlordinal",
    "spacecutter": "spacecutter",
    "entmax": "entmax",
    "geomloss": "geomloss",
    "ot": "ot",
    "neuralforecast": "neuralforecast",
    "scoringrules": "scoringrules",
    "properscoring": "properscoring",
    "keras_hub": "keras_hub",
    "info_nce": "info_nce",
    "hl_gauss": "hl_gauss_pytorch",
    "basicsr": "basicsr",
    "mmpose": "mmpose",
    "byol_pytorch": "byol_pytorch",
    "lightgbm": "lightgbm",
    "pytorch_forecasting": "pytorch_forecasting",
}
"""The module that computes the numbers of a library; the others have formulas alone."""

LIBRARIES = [
    *(*PACKAGES, "flux", "neurenix", "trl", "insightface", "warp_transducer", "dilate"),
    *("allrank", "recbole", "recbox"),
    *("r3gan", "diffusers", "torchcfm", "taming", "midas", "voxelmorph"),
    *("mmdet", "detr", "pytorch3d", "hrnet", "bert4keras"),
]
DISTRIBUTIONS = {
    "tf": "tensorflow-cpu",
    "tfa": "tensorflow-addons",
    "keras_cv": "keras-cv",
    "sm": "segmentation-models",
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "focal_frequency": "focal-frequency-loss",
    "open_clip": "open_clip_torch",
    "liger": "liger-kernel",
    "xgboost": "xgboost-cpu",
    "torchcrf": "pytorch-crf",
    "keras_rs": "keras-rs",
    "tfr": "tensorflow-ranking",
    "tfrs": "tensorflow-recommenders",
    "tfgan": "tensorflow-gan",
    "tfp": "tensorflow-probability",
    "pyro": "pyro-ppl",
    "neuralop": "neuraloperator",
    "coral_pytorch": "coral-pytorch",
    "ot": "POT",
    "keras_hub": "keras-hub",
    "info_nce": "info-nce-pytorch",
    "hl_gauss": "hl-gauss-pytorch",
    "pytorch_forecasting": "pytorch-forecasting",
}
FORMULA = "documented formula in NumPy"


def module(library):
    """The module that asks a library for its numbers."""
    return importlib.import_module(f"tests.equivalents.numbers.{library}")


def numbers(library):
    """What each row of a library is computed by."""
    return module(library).NUMBERS


def by_formula(library, name):
    """Whether a row has a formula instead of its library."""
    return library not in PACKAGES or name in getattr(module(library), "FORMULAS", ())


def available(library, name):
    return (
        by_formula(library, name)
        or PACKAGES[library] in sys.modules
        or importlib.util.find_spec(PACKAGES[library]) is not None
    )


def how(library, name):
    if by_formula(library, name):
        return FORMULA
    package = PACKAGES[library]
    return f"computed by {package} {importlib.metadata.version(DISTRIBUTIONS.get(library, package))}"


def compute(theirs, y_true, y_pred):
    """Their number, as a float."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = theirs(y_true, y_pred)
    value = value.detach() if hasattr(value, "detach") else value
    return float(np.asarray(value))


def load():
    """The rows of the file: for each name the numbers with their inputs."""
    return json.loads(PATH.read_text())


def array(x, floats="float32"):
    """A stored input: integers stay integers, what was a tuple is one again."""
    if isinstance(x, dict):
        return tuple(np.array(part, floats) for part in x["tuple"])
    x = np.array(x)
    return x if x.dtype.kind == "i" else x.astype(floats)


def plain(x):
    return {"tuple": [part.tolist() for part in x]} if isinstance(x, tuple) else np.asarray(x).tolist()


def write(libraries):
    """Computes what can be computed here, of some libraries, and leaves the rest of the file as it is."""
    old, rows = load() if PATH.exists() else {}, {}
    for library in LIBRARIES:
        for name, found in numbers(library).items():
            row = f"{library}.{name}"
            here = library in libraries and available(library, name)
            rows[row] = [stored(library, name, number) for number in found] if here else old.get(row, [])
    lines = (f"{json.dumps(row)}: [\n{_lines(found)}\n]" for row, found in rows.items())
    PATH.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    missing = [row for row, found in rows.items() if not found]
    print(f"{len(rows)} rows, {sum(map(len, rows.values()))} numbers; without one: {missing}")


def check(libraries):
    """Ends with an error where the file differs from what a library gives."""
    kept, wrong, count = load(), [], 0
    for library in libraries:
        for name, found in numbers(library).items():
            for number, old in zip(found, kept[f"{library}.{name}"], strict=True):
                inputs = (array(old[x], "float64") for x in ("y_true", "y_pred"))
                there = compute(number.theirs, *inputs)
                count += 1
                if not np.isclose(there, old["value"], rtol=1e-5, atol=1e-5):
                    wrong.append(f"{library}.{name}: {there} there, {old['value']} in the file")
    sys.exit("\n".join(wrong) or print(f"{count} numbers as stored"))


def stored(library, name, number):
    """A number as it is stored."""
    return {
        "config": dict(number.config),
        "y_true": plain(number.y_true),
        "y_pred": plain(number.y_pred),
        "value": compute(number.theirs, number.y_true, number.y_pred),
        "how": how(library, name),
    }


def _lines(found):
    return ",\n".join(map(json.dumps, found))
