"""Breaks the code on purpose and shows which law sees it: `python -m tests.mutations`.

Each mutation replaces one piece of text in a copy of the package and runs the tests that should see it.
A mutation that no test sees is a missing law: the command then fails.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

# (what is broken, file, text, its replacement, tests to run: a pytest -k expression)
MUTATIONS = [
    ("a flipped sign", "core/numerics.py", "clipped * (x - 0.5", "clipped * (x + 0.5", "Huber"),
    ("a sum for a mean", "losses/regression/robust.py", "2 * mean(z / (1 + z)", "2 * ops.sum(z / (1 + z)", "GemanMcClure"),
    ("weights are multiplied, not selected", "core/loss.py",
     "values = ops.where(self.broadcast_from_left(included, values), values, 0)",
     "values = values * ops.cast(self.broadcast_from_left(included, values), values.dtype)", "excluded or Excluded"),
    ("excluded inputs reach the arithmetic", "core/loss.py",
     "y_pred = self._select(of_values, y_pred, y_pred)", "pass", "excluded"),
    ("dtype is dropped from the configuration", "core/configuration.py", "if p.kind not in (",
     'if p.name != "dtype" and p.kind not in (', "configuration and Huber"),
    ("labels are cast to the dtype of the loss", "core/labels.py",
     'return ops.cast(y_true, "int64" if wide else "int32")',
     'return ops.cast(ops.cast(y_true, "bfloat16"), "int32")', "class_ids"),
    ("ids out of range are clipped", "core/kinds/classes.py",
     "return nan_unless(is_class, take_at(x, ids, self.axis))",
     "return take_at(x, ids, self.axis)", "wrong_labels"),
    ("a label of 255 is a number", "core/kinds/binary.py",
     "return nan_unless(inside, value)", "return value", "wrong_labels"),
    ("an ignored class is counted", "core/loss.py",
     "elif counts is not None:", "elif False:", "ignored"),
    ("class weights stay out of the divisor", "core/loss.py",
     "divisor = _product(combined_weights(sample_weight, counts, values.dtype), own_weight)",
     "divisor = combined_weights(sample_weight, counts, values.dtype)", "torch or reductions or documented"),
    ("half types are computed in half", "core/loss.py",
     'return "float32" if self.dtype in ("float16", "bfloat16") else self.dtype', "return self.dtype",
     "dtypes or float32_or_wider"),
    ("weights of rank 1 land on the last axis", "core/loss.py",
     "    for _ in range(rank - len(x.shape)):\n        x = ops.expand_dims(x, -1)",
     "    for _ in range(rank - len(x.shape)):\n        x = ops.expand_dims(x, 0)", "weights"),
    ("an argument does nothing", "losses/regression/robust.py", "(ops.square(y_pred - y_true) + self.epsilon**2) ** self.alpha",
     "(ops.square(y_pred - y_true) + self.epsilon**2) ** 0.5", "Charbonnier"),
    ("an argument is not checked", "losses/regression/errors.py", "delta: Positive = 1.0", "delta: object = 1.0",
     "bad_arguments"),
    ("no argument is checked", "core/configuration.py", "value if check is None else check(self, name, value)", "value",
     "bad_arguments and Huber"),
    ("the gradient of |e| at 0 is that of JAX", "core/numerics.py", "return ops.abs(x)",
     "return ops.where(x >= 0, x, -x + 0 * x)", "kinks"),
    ("the root of 0 has an infinite slope", "core/numerics.py",
     "return ops.where(zero, 0, ops.sqrt(ops.where(zero, 1, x)))", "return ops.sqrt(x)", "kinks"),
    ("probabilities are not clipped", "core/probabilities.py", "ops.log(clip(p, epsilon, 1 - epsilon))",
     "ops.log(p)", "extremes"),
    ("smoothing counts the wrong axis", "core/labels.py", "count = 2 if axis is None else y_true.shape[axis]",
     "count = 2 if axis is None else y_true.shape[-1]", "any_axis or smoothing"),
    ("shapes may broadcast", "core/checks.py", "a is None or b is None or a == b", "a is None or b is None or 1 in (a, b) or a == b",
     "broadcast"),
    ("the mask of y_pred is forgotten", "core/loss.py", "mask = keras_mask(y_pred)", "mask = None", "mask"),
    ("a lambda is saved", "core/configuration.py", "if registered is not leaf:", "if False:", "saved"),
    ("alpha of a wing is lost", "losses/regression/robust.py", "q = self.alpha - ops.clip(y_true, 0, 1)", "q = 2.1 - ops.clip(y_true, 0, 1)",
     "AdaptiveWing"),
    ("negative probabilities are taken", "core/probabilities.py",
     'ops.where(positive, ops.cast(total < TINY, total.dtype), float("nan"))',
     "ops.cast(total < TINY, total.dtype)", "wrong_probabilities"),
    ("the priors are forgotten", "losses/classification/imbalance.py", "self.tau * math.log(n / total)", "0 * math.log(n / total)",
     "LogitAdjusted"),
    ("the sign of a generalised cross-entropy", "losses/classification/noise.py", "return -ops.expm1(self.q *", "return ops.expm1(self.q *",
     "GeneralizedCrossEntropy"),
    ("alpha and beta are swapped", "losses/classification/noise.py", "self.alpha * crossentropy + self.beta * self.reverse",
     "self.beta * crossentropy + self.alpha * self.reverse", "SymmetricCrossentropy"),
    ("a log without its epsilon", "losses/classification/weak_labels.py", "ops.log(clip(q, keras.config.epsilon(), 1.0))", "ops.log(q)",
     "ForwardCorrection"),
    ("thresholds count from the wrong side", "losses/classification/ordinal.py",
     "ops.sum(ops.where(y >= thresholds, each, 0), axis=-1)", "ops.sum(ops.where(y > thresholds, each, 0), axis=-1)", "Corn"),
    ("the root of a distance is not taken", "losses/classification/ordinal.py",
     "return power(value, 1 / self.order) if self.root else value", "return value", "EarthMovers"),
    ("a mixture has the weights swapped", "losses/divergence/divergences.py", "beta * p * (log_p - log_m) + (1 - beta) * q",
     "(1 - beta) * p * (log_p - log_m) + beta * q", "JensenShannon"),
    ("one half is lost", "losses/divergence/divergences.py", "return 0.5 * ops.sum(absolute(", "return ops.sum(absolute(",
     "TotalVariation"),
    ("the cross term counts once", "losses/divergence/transport.py", "self.within(within_y, b) - 2 * between",
     "self.within(within_y, b) - between", "MaximumMeanDiscrepancy"),
    ("a sum for a mean of projections", "losses/divergence/transport.py", "power(mean(on_lines, axis=-1), 1 / self.p)",
     "power(ops.sum(on_lines, axis=-1), 1 / self.p)", "SlicedWasserstein"),
    ("the temperature is not made good", "losses/distillation/responses.py", "self.temperature**2 * ops.sum(relative_entropy(",
     "ops.sum(relative_entropy(", "LogitsDistillation"),
    ("hard and soft are swapped", "losses/distillation/responses.py",
     "(1 - self.hard_weight) * value + self.hard_weight * crossentropy",
     "self.hard_weight * value + (1 - self.hard_weight) * crossentropy", "LogitsDistillation"),
    ("a likelihood loses its constant", "losses/probabilistic/likelihood.py", "log_i0e(concentration), axis=-1) + 2 * HALF_LOG_2PI",
     "log_i0e(concentration), axis=-1)", "VonMises"),
    ("a rest of the factorial is lost", "losses/probabilistic/counts.py", "- y * v + log_factorial_remainder(y)", "- y * v", "ZeroInflatedPoisson"),
    ("negative counts are plausible", "losses/probabilistic/deviance.py", 'ops.where(y_true >= 0, value, float("nan"))', "value", "likelihood"),
    ("above and below are swapped", "losses/regression/quantile.py", "return pinball(error, above, below)",
     "return pinball(error, below, above)", "Quantile"),
    ("pairs of samples count twice", "losses/probabilistic/proper_scores.py", "/ (2 * self.pairs(m))", "/ self.pairs(m)", "CRPS or Energy"),
    ("a coefficient with a flipped sign", "losses/segmentation/overlap.py", "(tp * tn - fp * fn)", "(tp * tn + fp * fn)", "Matthews"),
    ("absent classes are counted", "losses/segmentation/lovasz.py", "ops.sum(ops.cast(present, values.dtype), axis=-1)",
     "ops.sum(ops.ones_like(values), axis=-1)", "LovaszSoftmax"),
    ("the weight of one part is lost", "losses/segmentation/mixing.py", "self.weight * focal + (1 - self.weight) *", "focal + (1 - self.weight) *",
     "UnifiedFocal"),
    ("length and region are swapped", "losses/segmentation/boundary.py", "self.length_weight * length + self.region_weight * region",
     "self.region_weight * length + self.length_weight * region", "ActiveContour"),
    ("targets get a gradient", "losses/embedding/self_distillation.py", "ops.flip(ops.stop_gradient(y_pred[:, half:]), axis=1)",
     "ops.flip(y_pred[:, half:], axis=1)", "BYOL"),
    ("a view is compared with itself", "losses/embedding/self_distillation.py", "[log_p[:, :k], log_p[:, k + 1 :]]", "[log_p]", "DINO"),
    ("an absent sample is a neighbour", "losses/embedding/regularization.py", "return ops.logical_and(there > 0, ops.logical_not(itself(index, there)))",
     "return ops.logical_not(itself(index, there))", "no_neighbour"),
    ("the ends of an integral count twice", "losses/embedding/regularization.py", "step if k == knots - 1 else 2 * step", "2 * step", "SIGReg"),
    ("dissimilar pairs are pulled", "losses/embedding/pairs.py", "1 - similarity, ops.relu(similarity - self.margin)",
     "1 - similarity, ops.relu(self.margin - similarity)", "CosineEmbedding"),
    ("triplets without error are counted", "core/kinds/label_embedding.py",
     'return values, exists if average == "valid" else ops.logical_and(exists, values > 0)', "return values, exists",
     "Circle"),
    ("an anchor without a positive is counted", "core/kinds/label_embedding.py",
     'return values, exists if average == "valid" else ops.logical_and(exists, values > 0)', "return values, None",
     "anchors"),
    ("one positive stands for all", "losses/embedding/all_pairs.py",
     "near = masked_logsumexp(-self.gamma * pull * (self.margin - d), pairs.positive, axis=1)",
     "near = ops.amax(ops.where(pairs.positive, -self.gamma * pull * (self.margin - d), -1e9), axis=1)", "Circle"),
    ("an anchor is a positive of itself", "core/kinds/label_embedding.py",
     "ops.logical_and(same, ops.logical_not(own))", "same", "Circle"),
    ("distances are taken far from 0", "core/pairwise.py", "return x - ops.expand_dims(weighted_mean(x, weight, 0), 0)",
     "return x", "moved"),
    ("the last block is left out", "core/blocks.py", "starts = range(0, count, size)",
     "starts = range(0, count - size + 1, size)", "blocks"),
    ("the hardest negative is the farthest", "losses/embedding/triplets.py",
     "ops.argmin(ops.where(pairs.negative, d, math.inf), axis=1)",
     "ops.argmax(ops.where(pairs.negative, d, -math.inf), axis=1)", "BatchHard"),
    ("a negative counts for the thresholds before it", "losses/embedding/triplets.py",
     "(below - above) * (x - offset)", "(below + above) * (x - offset)", "BatchAllTriplet"),
    ("the margin of mined triplets is lost", "losses/embedding/triplets.py", "total = excess + self.margin * hard",
     "total = excess", "BatchAllTriplet"),
    ("the angle has no end", "losses/embedding/angular_margins.py",
     "return ops.where(c >= -math.cos(margin), _turned(c, margin), c - margin * math.sin(margin))", "return _turned(c, margin)", "ArcFace"),
    ("half turns are not folded", "losses/embedding/angular_margins.py", "return (1 - 2 * is_odd) * cos - 2 * k",
     "return cos - 2 * k", "SphereFace"),
    ("an absent face is in the statistics", "losses/embedding/angular_margins.py",
     "there = ops.ones_like(n) if present is None else ops.cast(present, n.dtype)", "there = ops.ones_like(n)", "AdaFace"),
    ("all classes get the margin", "core/cosines.py",
     "return ops.where(is_target, ops.expand_dims(psi(target), -1), c)", "return psi(c)", "CosFace"),
    ("classes that are absent count for the mean of proxies", "losses/embedding/proxies.py",
     "safe_divide(ops.sum(pull), ops.sum(in_batch))", "mean(pull, axis=-1)", "ProxyAnchor"),
    ("a cosine of 1 has no gradient", "layers/embedding.py",
     "cosines = cosines + ops.stop_gradient(clip(cosines, -1.0, 1.0) - cosines)", "cosines = clip(cosines, -1.0, 1.0)",
     "test_cosines_are_clipped"),
    ("a partner stands in its own denominator", "losses/embedding/contrastive.py",
     "itself(index + 1 - 2 * (index % 2), y)", "itself(index, y)", "Decoupled"),
    ("hard negatives stand in the place of positives", "core/kinds/in_batch.py",
     "ops.reshape(ops.transpose(y_pred[:, 1:], (1, 0, 2)), (-1, y_pred.shape[2]))",
     "ops.reshape(y_pred[:, 1:], (-1, y_pred.shape[2]))",
     "MultipleNegatives"),
    ("masks of hard negatives are out of order", "core/kinds/in_batch.py", "ops.tile(all_.pop(0), (of_each,))",
     "ops.repeat(all_.pop(0), of_each)", "masked_rows_have_no_hard"),
    ("what a guide finds equal is left out", "losses/embedding/sentences.py", "ops.logical_not(g > least)", "g < least",
     "finds_equal"),
    ("equal labels are compared", "losses/embedding/sentences.py", "ops.expand_dims(y, 1) > all_y",
     "ops.expand_dims(y, 1) >= all_y", "CoSENT"),
    ("weights of the lower label are lost", "losses/embedding/sentences.py", "ops.expand_dims(s, 1)) + log_weight",
     "ops.expand_dims(s, 1))", "CoSENT"),
    ("negatives have the label of the positive", "losses/embedding/sentences.py", "ops.expand_dims(1 - y_true, 1)",
     "ops.expand_dims(0 + y_true, 1)", "AnglE or angle_of"),
    ("short embeddings have the norm of long ones", "losses/composition/multiscale.py", "embeddings = unit(embeddings, -1)",
     "embeddings = unit(y_pred, -1)[..., :length]", "matryoshka"),
    ("keys have a gradient", "layers/memory.py", "ops.stop_gradient(inputs[:, 1])", "inputs[:, 1]", "memory"),
    ("a queue moves in evaluation", "layers/memory.py", "if training:", "if True:", "memory"),
    ("rows of a memory are anchors", "models/cross_batch_memory.py", "ops.zeros_like(memory[:, 0])", "ops.ones_like(memory[:, 0])",
     "cross_batch"),
    ("evaluation sees the memory", "models/cross_batch_memory.py", "if not training:", "if False:", "cross_batch"),
    ("the remainder of a batch weighs as a chunk", "models/gradient_cache.py", "few * one +", "many * one +", "gradient_cache"),
    ("the rank of a positive counts itself twice", "losses/embedding/neighbors.py", "return 0.5 + masked_sum(above",
     "return 1 + masked_sum(above", "SmoothAP"),
    ("ties of labels are no candidates", "losses/embedding/neighbors.py",
     "place = ops.where(ends, place, ops.shape(y)[0] - 1)", "place = place + 0 * ops.cast(ends, \"int32\")", "RankN"),
    ("class weights are no weights of their own", "core/kinds/classes.py",
     "-> Tensor | None:\n        if self.class_weight is None:", "-> Tensor | None:\n        if True:", "divide_the_mean"),
    ("repeated labels need no blank between them", "losses/sequence/alignment.py",
     "count + ops.sum(ops.cast(repeats, \"int32\"), axis=1)", "count", "sequence"),
    ("a sum for a mean of features", "losses/image/features.py",
     "return mean(distance, axis=list(range(1, len(distance.shape))))",
     "return ops.sum(distance, axis=list(range(1, len(distance.shape))))", "Perceptual"),
    ("weights of outputs are lost", "losses/composition/multiscale.py", "sum(weight * level(output) for", "sum(level(output) for",
     "DeepSupervision or supervision"),
    ("the reference gets a gradient", "losses/language/preference.py", "return ops.stop_gradient(y_pred[:, 2:]), y_pred[:, :2]",
     "return y_pred[:, 2:], y_pred[:, :2]", "DPO or dpo or reference"),
    ("the clipped branch always wins", "core/kinds/policy.py", "ops.where(clipped < free, clipped, free)", "clipped", "PPOClip"),
    ("padding counts in the mean", "losses/language/policy.py", "return safe_divide(ops.sum(values, axis=1), count)",
     "return mean(values, axis=1)", "GRPO"),
    ("a bounded ratio has a gradient", "losses/language/policy.py",
     "ops.stop_gradient(minimum(ratio, highest))", "minimum(ratio, highest)", "GRPO"),
    ("the signs of advantages share a temperature", "losses/language/policy.py",
     "ops.where(advantage > 0, good, bad)", "ops.where(advantage > 0, good, good)", "GRPO"),
    ("padding loads the experts", "losses/language/experts.py",
     "load = weighted_mean(ops.cast(self.hit(y_pred), y_pred.dtype), weight, axis)",
     "load = weighted_mean(ops.cast(self.hit(y_pred), y_pred.dtype), None, axis)", "MoELoadBalancing or experts"),
    ("a token is sent to one expert twice", "losses/language/experts.py",
     'is_largest(ops.where(hit, float("-inf"), x))', "is_largest(x)", "MoELoadBalancing"),
    ("smoothing is not in the gradient", "losses/language/heads.py", "if self.label_smoothing:", "if False:",
     "LinearCrossentropy or test_it_is"),
    ("the gradient of rows is divided by their weights", "core/heads.py", "ops.sum(ops.square(weight[0]))",
     "ops.sum(weight[0])", "come_with_the_values"),
    ("the log-probability is that of uncapped logits", "layers/language.py",
     "logit_softcap=logit_softcap,", "", "log_probabilities_of_tokens"),
    ("tokens that don't count are in the average", "layers/language.py", "number = ops.where(counts, number, 0)", "pass",
     "log_probability"),
    ("the probability that weighs a token has a gradient", "losses/language/modeling.py",
     "p = ops.stop_gradient(ops.exp(value))", "p = ops.exp(value)", "CausalLM"),
    ("an impossible token is NaN", "losses/language/modeling.py", "ops.where(ops.equal(p, 0), 0, value)", "value", "CausalLM"),
    ("the fused head forgets that tokens are weighed", "losses/language/heads.py",
     "ops.stop_gradient(self.pick(p, ids)) if self.dynamic else", "", "LinearCrossentropy or test_it_is"),
    ("the student is the teacher", "losses/language/heads.py", "for one in (teacher, x)", "for one in (x, teacher)",
     "LinearDistillation or distillation"),
    ("the mixture is pulled as a whole", "losses/language/heads.py", "if self.beta < 1:", "if False:", "LinearDistillation"),
    ("hidden states of the teacher that don't count are there", "core/kinds/hidden.py", "if is_known or len(models) > 1:",
     "if is_known:", "may_hold_anything_in_both"),
    ("the last position is scored", "losses/language/modeling.py",
     "[scored[:, 1:], ops.zeros_like(scored[:, :1])]", "[scored[:, 1:], scored[:, :1]]", "shift or CausalLM"),
    ("chunks of the head's gradient overwrite each other", "core/heads.py", "total[0] += ops.cast(", "total[0] = ops.cast(",
     "chunk_size"),
    ("a generator that helps the critic", "losses/generative/adversarial.py", "return -mean(", "return mean(", "MinimaxGAN"),
    ("-100 is 156 in uint8", "core/labels.py", "if can_hold(y_true.dtype, k):", "if True:", "sentinel or holds"),
    ("weights stay out of a mean over samples", "core/numerics.py", "return safe_divide(ops.sum(weight * x, axis=axis), ops.sum(weight, axis=axis))",
     "return mean(x, axis=axis)", "integer_weights_are_copies or may_hold_anything"),
    ("logits of masks are taken as probabilities", "core/kinds/region.py", "return y_pred if self.labels_are_numbers else as_probabilities(y_pred)", "return y_pred",
     "taken_as_probabilities"),
    ("weights stay out of a norm over samples", "losses/distillation/features.py", "unit(root * x, axis) * reciprocal(root)",
     "unit(x, axis)", "integer_weights_are_copies"),
    ("the values of a sum are taken for its last part's", "inspection/diagnose.py", "if not findings and len(inner) == 1:",
     "if not findings:", "values_of_a_sum"),
    ("a second derivative is lost", "losses/classification/sparse.py", " + curvature(slope, z)", "", "second_derivatives and Sparsemax"),
]  # fmt: skip


def run(package_root, expression):
    """The failed tests of a run on the copy."""
    environment = {**os.environ, "PYTHONPATH": str(package_root)}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", expression]
    command += ["--ignore", "tests/laws/test_compilation.py", "--tb=no", "tests"]
    done = subprocess.run(command, cwd=package_root, env=environment, capture_output=True, text=True)
    if done.returncode not in (0, 1) or re.search(r"^ERROR ", done.stdout, re.MULTILINE):
        raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
    return re.findall(r"^FAILED (\S+)", done.stdout, re.MULTILINE)


def main(only):
    survivors = 0
    for title, file, old, new, expression in MUTATIONS:
        if only and only not in title:
            continue
        with tempfile.TemporaryDirectory() as folder:
            for name in ("kerasloss", "tests", "docs", "examples", "benchmarks"):
                shutil.copytree(ROOT / name, pathlib.Path(folder, name))
            for path in (*ROOT.glob("*.md"), ROOT / "pyproject.toml", ROOT / "tox.ini"):
                shutil.copy(path, folder)
            path = pathlib.Path(folder, "kerasloss", file)
            text = path.read_text()
            if text.count(old) != 1:
                raise ValueError(f"{title}: the text is {text.count(old)} times in {file}")
            path.write_text(text.replace(old, new))
            failed = run(pathlib.Path(folder), expression)
        survivors += not failed
        print(f"{title:45} {'caught by ' + failed[0].split('::')[1] if failed else 'NOT CAUGHT'}", flush=True)
    return survivors


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
