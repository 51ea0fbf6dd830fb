"""Fetching a file of known SHA-256 from a server that nobody vouches for."""

from __future__ import annotations

import hashlib
import ipaddress
import socket
import time
from urllib.parse import urljoin

import requests
import urllib3

MAX_BYTES = 32 << 20
MAX_REDIRECTS = 5
CONNECT_TIMEOUT, READ_TIMEOUT, TOTAL_TIMEOUT = 10, 20, 90  # seconds
HEADERS = {
    "User-Agent": "from-backprop-to-alexnet (downloads the published FaceScrub list)",
    "Accept-Encoding": "identity",  # nothing is ever decompressed here, so no answer can grow in memory
}


class DownloadError(Exception):
    """Why a file was not fetched."""


def fetch(url: str, sha256: str) -> bytes:
    """The bytes at `url`, once they are whole and match `sha256` (64 hexadecimal digits).

    Only http and https from public addresses, here and after at most 5 redirects; at most 32 MB and 90 s. A
    transfer that is cut off is tried once more. Raises DownloadError with the reason. Through a proxy, it is
    the proxy that knows and chooses addresses.
    """
    try:
        data, kind = _get(url)
    except _CutOff:
        try:
            data, kind = _get(url)
        except _CutOff as error:
            raise DownloadError(str(error)) from None
    found = hashlib.sha256(data).hexdigest()
    if found != sha256.lower():
        raise DownloadError(
            f"SHA-256 differs: {found[:12]}… instead of {sha256[:12]}… "
            f"({len(data):,} bytes of {kind or 'unnamed type'})"
        )
    return data


class _CutOff(Exception):
    """A connection that failed or ended early: worth another try."""


def is_public(address: str) -> bool:
    """Whether a numeric address is on the public Internet: not this machine, not a private network."""
    number = ipaddress.ip_address(address)
    number = getattr(number, "ipv4_mapped", None) or number
    return number.is_global and not number.is_multicast


class _Checked:
    """A connection that is given up, before anything is asked, when its address is not public.

    Looking at the address that was reached, not at the name, also holds for names that change their address.
    """

    host: str

    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        address = connection.getpeername()[0]
        if not is_public(address):
            connection.close()
            raise DownloadError(
                f"{self.host} leads to {address}, which is this machine or a private network: refused"
            )
        return connection


class _Http(urllib3.HTTPConnectionPool):
    ConnectionCls = type("_HttpConnection", (_Checked, urllib3.connection.HTTPConnection), {})


class _Https(urllib3.HTTPSConnectionPool):
    ConnectionCls = type("_HttpsConnection", (_Checked, urllib3.connection.HTTPSConnection), {})


class _Public(requests.adapters.HTTPAdapter):
    def init_poolmanager(self, *args, **options) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Http, "https": _Https}


class _Session(requests.Session):
    """Leaves redirects to us: requests reads the whole body of each, however long, even of those it is told
    not to follow."""

    def __init__(self):
        super().__init__()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Public())

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


def _get(url: str) -> tuple[bytes, str]:
    deadline = time.monotonic() + TOTAL_TIMEOUT
    for _ in range(MAX_REDIRECTS + 1):
        if not url.lower().startswith(("http://", "https://")):
            raise DownloadError(f"not an http or https address: {url[:200]}")
        if time.monotonic() > deadline:
            raise DownloadError("no answer in time")
        try:
            with (
                _Session() as session,
                session.get(
                    url, headers=HEADERS, stream=True, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT)
                ) as response,
            ):
                if response.is_redirect:
                    url = urljoin(url, response.headers["location"])
                    continue
                if response.status_code != 200:
                    raise DownloadError(f"the server answered {response.status_code} {response.reason}")
                return _body(response, deadline), response.headers.get("Content-Type", "")[:60]
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            raise DownloadError("no answer in time") from None
        except (requests.ConnectionError, urllib3.exceptions.HTTPError) as error:
            raise _CutOff(f"connection failed ({_root(error)})") from None
        except (requests.RequestException, ValueError) as error:  # ValueError: no host name, bad port
            raise DownloadError(f"{type(error).__name__}: {error}") from None
    raise DownloadError(f"more than {MAX_REDIRECTS} redirects")


def _body(response: requests.Response, deadline: float) -> bytes:
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > MAX_BYTES:
        raise DownloadError(f"too large: {int(announced):,} bytes announced, {MAX_BYTES:,} allowed")
    body = bytearray()
    # read1 returns what has arrived; read would wait for a whole block, past the deadline if it drips
    while chunk := response.raw.read1(1 << 16, decode_content=False):
        body += chunk
        if len(body) > MAX_BYTES:
            raise DownloadError(f"too large: more than {MAX_BYTES:,} bytes")
        if time.monotonic() > deadline:
            raise DownloadError(f"too slow: {len(body):,} bytes in {TOTAL_TIMEOUT} s")
    return bytes(body)


def _root(error: BaseException) -> str:
    """The innermost cause in a few words; requests wraps it in addresses and object names."""
    while getattr(error, "reason", None) or error.__cause__ or error.__context__:
        error = getattr(error, "reason", None) or error.__cause__ or error.__context__
        if not isinstance(error, BaseException):
            return str(error)[:200]
    return f"{type(error).__name__}: {error}"[:200]
