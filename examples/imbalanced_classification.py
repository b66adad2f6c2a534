"""A rare disease: scikit-learn's breast cancer data with one malignant tumour left for every twenty benign.

Cross-entropy beside losses for rare classes, on a test set that keeps all malignant tumours: means of five
splits. The first two columns are scikit-learn's measures of the predictions. Under each loss a model of the
same size is trained in the same way; nothing is tuned.
"""

import argparse
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, recall_score
from sklearn.model_selection import train_test_split

import kerasloss

SPLITS = range(5)


def rare(split):
    """Training data with few malignant tumours (class 1), and a test set with many."""
    x, y = load_breast_cancer(return_X_y=True)
    y = 1 - y
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.4, random_state=split, stratify=y)
    rng = np.random.default_rng(split)
    benign, malignant = np.flatnonzero(y_train == 0), np.flatnonzero(y_train == 1)
    keep = np.concatenate([benign, rng.choice(malignant, len(benign) // 20, replace=False)])
    mean, std = x_train[keep].mean(0), x_train[keep].std(0)
    x_train, x_test = ((part - mean) / std for part in (x_train[keep], x_test))
    return x_train.astype("float32"), y_train[keep], x_test.astype("float32"), y_test


def losses(counts):
    return {
        "SparseCategoricalCrossentropy": kerasloss.SparseCategoricalCrossentropy(from_logits=True),
        "CategoricalFocalCrossentropy": kerasloss.CategoricalFocalCrossentropy(
            alpha=[0.25, 0.75], from_logits=True
        ),
        "ClassBalancedCrossentropy": kerasloss.ClassBalancedCrossentropy(
            counts, beta=0.999, from_logits=True
        ),
        "LogitAdjustedCrossentropy": kerasloss.LogitAdjustedCrossentropy(counts, from_logits=True),
        "LDAM": kerasloss.LDAM(counts, scale=1.0, class_weight=[1.0, 20.0]),
    }


def train(loss, x, y):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((x.shape[1],)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(2)]
    )
    model.compile(keras.optimizers.Adam(0.01), loss)
    model.fit(x, y, batch_size=64, epochs=60, verbose=0)
    return model


def draw(path, y, scores):
    """The scores of both classes; what is right of 0 is taken for malignant."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(scores), sharex=True, layout="constrained")
    for ax, (name, score) in zip(axes, scores.items(), strict=True):
        for label, color, name_of_class in ((0, "C0", "benign"), (1, "C3", "malignant")):
            part = score[y == label]
            ax.hist(part, bins=45, range=(-20, 25), density=True, color=color, alpha=0.6, label=name_of_class)
        ax.axvline(0, color="k", linestyle="--", linewidth=1)
        ax.set_title(f"{name}: {np.mean(score[y == 1] > 0):.0%} found")
        ax.set_yticks([])
    axes[0].legend(loc="upper right")
    axes[-1].set_xlabel("logit of malignant - logit of benign")
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", metavar="PATH", help="where to draw what the loss did, by matplotlib")
    figure = parser.parse_args().figure
    table, scores, labels = {}, {}, []
    for split in SPLITS:
        x, y, x_test, y_test = rare(split)
        counts = np.bincount(y).tolist()
        labels.append(y_test)
        for name, loss in losses(counts).items():
            logits = train(loss, x, y).predict(x_test, verbose=0)
            table.setdefault(name, []).append(measures(y_test, logits.argmax(-1)))
            scores.setdefault(name, []).append(logits[:, 1] - logits[:, 0])
        for name, weight in (("none", None), ("balanced", "balanced")):
            theirs = LogisticRegression(class_weight=weight, max_iter=1000).fit(x, y)
            key = f"sklearn LogisticRegression, {name}"
            table.setdefault(key, []).append(measures(y_test, theirs.predict(x_test)))
    print(f"{counts[1]} malignant of {sum(counts)} in training")
    print(f"{'loss':38}{'balanced accuracy':>18}{'malignant found':>17}")
    for name, rows in table.items():
        accuracy, recall = np.mean(rows, axis=0)
        print(f"{name:38}{accuracy:18.3f}{recall:17.3f}")
    plain = np.mean(table["SparseCategoricalCrossentropy"], axis=0)
    assert np.mean(table["ClassBalancedCrossentropy"], axis=0)[1] > plain[1]
    if figure:
        shown = "SparseCategoricalCrossentropy", "LogitAdjustedCrossentropy"
        draw(figure, np.concatenate(labels), {name: np.concatenate(scores[name]) for name in shown})


def measures(y, guess):
    return balanced_accuracy_score(y, guess), recall_score(y, guess)


if __name__ == "__main__":
    main()
