"""IFT6135 part 2 in small: a reader's own pictures, and a second run from the first's checkpoints."""

import numpy as np
from PIL import Image


def test_own_classes_and_a_second_run_from_checkpoints(draw, execute, tmp_path, monkeypatch):
    draw("lines", "pictures")
    monkeypatch.setenv("BACKPROP_CACHE", str(tmp_path / "cache"))
    startup = tmp_path / "ipython/profile_default/startup/keep.py"
    startup.parent.mkdir(parents=True)
    startup.write_text(
        "import lib.checkpoint\nlib.checkpoint.SHORTEST = -1  # keeps every run\n", encoding="utf-8"
    )
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    rng = np.random.default_rng(0)
    for name in ("circle", "cross", "ring"):
        (tmp_path / "own" / name).mkdir(parents=True)
        for i in range(12):
            picture = Image.fromarray(rng.integers(0, 256, (28, 28), np.uint8))
            picture.save(tmp_path / "own" / name / f"{i}.png")
    small = {"source": str(tmp_path / "own"), "epochs": 1, "mlp_epochs": 1, "readings_epochs": 1, "runs": 2}
    first, _, page = execute("ift6135/02_cnn", **small)
    assert first.results["cnn_parameters"].values == [624_202 - 7 * 65]  # 3 classes in place of 10
    assert first.results["light_parameters"].values == [25_258 - 7 * 1569]
    assert first.results["cnn_accuracy"].n == 2 and first.results["cnn_shapes"].values == [7]

    kept = {path: path.stat().st_ino for path in (tmp_path / "cache").iterdir()}
    assert (
        len(kept) == 4 + 3 * 2 - 1
    )  # readings; three networks, two runs; one reading is one of these at so few epochs
    again = execute("ift6135/02_cnn", **small)
    assert again.record.results == first.results and again.page == page
    assert {path: path.stat().st_ino for path in (tmp_path / "cache").iterdir()} == kept  # nothing written
