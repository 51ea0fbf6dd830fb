"""The fence around the tests holds; that notebooks stay inside it is shown by
`make test` running every one of them."""

import socket
import subprocess
import sys

import pytest
from nbclient import NotebookClient
from nbformat import v4


def test_no_way_out_of_the_tests():
    with pytest.raises(OSError, match="without a network"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)  # an address reserved for documentation
    with pytest.raises(OSError, match="without a network"):
        socket.create_connection(("example.org", 80), timeout=1)


def test_no_way_out_of_processes_started_by_tests():
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8")
    assert "tests run without a network" in run.stderr


def test_no_way_out_of_a_notebook():
    source = "import urllib.request\nurllib.request.urlopen('http://example.org')"
    with pytest.raises(Exception, match="tests run without a network"):
        NotebookClient(v4.new_notebook(cells=[v4.new_code_cell(source)]), kernel_name="python3").execute()


def test_this_machine_is_still_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
