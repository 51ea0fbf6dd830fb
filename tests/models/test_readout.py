"""What a linear classifier finds, against scikit-learn's own pieces put together."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lib.models.readout import linear_accuracy

rng = np.random.default_rng(0)
labels = rng.integers(3, size=90)
features = rng.normal(size=(90, 12)) * np.arange(1, 13) + 3 * np.eye(3, 12)[labels]
pair = features[:60], labels[:60], features[60:], labels[60:]


def test_is_ridge_classification():
    model = RidgeClassifier(alpha=0.01 * np.square(pair[0]).sum(1).mean()).fit(*pair[:2])
    assert linear_accuracy(*pair) == model.score(*pair[2:]) > 0.4


def test_penalty_of_one_on_standardised_features_is_their_number():
    model = make_pipeline(StandardScaler(), RidgeClassifier(alpha=12)).fit(*pair[:2])
    assert linear_accuracy(*pair, penalty=1, standardise=True) == model.score(*pair[2:])


def test_scale_does_not_matter():
    assert linear_accuracy(*pair) == linear_accuracy(1e3 * pair[0], pair[1], 1e3 * pair[2], pair[3])


def test_scaling_is_learnt_from_the_training_features_alone():
    held = np.vstack([pair[2], np.full((1, 12), 1e9)])
    last = linear_accuracy(*pair[:2], held[-1:], np.array([0]), standardise=True)
    whole = linear_accuracy(*pair[:2], held, np.append(pair[3], 0), standardise=True)
    assert whole == pytest.approx((30 * linear_accuracy(*pair, standardise=True) + last) / 31)
