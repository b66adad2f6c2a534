"""The losses of other libraries, by library and name."""

import difflib
import re

from kerasloss.core.aliases import key
from kerasloss.core.equivalents import (
    audio,
    boosting,
    detection,
    forecasting,
    general,
    generative,
    images,
    ordinal,
    others,
    ranking,
    registration,
    segmentation,
    sequence,
    single,
    statistics,
    survival,
    tasks,
    transport,
)
from kerasloss.core.equivalents.row import Equivalent, Library

LIBRARIES = {
    "keras": Library("Keras", ("keras",), "3.15"),
    "tfa": Library("TensorFlow Addons", ("tfa", "tensorflow_addons"), "0.23"),
    "torch": Library("PyTorch", ("torch",), "2.13"),
    "tf": Library("TensorFlow", ("tf", "tensorflow"), "2.21"),
    "optax": Library("optax", ("optax",), "0.2"),
    "flux": Library("Flux", ("flux",), ""),
    "keras_cv": Library("KerasCV", ("keras_cv", "kerascv"), "0.9"),
    "timm": Library("timm", ("timm",), "1.0"),
    "gluon": Library("MXNet Gluon", ("gluon", "mxnet", "mx"), "1.9"),
    "neurenix": Library("Neurenix", ("neurenix",), ""),
    "sklearn": Library("scikit-learn", ("sklearn",), "1.9"),
    "pml": Library("PyTorch Metric Learning", ("pml", "pytorch_metric_learning"), "2.9"),
    "lightly": Library("lightly", ("lightly",), "1.6"),
    "tfs": Library("TensorFlow Similarity", ("tfs", "tensorflow_similarity"), "0.17"),
    "st": Library("Sentence Transformers", ("st", "sentence_transformers"), "6.2"),
    "open_clip": Library("open_clip", ("open_clip",), "3.3"),
    "insightface": Library("InsightFace", ("insightface",), ""),
    "smp": Library("Segmentation Models PyTorch", ("smp", "segmentation_models_pytorch"), "0.6"),
    "sm": Library("Segmentation Models", ("sm", "segmentation_models"), "1.0"),
    "monai": Library("MONAI", ("monai",), "1.6"),
    "kornia": Library("kornia", ("kornia",), "0.9"),
    "liger": Library("Liger Kernel", ("liger", "liger_kernel"), "0.8"),
    "trl": Library("TRL", ("trl",), ""),
    "transformers": Library("Transformers", ("transformers",), "5.24"),
    "pycox": Library("pycox", ("pycox",), "0.3"),
    "lifelines": Library("lifelines", ("lifelines",), "0.30"),
    "torchsurv": Library("torchsurv", ("torchsurv",), "0.2"),
    "statsmodels": Library("statsmodels", ("statsmodels",), "0.15"),
    "xgboost": Library("XGBoost", ("xgboost", "xgb"), "3.2"),
    "torchaudio": Library("torchaudio", ("torchaudio",), "2.11"),
    "warp_transducer": Library("warp-transducer", ("warp_transducer", "warprnnt_pytorch"), ""),
    "torchcrf": Library("pytorch-crf", ("torchcrf", "pytorch_crf"), "0.7"),
    "tslearn": Library("tslearn", ("tslearn",), "0.10"),
    "dilate": Library("DILATE", ("dilate",), ""),
    "keras_rs": Library("keras-rs", ("keras_rs",), "0.4"),
    "tfr": Library("TF-Ranking", ("tfr", "tensorflow_ranking"), ""),
    "allrank": Library("allRank", ("allrank",), ""),
    "recbole": Library("RecBole", ("recbole",), ""),
    "recbox": Library("RecBox", ("recbox",), ""),
    "tfrs": Library("TensorFlow Recommenders", ("tfrs", "tensorflow_recommenders"), ""),
    "auraloss": Library("auraloss", ("auraloss",), "0.4"),
    "asteroid": Library("asteroid", ("asteroid",), "0.7"),
    "torchmetrics": Library("torchmetrics", ("torchmetrics",), "1.9"),
    "piq": Library("piq", ("piq",), "0.8"),
    "skimage": Library("scikit-image", ("skimage",), "0.26"),
    "focal_frequency": Library("focal-frequency-loss", ("focal_frequency_loss", "focal_frequency"), "0.3"),
    "tfgan": Library("TF-GAN", ("tfgan", "tensorflow_gan"), ""),
    "r3gan": Library("R3GAN", ("r3gan",), ""),
    "diffusers": Library("diffusers", ("diffusers",), ""),
    "torchcfm": Library("torchcfm", ("torchcfm",), ""),
    "taming": Library("taming-transformers", ("taming",), ""),
    "midas": Library("MiDaS", ("midas",), ""),
    "voxelmorph": Library("VoxelMorph", ("voxelmorph", "vxm"), ""),
    "torchvision": Library("torchvision", ("torchvision",), "0.28"),
    "mmdet": Library("mmdetection", ("mmdet",), ""),
    "detr": Library("DETR", ("detr",), ""),
    "pytorch3d": Library("PyTorch3D", ("pytorch3d",), ""),
    "hrnet": Library("HRNet", ("hrnet",), ""),
    "tfp": Library("TensorFlow Probability", ("tfp", "tfd", "tensorflow_probability"), "0.23"),
    "pyro": Library("Pyro", ("pyro",), "1.9"),
    "torchdistill": Library("torchdistill", ("torchdistill",), "1.1"),
    "neuralop": Library("neuraloperator", ("neuralop", "neuraloperator"), "2.0"),
    "toolbelt": Library("pytorch-toolbelt", ("toolbelt", "pytorch_toolbelt"), "0.8"),
    "pytorch_adapt": Library("PyTorch Adapt", ("pytorch_adapt",), "0.0.83"),
    "balanced_loss": Library("balanced-loss", ("balanced_loss",), "0.1"),
    "keras_unet_collection": Library("keras-unet-collection", ("keras_unet_collection",), "0.1"),
    "evidential_deep_learning": Library(
        "evidential-deep-learning", ("evidential_deep_learning", "edl"), "0.4"
    ),
    "scipy": Library("SciPy", ("scipy",), "1.17"),
    "coral_pytorch": Library("coral-pytorch", ("coral_pytorch",), "1.4"),
    "dlordinal": Library("dlordinal", ("dlordinal",), "2.7"),
    "spacecutter": Library("spacecutter", ("spacecutter",), "0.2"),
    "entmax": Library("entmax", ("entmax",), "1.3"),
    "geomloss": Library("geomloss", ("geomloss",), "0.3"),
    "ot": Library("POT", ("ot", "pot"), "0.9"),
    "neuralforecast": Library("neuralforecast", ("neuralforecast",), "3.3"),
    "scoringrules": Library("scoringrules", ("scoringrules", "sr"), "0.10"),
    "properscoring": Library("properscoring", ("properscoring", "ps"), "0.1"),
    "keras_hub": Library("KerasHub", ("keras_hub",), "0.32"),
    "bert4keras": Library("bert4keras", ("bert4keras",), ""),
    "info_nce": Library("info-nce-pytorch", ("info_nce", "info_nce_pytorch"), "0.1"),
    "hl_gauss": Library("hl-gauss-pytorch", ("hl_gauss", "hl_gauss_pytorch"), "0.3"),
    "basicsr": Library("BasicSR", ("basicsr",), "1.4"),
    "mmpose": Library("mmpose", ("mmpose",), "1.3"),
    "byol_pytorch": Library("byol-pytorch", ("byol_pytorch",), "0.9"),
    "lightgbm": Library("LightGBM", ("lightgbm", "lgb"), "4.7"),
    "pytorch_forecasting": Library("pytorch-forecasting", ("pytorch_forecasting",), "1.8"),
}
"""The libraries whose losses `get` knows, by the prefix of their names."""

EQUIVALENTS = tuple(
    Equivalent(library, *row)
    for library, rows in {
        "keras": general.KERAS,
        "tfa": [*general.TFA, *detection.TFA_BOXES],
        "torch": [*general.TORCH, *statistics.TORCH_DISTRIBUTIONS],
        "tf": [*general.TF, *images.TF_IMAGE],
        "optax": general.OPTAX,
        "flux": general.FLUX,
        "keras_cv": detection.KERAS_CV,
        "timm": others.TIMM,
        "gluon": general.GLUON,
        "neurenix": general.NEURENIX,
        "sklearn": others.SKLEARN,
        "pml": others.PML,
        "lightly": others.LIGHTLY,
        "tfs": others.TFS,
        "st": others.ST,
        "open_clip": others.OPEN_CLIP,
        "insightface": others.INSIGHTFACE,
        "smp": segmentation.SMP,
        "sm": segmentation.SM,
        "monai": segmentation.MONAI,
        "kornia": segmentation.KORNIA,
        "liger": others.LIGER,
        "trl": others.TRL,
        "transformers": others.TRANSFORMERS,
        "pycox": survival.PYCOX,
        "lifelines": survival.LIFELINES,
        "torchsurv": survival.TORCHSURV,
        "statsmodels": statistics.STATSMODELS,
        "xgboost": survival.XGBOOST,
        "torchaudio": sequence.TORCHAUDIO,
        "warp_transducer": sequence.WARP_TRANSDUCER,
        "torchcrf": sequence.PYTORCH_CRF,
        "tslearn": sequence.TSLEARN,
        "dilate": sequence.DILATE,
        "keras_rs": ranking.KERAS_RS,
        "tfr": ranking.TFR,
        "allrank": ranking.ALLRANK,
        "recbole": ranking.RECBOLE,
        "recbox": ranking.RECBOX,
        "tfrs": ranking.TFRS,
        "auraloss": audio.AURALOSS,
        "asteroid": audio.ASTEROID,
        "torchmetrics": audio.TORCHMETRICS,
        "piq": images.PIQ,
        "skimage": images.SKIMAGE,
        "focal_frequency": images.FOCAL_FREQUENCY,
        "tfgan": generative.TFGAN,
        "r3gan": generative.R3GAN,
        "diffusers": generative.DIFFUSERS,
        "torchcfm": generative.TORCHCFM,
        "taming": generative.TAMING,
        "midas": registration.MIDAS,
        "voxelmorph": registration.VOXELMORPH,
        "torchvision": detection.TORCHVISION,
        "mmdet": detection.MMDET,
        "detr": detection.DETR,
        "pytorch3d": detection.PYTORCH3D,
        "hrnet": detection.HRNET,
        "tfp": statistics.TFP,
        "pyro": statistics.PYRO,
        "torchdistill": tasks.TORCHDISTILL,
        "neuralop": tasks.NEURALOP,
        "toolbelt": tasks.TOOLBELT,
        "pytorch_adapt": tasks.PYTORCH_ADAPT,
        "balanced_loss": tasks.BALANCED_LOSS,
        "keras_unet_collection": tasks.KERAS_UNET_COLLECTION,
        "evidential_deep_learning": tasks.EVIDENTIAL_DEEP_LEARNING,
        "scipy": statistics.SCIPY,
        "coral_pytorch": ordinal.CORAL_PYTORCH,
        "dlordinal": ordinal.DLORDINAL,
        "spacecutter": ordinal.SPACECUTTER,
        "entmax": ordinal.ENTMAX,
        "geomloss": transport.GEOMLOSS,
        "ot": transport.POT,
        "neuralforecast": forecasting.NEURALFORECAST,
        "scoringrules": forecasting.SCORINGRULES,
        "properscoring": forecasting.PROPERSCORING,
        "keras_hub": others.KERAS_HUB,
        "bert4keras": others.BERT4KERAS,
        "info_nce": single.INFO_NCE,
        "hl_gauss": single.HL_GAUSS,
        "basicsr": images.BASICSR,
        "mmpose": detection.MMPOSE,
        "byol_pytorch": single.BYOL_PYTORCH,
        "lightgbm": boosting.LIGHTGBM,
        "pytorch_forecasting": forecasting.PYTORCH_FORECASTING,
    }.items()
    for row in rows
)
"""Every loss of these libraries that has its number here. A class of `keras.losses` without a row, or any of
another spelling of a name here, is the loss of that name."""

_IN_KERAS = re.compile(r"(\w+\.)*keras\.|(losses|metrics)\.")
"""How a name of Keras goes on after `tf.`: `tf.losses` is `tf.keras.losses`."""

_ROOTS = {root: library for library, about in LIBRARIES.items() for root in about.roots}


def split(name: str) -> tuple[str | None, str]:
    """The library of a dotted name, as it is written, and the name of the loss alone.

    >>> from kerasloss.core.equivalents.lookup import split
    >>> split("torch.nn.KLDivLoss(reduction='batchmean')")
    ('torch', "KLDivLoss(reduction='batchmean')")
    >>> split("Huber")
    (None, 'Huber')
    >>> split("tf.keras.losses.Huber")
    ('keras', 'Huber')
    """
    dotted, bracket, arguments = name.partition("(")
    root, dot, rest = dotted.partition(".")
    if root.lower() in LIBRARIES["tf"].roots and _IN_KERAS.match(rest):
        root = "keras"
    return (root if dot else None), rest.rpartition(".")[2] + bracket + arguments if dot else name


def library_of(root: str) -> str | None:
    """The library that a root names, or None."""
    return _ROOTS.get(root.lower())


def equivalent(library: str, name: str) -> Equivalent | None:
    """The row of a loss of a library, in any spelling of its name, or None."""
    return next((e for e in of_library(library) if _key(e.name) == _key(name)), None)


def named(name: str, most: int = 5) -> list[str]:
    """The losses of this name in any library, with the library in front."""
    wanted = _key(name)
    return [f"{e.library}.{split(e.name)[1]}" for e in EQUIVALENTS if _key(e.name) == wanted][:most]


def of_library(library: str) -> list[Equivalent]:
    """The rows of a library."""
    return [e for e in EQUIVALENTS if e.library == library]


def nearest(library: str, name: str, most: int = 5) -> list[str]:
    """The names of a library that an unknown one may mean, the likeliest first."""
    by_key = {_key(e.name): f"{library}.{split(e.name)[1]}" for e in of_library(library)}
    word = _key(name)
    contain = [k for k in by_key if word and (word in k or k in word)]
    close = difflib.get_close_matches(word, by_key, n=most, cutoff=0.5)
    found = [*close, *contain] or difflib.get_close_matches(word, by_key, n=3, cutoff=0.0)
    return [by_key[k] for k in dict.fromkeys(found)][:most]


def _key(name: str) -> str:
    """`aliases.key` of a name of another library, whose arguments stay what they are."""
    function, _, arguments = split(name)[1].partition("(")
    return key(function) + ("(" + key(arguments) if arguments else "")
