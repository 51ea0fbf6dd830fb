import collections
import gzip
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lib.data import download

BOMB = gzip.compress(bytes(20 << 20))


class Web(ThreadingHTTPServer):
    """A server on 127.0.0.1 that answers each path as badly as it is told to."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.files: dict[str, bytes] = {}
        self.asked = collections.Counter()
        self.delay = 0.0
        self.over = threading.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{path}"

    def handle_error(self, request, client_address):
        pass  # clients that hang up are part of the tests


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        how, _, name = self.path[1:].partition("/")
        self.server.asked[self.path[1:]] += 1
        self.data = self.server.files.get(name, b"")
        self.close_connection = True
        time.sleep(self.server.delay)
        getattr(self, how)()

    def send(self, data, status=200, length=None, **headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        self.wfile.write(data)

    def chunks(self, data, pause=0.0, **headers):
        """`data` again and again, chunked, until the client hangs up or the test is over."""
        self.send_response(200)
        for key, value in {"Transfer-Encoding": "chunked", **headers}.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        while not self.server.over.wait(pause):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def good(self):
        self.send(self.data, Content_Type="image/png")

    def chunked(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(self.data), 100):
            part = self.data[start : start + 100]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def wrong(self):
        self.send(self.data[:-1] + bytes([self.data[-1] ^ 1]), Content_Type="image/png")

    def html(self):
        self.send(b"<html><script>alert(1)</script>This domain is for sale</html>", Content_Type="text/html")

    def missing(self):
        self.send(b"no such thing", 404)

    def broken(self):
        self.send(b"", 500)

    def nothing(self):
        self.send(b"")

    def once(self):
        self.send(b"moved", 302, Location=f"/good/{self.path.rsplit('/')[-1]}")

    def loop(self):
        self.send(b"", 302, Location=self.path)

    def local(self):
        self.send(b"", 302, Location="file:///etc/hostname")

    def ftp(self):
        self.send(b"", 302, Location="ftp://127.0.0.1/picture.jpg")

    def nowhere(self):
        self.send(b"", 302, Location="http://[broken")

    def endless_redirect(self):
        self.send_response(302)
        self.send_header("Location", f"/good/{self.path.rsplit('/')[-1]}")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while not self.server.over.is_set():
            self.wfile.write(b"10000\r\n%s\r\n" % bytes(1 << 16))

    def huge(self):
        self.send(b"x", length=1 << 40)

    def endless(self):
        self.chunks(bytes(1 << 16))

    def gzip_bomb(self):
        self.send(BOMB, Content_Encoding="gzip")

    def cut(self):
        self.send(self.data[: len(self.data) // 2], length=len(self.data))

    def cut_once(self):
        self.good() if self.server.asked[self.path[1:]] > 1 else self.cut()

    def silent(self):
        self.server.over.wait(20)

    def drip(self):
        self.chunks(b"x", pause=0.05)

    def header_drip(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.server.over.wait(0.05):
            self.wfile.write(b"x")

    def gibberish(self):
        self.wfile.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")

    def hang_up(self):
        self.connection.close()


@pytest.fixture
def web(monkeypatch):
    """A server on this machine, which alone may be asked although its address is not public."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    monkeypatch.setattr(download, "is_public", lambda address: address == "127.0.0.1")
    server = Web()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()
