"""What docstrings say of other libraries names the loss that the rows name."""

import inspect
import re

from kerasloss.core.equivalents.lookup import EQUIVALENTS
from kerasloss.core.registry import LOSSES

TITLES = {
    "keras_cv": "keras-cv",
    "timm": "timm",
    "tf": "TensorFlow",
    "torch": "torch",
    "optax": "optax",
    "flux": "Flux",
    "gluon": "Gluon",
    "monai": "MONAI",
    "kornia": "kornia",
    "smp": "segmentation_models.pytorch",
    "sm": "Segmentation Models",
    "sklearn": "sklearn",
    "tfa": "TensorFlow Addons",
    "pml": "pytorch-metric-learning",
    "lightly": "lightly",
    "tfs": "TensorFlow Similarity",
    "st": "sentence-transformers",
    "open_clip": "open_clip",
    "insightface": "InsightFace",
    "liger": "Liger",
    "trl": "TRL",
    "transformers": "Transformers",
    "pycox": "pycox",
    "lifelines": "lifelines",
    "torchsurv": "torchsurv",
    "statsmodels": "statsmodels",
    "xgboost": "XGBoost",
    "keras_rs": "keras-rs",
    "tfr": "TF-Ranking",
    "allrank": "allRank",
    "recbole": "RecBole",
    "recbox": "RecBox",
    "tfrs": "TensorFlow Recommenders",
    "auraloss": "auraloss",
    "asteroid": "asteroid",
    "torchmetrics": "torchmetrics",
    "piq": "piq",
    "skimage": "scikit-image",
    "focal_frequency": "focal-frequency-loss",
    "tfgan": "TF-GAN",
    "r3gan": "R3GAN",
    "diffusers": "diffusers",
    "torchcfm": "torchcfm",
    "taming": "taming",
    "midas": "MiDaS",
    "voxelmorph": "VoxelMorph",
    "torchvision": "torchvision",
    "mmdet": "mmdetection",
    "detr": "DETR",
    "pytorch3d": "PyTorch3D",
    "hrnet": "HRNet",
    "tfp": "TensorFlow Probability",
    "pyro": "pyro",
    "torchdistill": "torchdistill",
    "neuralop": "neuraloperator",
    "toolbelt": "pytorch-toolbelt",
    "pytorch_adapt": "PyTorch Adapt",
    "balanced_loss": "balanced-loss",
    "keras_unet_collection": "keras-unet-collection",
    "evidential_deep_learning": "evidential-deep-learning",
    "scipy": "scipy",
    "coral_pytorch": "coral-pytorch",
    "dlordinal": "dlordinal",
    "spacecutter": "spacecutter",
    "entmax": "entmax",
    "geomloss": "geomloss",
    "ot": "POT",
    "neuralforecast": "neuralforecast",
    "scoringrules": "scoringrules",
    "properscoring": "properscoring",
    "keras_hub": "keras-hub",
    "bert4keras": "bert4keras",
    "info_nce": "info-nce-pytorch",
    "hl_gauss": "hl-gauss-pytorch",
    "basicsr": "BasicSR",
    "mmpose": "mmpose",
    "byol_pytorch": "byol-pytorch",
    "lightgbm": "LightGBM",
    "pytorch_forecasting": "pytorch-forecasting",
}
"""What docstrings call a library."""

BESIDE = {
    ("CategoricalCrossentropy", "torch", "CrossEntropyLoss"): "with soft targets",
    ("CausalLMCrossentropy", "torch", "CrossEntropyLoss"): "of tokens",
    ("CategoricalHinge", "sklearn", "hinge_loss"): "of several classes",
    ("LogitsDistillation", "torch", "KLDivLoss"): "of softened logits",
    ("PPOClip", "trl", "GRPOTrainer"): "with a `delta`",
    ("RootMeanSquaredError", "torch", "MSELoss"): "its root",
    ("DiceFocal", "kornia", "BinaryFocalLossWithLogits"): "a part of it",
    ("UnifiedFocal", "monai", "AsymmetricUnifiedFocalLoss"): "three quarters of it: a sum of one",
    ("FocalTversky", "smp", "TverskyLoss"): "with a `gamma`",
}
"""Losses that name one of which another loss has the number, and why."""


def mentions():
    """`(loss, library, name)` for each that a docstring names."""
    names = {(row.library, row.name.partition("(")[0]) for row in EQUIVALENTS}
    for loss, cls in LOSSES.items():
        text = inspect.getdoc(cls).partition("Equivalents:")[2].partition("\n\n")[0]
        text = " ".join(text.split())
        for library, name in names:
            title = re.escape(TITLES.get(library, "no title"))
            if re.search(rf"\b{title}(?: and \w+|,? [\w-]+)? `?{re.escape(name)}\b", text):
                yield loss, library, name


def test_a_docstring_names_no_other_loss_than_the_rows():
    here = {}
    for row in EQUIVALENTS:
        here.setdefault((row.library, row.name.partition("(")[0]), set()).add(row.loss)
    found = set(mentions())
    assert len(found) > 100
    others = {(loss, *name) for loss, *name in found if loss not in here[tuple(name)]}
    assert others == set(BESIDE)
