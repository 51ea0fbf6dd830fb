import hashlib
import tracemalloc
from contextlib import suppress

import pytest

from lib.data import download
from lib.data.download import DownloadError, fetch

DATA = bytes(range(256)) * 40
IS_PUBLIC = download.is_public  # as it is outside of tests, which ask a server on this machine
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


@pytest.mark.parametrize(
    "path, reason",
    [
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
    ],
)
def test_what_does_not_says_why(web, path, reason):
    with pytest.raises(DownloadError, match=reason):
        fetch(web.url(path), SHA)


@pytest.mark.parametrize("path", ["endless/a", "endless_redirect/a", "gzip_bomb/a"])
def test_no_answer_grows_in_memory(web, path):
    tracemalloc.start()
    with suppress(DownloadError):
        fetch(web.url(path), SHA)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6 << 20  # the bomb holds 20 MB of zeros


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "/etc/passwd",
        "ftp://127.0.0.1/a",
        "javascript:alert(1)",
        "",
        "http://",
        "http://[::1",
        "http://127.0.0.1:99999/a",
        "http://127.0.0.1:1/a",
        "http://" + "a" * 300 + "/",
        "http://\u2603\x00/",
    ],
)
def test_addresses_that_lead_nowhere(url):
    with pytest.raises(DownloadError):
        fetch(url, SHA)


def test_this_machine_is_not_asked(web, monkeypatch):
    """Neither by the list nor by a redirect from a server that is public; nothing is sent to it."""
    monkeypatch.setattr(download, "is_public", IS_PUBLIC)
    with pytest.raises(
        DownloadError,
        match="127.0.0.1 leads to 127.0.0.1, which is this machine or a private network: refused",
    ):
        fetch(web.url("good/a"), SHA)
    with pytest.raises(DownloadError, match="localhost leads to .*: refused"):
        fetch(f"http://localhost:{web.server_port}/good/a", SHA)
    with pytest.raises(DownloadError, match="refused"):
        fetch(f"https://127.0.0.1:{web.server_port}/good/a", SHA)
    assert not web.asked
    answers = iter([True, False])  # the first address is public, the one it redirects to is not
    monkeypatch.setattr(download, "is_public", lambda address: next(answers))
    with pytest.raises(DownloadError, match="refused"):
        fetch(web.url("once/a"), SHA)
    assert list(web.asked) == ["once/a"]


@pytest.mark.parametrize(
    "address, public",
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("::ffff:93.184.216.34", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("10.0.0.8", False),
        ("192.168.1.1", False),
        ("172.16.5.4", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("100.64.0.1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("224.0.0.1", False),
    ],
)
def test_public_addresses(address, public):
    assert IS_PUBLIC(address) == public


def test_a_cut_transfer_is_tried_once_more_and_no_oftener(web):
    with pytest.raises(DownloadError):
        fetch(web.url("cut/a"), SHA)
    assert web.asked["cut/a"] == 2
    with pytest.raises(DownloadError):
        fetch(web.url("missing/a"), SHA)
    assert web.asked["missing/a"] == 1
