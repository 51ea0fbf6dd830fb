import hashlib
import io
import os
import resource
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.data import download, facescrub, load
from lib.data.facescrub import main
from lib.data.facescrub_list import read_list


def picture(seed, width=90, height=70, **options):
    noise = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC).save(file, "PNG", **options)
    return file.getvalue()


@pytest.fixture
def people(web, tmp_path):
    """A list that each test fills with people.add(name, how the server answers);
    people.run() is the command."""

    class People:
        out = tmp_path / "data" / "facescrub"
        file = tmp_path / "list.txt"
        lines: list[str] = []

        def add(self, name, how="good", *, box="10,5,60,55", content=None, url=None):
            number = len(self.lines) + 1
            content = picture(number) if content is None else content
            web.files[f"{number}.png"] = content
            self.line(
                name,
                1000 + number,
                number,
                url or web.url(f"{how}/{number}.png"),
                box,
                hashlib.sha256(content).hexdigest(),
            )

        def line(self, *fields):
            self.lines.append("\t".join(map(str, fields)))
            self.file.write_text("\n".join(self.lines) + "\n", encoding="utf-8")

        def run(self, *options):
            return main([str(self.file), "--out", str(self.out), *options])

        def table(self, name):
            rows = [line.split("\t") for line in (self.out / name).read_text(encoding="utf-8").splitlines()]
            return [dict(zip(rows[0], row)) for row in rows[1:]]

        def skipped(self):
            return {row["file"]: row["reason"] for row in self.table("skipped.tsv")}

        def files(self):
            return sorted(path.relative_to(self.out).as_posix() for path in self.out.glob("*/*"))

    people = People()
    people.lines = []
    return people


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(download, "READ_TIMEOUT", 1)
    monkeypatch.setattr(download, "TOTAL_TIMEOUT", 2)


def test_the_result_is_what_load_reads(people, capsys):
    for _ in range(3):
        people.add("Ada Example")
        people.add("Bruno Beispiel", "once")
    assert people.run() == 0
    assert people.files() == [
        "beispiel/beispiel_00002.jpg",
        "beispiel/beispiel_00004.jpg",
        "beispiel/beispiel_00006.jpg",
        "example/example_00001.jpg",
        "example/example_00003.jpg",
        "example/example_00005.jpg",
    ]
    data = load("faces", "real", data_dir=str(people.out.parent), size=50)
    assert data.classes == ["beispiel", "example"] and len(data) == 6 and data.skipped == []
    source = Image.open(io.BytesIO(picture(1))).crop((10, 5, 60, 55))
    assert abs(data.images[3].astype(int) - np.asarray(source)).mean() < 6  # JPEG
    row = people.table("index.tsv")[0]
    assert row == {
        "identity": "example",
        "file": "example_00001.jpg",
        "name": "Ada Example",
        "image_id": "1001",
        "face_id": "1",
        "bbox": "10,5,60,55",
        "url": row["url"],
        "sha256_of_source": hashlib.sha256(picture(1)).hexdigest(),
    }
    printed = capsys.readouterr().out
    assert "6 faces listed, 0 there already, 6 to fetch" in printed and "6/6: 6 fetched, 0 skipped" in printed


def test_every_bad_answer_is_listed_with_its_reason(people, monkeypatch):
    expected = {
        "wrong": "SHA-256 differs",
        "html": "SHA-256 differs",
        "missing": "answered 404",
        "silent": "no answer in time",
        "drip": "too slow",
        "loop": "more than 5 redirects",
        "local": "not an http or https address",
        "huge": "too large",
        "endless": "too large",
        "gzip_bomb": "SHA-256 differs",
        "cut": "IncompleteRead",
        "gibberish": "connection failed",
    }
    monkeypatch.setattr(download, "MAX_BYTES", 1 << 20)
    for how in expected:
        people.add("Ada Example", how)
    people.add("Ada Example", url="file:///etc/passwd")
    people.add("Ada Example", content=b"<html>hash right, no picture</html>")
    people.add("Ada Example", content=picture(1)[:500])
    people.add("Ada Example", box="500,500,600,600")
    people.add("Ada Example")
    assert people.run() == 0
    assert people.files() == ["example/example_00017.jpg"]
    found = people.skipped()
    for number, reason in enumerate(
        [*expected.values(), "not an http or https address", "not a picture", "does not decode", "face box"],
        start=1,
    ):
        assert reason in found[f"example_{number:05d}.jpg"]
    assert len(found) == 16


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "..",
        "a/../../b",
        "..\\..\\b",
        "C:\\b",
        "~root",
        "x\0y",
        "-rf",
        ".hidden",
        "<script>",
        "$(reboot)",
        "a" * 300,
        "",
        "☃",
    ],
)
def test_no_name_leads_out_of_the_folder(people, name, tmp_path):
    before = set(tmp_path.rglob("*"))
    people.add(name)
    people.add("Ada Example")
    assert people.run() == 0
    made = set(tmp_path.rglob("*")) - before - {people.file}
    assert all(path == people.out.parent or path.is_relative_to(people.out) for path in made)
    assert "example/example_00002.jpg" in people.files()
    assert all(path.count("/") == 1 and ".." not in path and path[0].isalnum() for path in people.files())


def test_lines_that_are_no_entries_are_listed(people):
    people.line("name", "image_id", "face_id", "url", "bbox", "sha256")  # the published list's header
    people.add("Ada Example")
    good = people.lines[-1].split("\t")
    for at, bad in (
        (1, "x"),
        (2, "../1"),
        (2, "1" * 30),
        (4, "1,2,3"),
        (4, "1,2,3,nan"),
        (5, "abc"),
        (0, "!!"),
    ):
        people.line(*good[:at], bad, *good[at + 1 :])
    people.line("Ada Example", "1")
    people.line(*good[:4], "0,0,9,9", good[5])
    people.line(*good)  # the same once more: nothing to say
    assert people.run() == 0
    reasons = [row["reason"] for row in people.table("skipped.tsv")]
    assert [reason.split(":")[0] for reason in reasons] == [f"list.txt, line {n}" for n in range(3, 12)]
    assert "2 fields separated by tabs instead of 6" in reasons[-2]
    assert "listed twice, differently" in reasons[-1]


def test_a_list_without_one_usable_line_is_an_error(people, capsys):
    people.line("this is", "not the list")
    assert people.run() == 1
    assert "no usable line" in capsys.readouterr().err and not people.out.exists()
    people.file.unlink()
    assert people.run() == 1
    assert "No such file" in capsys.readouterr().err


def test_folder_names(tmp_path):
    names = [
        "Penélope Cruz",
        "Freddy Prinze, Jr.",
        "Chris Evans",
        "Linda Evans",
        "Madonna",
        "Daniel Day-Lewis",
        "章子怡",
    ]
    file = tmp_path / "list.txt"
    file.write_text(
        "\n".join(f"{name}\t1\t{i}\thttp://a/\t0,0,9,9\t{'0' * 64}" for i, name in enumerate(names)),
        encoding="utf-8",
    )
    entries, bad = read_list([file])
    assert bad == [] and [entry.actor for entry in entries] == [
        "cruz",
        "prinze",
        "chris_evans",
        "linda_evans",
        "madonna",
        "lewis",
        "章子怡",
    ]


def test_two_people_never_share_a_folder_across_runs(people, capsys):
    people.add("Chris Evans")
    assert people.run() == 0
    people.lines.clear()
    people.add("Linda Evans")
    assert people.run() == 1
    assert "already holds 'Chris Evans', and 'Linda Evans' would go there too" in capsys.readouterr().err


def test_actors_are_chosen_by_name_or_folder(people, capsys):
    for name in ("Ada Example", "Bruno Beispiel", "Chidi Mfano"):
        people.add(name)
    assert people.run("--actors", "beispiel", "Chidi Mfano") == 0
    assert people.files() == ["beispiel/beispiel_00002.jpg", "mfano/mfano_00003.jpg"]
    assert people.run("--actors", "nobody") == 1
    assert "'nobody' is not in the list; it has Ada Example, Bruno" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        people.run("--jobs", "0")
    assert "--jobs is 0; expected 1 to 128" in capsys.readouterr().err


def test_crops_are_bounded_and_follow_the_box(people):
    people.add("Ada Example", content=picture(1, 900, 700), box="100,100,600,600")
    people.add("Ada Example", content=picture(2), box="-20,-20,30,30")
    exif = Image.Exif()
    exif[0x0112] = 6  # boxes are about the pixels as stored
    people.add("Ada Example", content=picture(3, exif=exif), box="0,0,90,70")
    assert people.run("--size", "64") == 0
    sizes = [Image.open(people.out / file).size for file in people.files()]
    assert sizes == [(64, 64), (30, 30), (64, 50)]


def test_what_is_there_is_not_fetched_again(people, web, capsys):
    for how in ("good", "missing", "good"):
        people.add("Ada Example", how)
    people.run()
    (people.out / "example" / "example_00003.jpg").unlink()
    web.files["2.png"] = picture(2)
    people.lines[1] = people.lines[1].replace("/missing/", "/good/")
    people.line(*people.lines.pop().split("\t"))
    assert people.run() == 0
    assert web.asked["good/1.png"] == 1 and web.asked["good/3.png"] == 2
    assert "3 faces listed, 1 there already, 2 to fetch" in capsys.readouterr().out
    assert len(people.files()) == 3 and people.skipped() == {}
    assert [row["face_id"] for row in people.table("index.tsv")] == ["1", "2", "3"]


def test_tables_keep_what_other_runs_found(people):
    people.add("Ada Example")
    people.add("Bruno Beispiel", "missing")
    people.add("Chidi Mfano")
    assert people.run("--actors", "example", "beispiel") == 0
    assert people.run("--actors", "mfano") == 0
    assert [row["identity"] for row in people.table("index.tsv")] == ["example", "mfano"]
    assert list(people.skipped()) == ["beispiel_00002.jpg"]


def test_a_header_sent_byte_by_byte_holds_nothing_up(people, monkeypatch):
    monkeypatch.setattr(facescrub, "STALL_TIMEOUT", 1)
    for how in ("header_drip", "header_drip", "good", "good"):
        people.add("Ada Example", how)
    assert people.run("--jobs", "2") == 0
    assert people.files() == ["example/example_00003.jpg", "example/example_00004.jpg"]
    assert set(people.skipped().values()) == {"no answer in time"}


# The command, which may reach the test's own server on 127.0.0.1.
COMMAND = """
import runpy
from lib.data import download
download.is_public = lambda address: address == "127.0.0.1"
runpy.run_module("lib.data.facescrub", run_name="__main__", alter_sys=True)
"""


def command(people, **options):
    arguments = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        COMMAND,
        people.file,
        "--out",
        people.out,
        "--jobs",
        "2",
    ]
    return subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options, encoding="utf-8"
    )


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


@pytest.mark.parametrize("how, code", [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_cut_off_and_started_again(people, web, how, code):
    for _ in range(30):
        people.add("Ada Example")
    web.delay = 0.4
    heed = partial(
        signal.signal, signal.SIGINT, signal.SIG_DFL
    )  # what a shell runs in the background ignores Ctrl-C
    process = command(people, preexec_fn=heed)
    wait_for(lambda: people.out.exists() and len(list(people.out.glob("*/[!.]*.jpg"))) >= 4)
    process.send_signal(how)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == code
    if code == 130:
        assert errors.startswith("Interrupted.") and "Traceback" not in errors
        assert "not tried" in people.skipped()["example_00030.jpg"]
    finished = list(people.out.glob("*/[!.]*.jpg"))
    assert 4 <= len(finished) < 30
    for file in finished:
        Image.open(file).load()
    asked = {number: web.asked[f"good/{number}.png"] for number in range(1, 31)}
    web.delay = 0
    assert people.run() == 0
    for file in finished:
        number = int(file.stem[-5:])
        assert web.asked[f"good/{number}.png"] == asked[number]
    assert people.skipped() == {} and len(people.files()) == 30 == len(people.table("index.tsv"))


def test_a_full_disk_is_one_clear_error_and_nothing_is_half_written(people):
    """A limit on file sizes stands in for the full disk: the write fails halfway in the same manner."""
    people.add("Ada Example", box="10,5,30,25")
    noise = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)).save(noise, "PNG")
    people.add("Ada Example", content=noise.getvalue(), box="0,0,200,200")
    process = command(people, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.startswith("Error: [Errno 27] File too large") and "Traceback" not in errors
    assert "the same command goes on" in errors
    left = [path.name for path in (people.out / "example").iterdir()]
    assert set(left) <= {"example_00001.jpg"}
    assert people.run() == 0 and len(people.files()) == 2


@pytest.mark.skipif(not os.environ.get("DATA_DIR"), reason="needs DATA_DIR with facescrub/")
def test_the_published_list(tmp_path):
    folder = Path(os.environ["DATA_DIR"], "facescrub")
    if not (folder / "facescrub_subset.txt").is_file():
        pytest.skip("needs DATA_DIR with facescrub/facescrub_subset.txt")
    entries, bad = read_list([folder / "facescrub_subset.txt"])
    assert len(entries) == 3104 and bad == []
    by_file = {entry.file: entry for entry in entries}
    for line in (folder / "index.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        row = tuple(line.split("\t"))
        assert by_file[row[1]].index_row == row
