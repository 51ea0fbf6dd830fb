from lib.data import find_file


def test_a_file_is_found_as_given_then_in_the_data_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data" / "weights").mkdir(parents=True)
    (tmp_path / "data" / "weights" / "a.npz").touch()
    assert find_file("weights/a.npz", "data") == "data/weights/a.npz"
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    assert find_file("weights/a.npz") == str(tmp_path / "data/weights/a.npz")
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "a.npz").touch()
    assert find_file("weights/a.npz") == "weights/a.npz"
    assert find_file("imagenet") == "imagenet" and find_file("") == ""
