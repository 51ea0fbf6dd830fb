"""Fetching a file of known SHA-256 from a server that nobody vouches for."""

from __future__ import annotations

import hashlib
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

    Only http and https, here and after at most 5 redirects; at most 32 MB and 90 s. A transfer that is cut
    off is tried once more. Raises DownloadError with the reason.
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
        raise DownloadError(f"SHA-256 differs: {found[:12]}… instead of {sha256[:12]}… "
                            f"({len(data):,} bytes of {kind or 'unnamed type'})")
    return data


class _CutOff(Exception):
    """A connection that failed or ended early: worth another try."""


class _Session(requests.Session):
    """Leaves redirects to us: requests reads the whole body of each, however long, even of those it is told
    not to follow."""

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
            with _Session() as session, session.get(
                    url, headers=HEADERS, stream=True, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT)) as response:
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
