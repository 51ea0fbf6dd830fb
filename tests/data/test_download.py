import hashlib
import tracemalloc

import pytest

from lib.data import download
from lib.data.download import DownloadError, fetch

DATA = bytes(range(256)) * 40
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(autouse=True)
def quick(web, monkeypatch):
    web.files["a"] = DATA
    monkeypatch.setattr(download, "CONNECT_TIMEOUT", 0.5)
    monkeypatch.setattr(download, "READ_TIMEOUT", 0.5)
    monkeypatch.setattr(download, "TOTAL_TIMEOUT", 1)
    monkeypatch.setattr(download, "MAX_BYTES", 1 << 20)


@pytest.mark.parametrize("path", ["good/a", "chunked/a", "once/a", "cut_once/a", "endless_redirect/a"])
def test_what_arrives_whole(web, path):
    assert fetch(web.url(path), SHA.upper()) == DATA


@pytest.mark.parametrize("path, reason", [
    ("wrong/a", "SHA-256 differs: .* instead of .* .10,240 bytes of image/png."),
    ("html/a", "SHA-256 differs: .*bytes of text/html"),
    ("nothing/a", "SHA-256 differs: e3b0c44298fc… .*0 bytes of unnamed type"),
    ("missing/a", "answered 404 Not Found"),
    ("broken/a", "answered 500"),
    ("silent/a", "no answer in time"),
    ("drip/a", "too slow: .* bytes in 1 s"),
    ("loop/a", "more than 5 redirects"),
    ("local/a", "not an http or https address: file:///etc/hostname"),
    ("ftp/a", "not an http or https address: ftp:"),
    ("nowhere/a", "ValueError: Invalid IPv6 URL"),
    ("huge/a", "too large: 1,099,511,627,776 bytes announced"),
    ("endless/a", "too large: more than 1,048,576 bytes"),
    ("gzip_bomb/a", "SHA-256 differs"),
    ("cut/a", "connection failed .IncompleteRead.*5120 bytes read, 5120 more expected"),
    ("gibberish/a", "connection failed .BadStatusLine"),
    ("hang_up/a", "connection failed"),
])
def test_what_does_not_says_why(web, path, reason):
    with pytest.raises(DownloadError, match=reason):
        fetch(web.url(path), SHA)


@pytest.mark.parametrize("path", ["endless/a", "endless_redirect/a", "gzip_bomb/a"])
def test_no_answer_grows_in_memory(web, path):
    tracemalloc.start()
    try:
        fetch(web.url(path), SHA)
    except DownloadError:
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6 << 20  # the bomb holds 20 MB of zeros


@pytest.mark.parametrize("url", [
    "file:///etc/passwd", "/etc/passwd", "ftp://127.0.0.1/a", "javascript:alert(1)", "", "http://",
    "http://[::1", "http://127.0.0.1:99999/a", "http://127.0.0.1:1/a", "http://" + "a" * 300 + "/", "http://\u2603\x00/"])
def test_addresses_that_lead_nowhere(url):
    with pytest.raises(DownloadError):
        fetch(url, SHA)


def test_a_cut_transfer_is_tried_once_more_and_no_oftener(web):
    with pytest.raises(DownloadError):
        fetch(web.url("cut/a"), SHA)
    assert web.asked["cut/a"] == 2
    with pytest.raises(DownloadError):
        fetch(web.url("missing/a"), SHA)
    assert web.asked["missing/a"] == 1
