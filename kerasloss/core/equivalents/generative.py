"""TF-GAN, R3GAN, diffusers, torchcfm and taming-transformers: critics, diffusion, flows, discrete codes."""

from kerasloss.core.equivalents.row import Rows

_HALVES = "Twice this on a batch of equal halves: it adds the means of real and of generated scores."

TFGAN: Rows = [
    ("minimax_discriminator_loss", "MinimaxGAN", {"label_smoothing": 0.25}, _HALVES),
    ("minimax_generator_loss", "MinimaxGAN", {"role": "generator"}, "Less `log(1 + exp(-1))`, a constant."),
    ("modified_discriminator_loss", "NonSaturatingGAN", {"label_smoothing": 0.25}, _HALVES),
    ("modified_generator_loss", "NonSaturatingGAN", {}, ""),
    (
        "least_squares_discriminator_loss",
        "LeastSquaresGAN",
        {},
        _HALVES,
    ),
    ("least_squares_generator_loss", "LeastSquaresGAN", {}, ""),
    ("wasserstein_discriminator_loss", "WassersteinGAN", {}, _HALVES),
    ("wasserstein_generator_loss", "WassersteinGAN", {}, ""),
    ("wasserstein_hinge_discriminator_loss", "HingeGAN", {}, f"Both its hinges are `margin`. {_HALVES}"),
    ("wasserstein_hinge_generator_loss", "HingeGAN", {"role": "generator"}, ""),
    ("relativistic_discriminator_loss", "RelativisticAverageGAN", {}, _HALVES),
    (
        "relativistic_generator_loss",
        "RelativisticAverageGAN",
        {},
        f"With 1 for generated scores and 0 for real ones. {_HALVES}",
    ),
    (
        "wasserstein_gradient_penalty",
        "GradientPenalty",
        {},
        "It takes the gradients itself, at random points between both samples.",
    ),
    ("cycle_consistency_loss", "CycleConsistency", {}, "On both directions, stacked on the batch axis."),
]

R3GAN: Rows = [
    ("AccumulateGeneratorGradients", "RelativisticPairingGAN", {}, "With `y_true` 0."),
    (
        "AccumulateDiscriminatorGradients",
        "RelativisticPairingGAN",
        {},
        "With `y_true` 1; its penalties are apart, as below.",
    ),
    (
        "ZeroCenteredGradientPenalty",
        "GradientPenalty",
        {"target": 0.0},
        "Times gamma / 2, for R1 and R2.",
    ),
]

_LEVEL = "The time is one more channel of `y_true`."

DIFFUSERS: Rows = [
    (
        "train_text_to_image",
        "Diffusion",
        {},
        'For `"v_prediction"` `prediction="velocity"`.',
    ),
    (
        "train_text_to_image(snr_gamma=5.0)",
        "Diffusion",
        {"weighting": "min_snr"},
        "`snr_gamma` is `gamma`. The logarithm of its `compute_snr` is one more channel of `y_true`.",
    ),
    ('compute_loss_weighting_for_sd3("sigma_sqrt")', "FlowMatching", {"weighting": "sigma_sqrt"}, _LEVEL),
    ('compute_loss_weighting_for_sd3("cosmap")', "FlowMatching", {"weighting": "cosmap"}, _LEVEL),
    (
        'compute_loss_weighting_for_sd3("logit_normal")',
        "FlowMatching",
        {},
        "It draws the times from the density, and weighs by 1; so for `mode` and `none`.",
    ),
    (
        "VectorQuantizer",
        "VectorQuantization",
        {"commitment": 1.0, "codebook": 0.25},
        "With `beta=0.25`, which is `codebook`. Outputs and codes stacked on axis -2.",
    ),
    ("VectorQuantizer(legacy=False)", "VectorQuantization", {}, "With `beta=0.25`, which is `commitment`."),
]

TORCHCFM: Rows = [
    ("ConditionalFlowMatcher", "FlowMatching", {}, "The mean square of the prediction against its `ut`."),
]

TAMING: Rows = [
    (
        "VectorQuantizer2",
        "VectorQuantization",
        {"commitment": 1.0, "codebook": 0.25},
        "With `beta=0.25`, which is `codebook`. Outputs and codes stacked on axis -2.",
    ),
    ("VectorQuantizer2(legacy=False)", "VectorQuantization", {}, "With `beta=0.25`, which is `commitment`."),
]
