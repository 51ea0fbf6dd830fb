import os

import pytest
import yaml

from lib.report import paths, yamlfile
from lib.report.yamlfile import YamlError, read

BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))
MERGES = "a0: &a0 {k: x}\n" + "".join(
    f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}\n" for i in range(1, 12)
)
WRONG = [
    (b"a: 1\n\nb: 2\na: 3\n", "line 4: a is given twice"),
    (b"a: {b: 1, c: 2, b: 3}\n", "line 1: b is given twice"),
    (b"seed: 010\n", "line 1: 010 is a number in base 8"),
    (b"- -0_7\n", "-0_7 is a number in base 8"),
    (b"time: 1:30\n", "1:30 is a number in base 60"),
    (b"time: 1:30.5\n", "1:30.5 is a number in base 60"),
    ("a: é\n".encode("utf-16"), "not UTF-8 .UTF-16.; save it as UTF-8"),
    ("a: é\n".encode("latin-1"), "not UTF-8 .byte 3 is 0xe9"),
    (b"[" * 300_000, "line 1: nested deeper than 20 levels"),
    (b"a: " * 21, "not readable as YAML"),
    (b"\n".join(b" " * i + b"a:" for i in range(30)), "line 22: nested deeper|line 21: nested deeper"),
    (BOMB.encode(), "more than 100,000 values"),
    (MERGES.encode(), "more than 100,000 values"),
    (b"a: {unclosed: \n", "not readable as YAML"),
    (b"a: 1\n---\nb: 2\n", "not readable as YAML"),
    (b"a: !!python/object/apply:os.system [echo]\n", "not readable as YAML"),
    (b"a: 2024-13-45\n", "not readable as YAML"),
    (b"a: " + b"9" * 5000, "not readable as YAML"),
    (b"{[a]: 1}\n", "not readable as YAML"),
    (b"a: \x00\n", "not readable as YAML"),
    (b"a: &a [1, [*a]]\n", "line 1: \\*a stands inside itself"),
]


@pytest.mark.parametrize("pure", [False, True], ids=["C", "Python"])
@pytest.mark.parametrize(("content", "message"), WRONG, ids=[m for _, m in WRONG])
def test_one_clear_error_that_names_the_file(tmp_path, monkeypatch, content, message, pure):
    if pure:
        monkeypatch.setattr(yamlfile, "LOADER", yaml.SafeLoader)
    file = tmp_path / "mine.yml"
    file.write_bytes(content)
    with pytest.raises(YamlError, match=message) as error:
        read(file)
    assert str(error.value).startswith(f"{file}: ") and len(str(error.value)) < 1000


def test_no_file(tmp_path):
    with pytest.raises(YamlError, match="is a folder; expected a file"):
        read(tmp_path)
    with pytest.raises(YamlError, match="there is no such file"):
        read(tmp_path / "x.yml")
    os.mkfifo(tmp_path / "pipe")  # would wait for ever
    with pytest.raises(YamlError, match="there is no such file"):
        read(tmp_path / "pipe")


def test_a_file_without_read_permission(tmp_path, monkeypatch):
    def refused(path):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "x.yml").touch()
    monkeypatch.setattr("pathlib.Path.read_bytes", refused)  # root may read everything
    with pytest.raises(YamlError, match="x.yml: cannot be read: Permission denied"):
        read(tmp_path / "x.yml")


def test_a_large_file_is_not_even_read(tmp_path, monkeypatch):
    file = tmp_path / "large.yml"
    with file.open("wb") as sparse:
        sparse.truncate(100_000_000)
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda path: pytest.fail("read"))
    with pytest.raises(YamlError, match="100 MB large; expected at most 2 MB"):
        read(file)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("\ufeffa: 1\n", {"a": 1}),
        (
            "a: 0\nb: 0.5\nc: -0.01\nd: 1_000\ne: 10\nf: 0x1f\n",
            {"a": 0, "b": 0.5, "c": -0.01, "d": 1000, "e": 10, "f": 31},
        ),
        ("a: '010'\nb: \"1:30\"\nc: 100:a\n", {"a": "010", "b": "1:30", "c": "100:a"}),
        (
            "- &x {a: 1, b: 2}\n- {<<: *x, b: 3}\n- {<<: *x, a: 4}\n",
            [{"a": 1, "b": 2}, {"a": 1, "b": 3}, {"a": 4, "b": 2}],
        ),
        ("é: [中, 🦊]\r\n", {"é": ["中", "🦊"]}),
    ],
)
def test_what_is_right_is_read(tmp_path, text, value):
    (tmp_path / "x.yml").write_text(text, encoding="utf-8", newline="")
    assert read(tmp_path / "x.yml") == value


@pytest.mark.parametrize(
    "file", sorted((paths.ROOT / "params").rglob("*.yml")), ids=lambda f: f"{f.parent.name}/{f.name}"
)
def test_the_projects_own_files_read_as_plain_yaml_does(file):
    assert read(file) == yaml.safe_load(file.read_text(encoding="utf-8"))
