"""COMP541 section 1 in small: a reader's own pictures, of any size and number,
and runs taken up from checkpoints."""

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.usefixtures("undrawn")

SMALL = {
    "00_own_trainer": {"epochs": 3, "patience": 1, "runs": 2, "others_runs": 2},
    "01_receptive_field": {"epochs": 1, "depth": 4, "draws": 2},
    "02_convnet": {"epochs": 1, "runs": 2},
    "03_pooling": {"epochs": 1, "long_epochs": 2, "runs": 2, "long_runs": 2, "honest_runs": 2},
    "04_regularisation": {
        "short_epochs": 1,
        "epochs": 2,
        "long_epochs": 4,
        "dropouts": [0.5],
        "weight_decays": [0.1],
        "program_epochs": 2,
        "patiences": [1, 3],
        "runs": 2,
    },
    "05_architecture": {"epochs": 2, "filters": [3], "strides": [3, 4], "depths": [3]},
    "06_optimised": {
        "epochs": 3,
        "search_epochs": 2,
        "steps": 2,
        "trials": 2,
        "runs": 2,
        "helped_runs": 2,
        "search_runs": 2,
    },
    "07_variations": {"epochs": 2, "every": 1, "updates": 3, "levels": [1, 5], "runs": 2, "graded_runs": 2},
}


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Two classes, unequal, of pictures that are neither square nor of one size."""
    folder = tmp_path_factory.mktemp("own")
    rng = np.random.default_rng(0)
    for cls, count in (("ann", 5), ("bob", 11)):
        (folder / cls).mkdir()
        for i in range(count):
            noise = Image.fromarray(rng.integers(0, 256, (6, 6, 3), np.uint8))
            noise.resize((60 + 3 * i, 90), Image.Resampling.BICUBIC).save(folder / cls / f"{i}.png")
    return folder


def own_trainer(record):
    results = record.results
    assert np.isclose(results["ceiling"].values[0], np.log(np.e + 1))  # of two classes
    assert results["once_handout_accuracy_validation"].n == results["above_sure"].n == 2


def receptive_field(record):
    results = record.results
    assert results["field_z2"].values == results["field_z2_measured"].values == [7] and results[
        "trained_field"
    ].values == [13]
    assert results["readout_conv2"].n == 1


def convnet(record):
    results = record.results
    assert (
        results["classes"].values == [2]
        and results["chance"].values == [0.5]
        and results["program_validation"].n == 2
    )
    assert results["parameters"].values == [110_811 - 9 * 65]  # two classes in place of eleven


def pooling(record):
    results = record.results
    assert results["pooled_parameters"].values == [12_507 - 9 * 65] and results["pooled_gap_long"].n == 2
    held = np.array(results["honest_pooled_validation"].values) * 3  # 1 of ann and 2 of bob
    assert np.allclose(held, held.round())


def regularisation(record):
    results = record.results
    assert record.kind("table")[0]["id"] == "methods"  # the document's table before what is asked about it
    best, other = (np.array(results[f"patience_3_{id}"].values) for id in ("best", "other_half"))
    assert (
        (best >= np.array(results["patience_1_best"].values)).all()
        and np.isclose(best * 3, (best * 3).round()).all()
        and np.isclose(other * 3, (other * 3).round()).all()
    )
    assert results["highest_rate"].values == [10] and results["methods"].values == [9 + 2]
    assert (
        results["base_training"].n
        == results["dropout_50_gap"].n
        == results["sgd_decay_1e_01_validation"].n
        == 2
    )


def architecture(record):
    results = record.results
    assert results["depth_3_parameters"].values[0] - results["base_parameters"].values[0] == 16 * (9 * 16 + 1)
    assert results["filter_3_parameters"].values[0] < results["base_parameters"].values[0]
    assert "stride_3_parameters" in results and "stride_4_parameters" not in results  # does not fit
    assert (
        results["filter_3_convolution_parameters"].values[0]
        < results["base_convolution_parameters"].values[0]
    )
    assert results["shape_parameter_ratio"].values[0] < 1.1


def optimised(record):
    results = record.results
    found, in_search = (np.array(results[id].values) for id in ("found_held_out", "found_in_search"))
    assert (
        np.isclose(found * 3, (found * 3).round()).all()
        and np.isclose(in_search * 2, (in_search * 2).round()).all()
    )
    assert results["document_best"].n == results["no_pooling_validation"].n == 2


def variations(record):
    results = record.results
    assert results["clean"].n == results["blur"].n == results["augmented_scale"].n == 2
    assert np.allclose(
        np.subtract(results["plain_clean"].values, results["plain_blur"].values),
        results["plain_blur_drop"].values,
    )


CHECKS = [
    own_trainer, receptive_field, convnet, pooling, regularisation, architecture, optimised, variations
]  # fmt: skip


@pytest.mark.parametrize(("part", "check"), [*zip(SMALL, CHECKS, strict=True)], ids=SMALL)
def test_own_folder(part, check, execute, said, own, tmp_path, monkeypatch):
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path / "cache"))
    record = execute(f"comp541/{part}", source=str(own), **SMALL[part]).record
    said(record)
    check(record)
