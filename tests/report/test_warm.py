"""Kernels and programs forked from a process that has loaded the large libraries: like others, but they begin
at once."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest
from jupyter_client.manager import start_new_kernel
from jupyter_client.provisioning import local_provisioner

from lib.report import warm
from lib.report.paths import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")


def said(client, code):
    """What a cell prints."""
    outputs = []
    client.execute_interactive(
        code, timeout=60, output_hook=lambda m: outputs.append(m["content"].get("text", ""))
    )
    return "".join(outputs)


@pytest.fixture(scope="module", autouse=True)
def served():
    """A server of this module's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(warm.ADDRESS, "")
        patch.delenv(warm.ADDRESS)
        patch.setattr(local_provisioner, "launch_kernel", local_provisioner.launch_kernel)
        warm.serve()
        warm.use()
        yield


@pytest.fixture
def kernel(tmp_path):
    manager, client = start_new_kernel(cwd=str(tmp_path), env=os.environ | {"MINE": "1"})
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def soon(gone):
    """Whether it comes true within ten seconds."""
    for _ in range(100):
        if gone():
            return True
        time.sleep(0.1)
    return False


def test_has_the_libraries_and_the_place_and_environment_asked_for(kernel, tmp_path):
    manager, client = kernel
    assert isinstance(manager.provisioner.process, warm.Forked)
    code = "import os, sys; print('torch' in sys.modules, os.getcwd(), os.environ['MINE'], __name__)"
    assert said(client, code) == f"True {tmp_path} 1 __main__\n"
    assert said(client, "print([name for name in sys.modules if name.split('.')[0] == 'lib'])") == "[]\n"
    assert said(client, "import gc; print(len(gc.get_objects()) < gc.get_freeze_count() / 10)") == "True\n"


def test_imports_from_its_own_path(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "__init__.py").write_text("HERE = True", encoding="utf-8")
    manager, client = start_new_kernel(env=os.environ | {"PYTHONPATH": str(tmp_path)})
    assert said(client, "import lib; print(lib.HERE, __import__('sys').path[0])") == f"True {tmp_path}\n"
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_another_python_starts_by_itself():
    process = warm.launch(["/bin/sh", "-c", "exit 3", "-m", "ipykernel_launcher"], env=dict(os.environ))
    assert isinstance(process, subprocess.Popen) and process.wait() == 3


def test_interrupt_stops_a_cell_and_nothing_else(kernel):
    manager, client = kernel
    sleep = "import time\nprint(1, flush=True)\ntime.sleep(60)"
    client.execute(sleep, stop_on_error=False)  # else what is asked right after the error is not run
    while client.get_iopub_msg(timeout=60)["msg_type"] != "stream":
        pass
    manager.interrupt_kernel()
    assert client.get_shell_msg(timeout=20)["content"]["ename"] == "KeyboardInterrupt"
    assert said(client, "print(2)") == "2\n"


def test_its_seconds_are_counted_when_it_has_ended(kernel):
    manager, client = kernel
    said(client, "import time\nwhile time.process_time() < 1.5: pass")
    before = warm.cpu_seconds
    manager.shutdown_kernel()
    assert warm.cpu_seconds - before > 1.2


def test_its_memory_is_known_when_it_has_ended(kernel, monkeypatch):
    manager, client = kernel
    monkeypatch.setattr(warm, "memory_kib", 0)
    said(client, "len(b'1' * 900_000_000)")
    manager.shutdown_kernel()
    assert 900e6 / 1024 < warm.memory_kib < 2500e6 / 1024


def test_one_that_is_killed_is_dead(kernel):
    manager, _ = kernel
    process = manager.provisioner.process
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL and not manager.is_alive()


def test_ends_with_the_process_that_asked_for_it():
    code = (
        "import os\nfrom jupyter_client.manager import start_new_kernel\nfrom lib.report import warm\n"
        "warm.use()\nmanager, _ = start_new_kernel()\nprint(manager.provisioner.process.pid, flush=True)\n"
        "os._exit(0)"
    )
    pid = int(subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True).stdout)
    assert soon(lambda: not psutil.pid_exists(pid))


@pytest.mark.parametrize("address", [None, "/nowhere"])
def test_without_a_server_a_kernel_starts_by_itself(monkeypatch, address):
    if address:
        monkeypatch.setenv(warm.ADDRESS, address)
    else:
        monkeypatch.delenv(warm.ADDRESS)
    manager, client = start_new_kernel()
    assert isinstance(manager.provisioner.process, subprocess.Popen) and said(client, "print(1)") == "1\n"
    client.stop_channels()
    manager.shutdown_kernel(now=True)


PROGRAM = """
import os, sys, time
from pathlib import Path
if __name__ == "__main__":
    try:
        told = f"{'torch' in sys.modules} {os.environ['MINE']} {sys.argv[1:]}"
        Path("seen").write_text(told, encoding="utf-8")
        print("printed")
        if sys.argv[1:] == ["wrong"]:
            raise ValueError("so it is said")
        time.sleep(60 if sys.argv[1:] == ["wait"] else 0)
    except KeyboardInterrupt:
        Path("cleared").touch()
    sys.exit(5)
"""


@pytest.fixture
def program(tmp_path):
    """`program(argument)`: the process of a client of the server that has `PROGRAM` run in `tmp_path`."""
    (tmp_path / "program_of_this_test.py").write_text(PROGRAM, encoding="utf-8")
    heard = (
        "import signal, sys\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"  # also after nohup
    )
    run = "from lib.report import warm\nsys.exit(warm.run('program_of_this_test', sys.argv[1:]))"
    path = os.pathsep.join([str(tmp_path), str(ROOT)])

    def program(argument, **settings):
        env = os.environ | {"MINE": "1", "PYTHONPATH": path} | settings
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        return subprocess.Popen([sys.executable, "-c", heard + run, argument], cwd=tmp_path, env=env, **pipes)

    return program


@pytest.mark.parametrize("address, loaded", [({}, True), ({warm.ADDRESS: "/nowhere"}, False)])
def test_a_program_has_what_was_asked_for_and_its_status_is_told(program, tmp_path, address, loaded):
    client = program("3", **address)
    assert client.communicate(timeout=60) == ("printed\n", "") and client.returncode == 5
    assert (tmp_path / "seen").read_text(encoding="utf-8") == f"{loaded} 1 ['3']"


def test_a_program_that_fails_has_failed(program):
    client = program("wrong")
    assert "ValueError: so it is said" in client.communicate(timeout=60)[1] and client.returncode == 1


def test_a_program_that_is_interrupted_may_clear_up(program, tmp_path):
    client = program("wait")
    assert soon((tmp_path / "seen").exists)
    client.send_signal(signal.SIGINT)
    client.communicate(timeout=60)
    assert client.returncode == 5 and (tmp_path / "cleared").exists()


def test_a_program_ends_where_nobody_waits_for_it_any_more(program, tmp_path):
    """Not even for the first word that it is told, the number of the process."""
    program("3").communicate(timeout=60)  # the libraries are loaded
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(os.environ[warm.ADDRESS])
    env = os.environ | {"MINE": "1", "PYTHONPATH": str(tmp_path)}
    asked = {"module": "program_of_this_test", "arguments": ["wait"], "env": env, "cwd": str(tmp_path)}
    connection.sendall(b"\n" + json.dumps(asked).encode() + b"\n")
    connection.close()
    time.sleep(2)  # it is about to begin

    def there(process):
        with suppress(psutil.Error):
            return process.cwd() == str(tmp_path)

    assert soon(lambda: not any(map(there, psutil.process_iter())))


def test_the_server_ends_with_the_process_that_started_it():
    """And its libraries, whose objects no garbage collection goes through, report nothing leaked."""
    code = (
        "import os\nfrom jupyter_client.manager import start_new_kernel\nfrom lib.report import warm\n"
        "warm.serve()\nwarm.use()\nmanager, client = start_new_kernel()\nclient.stop_channels()\n"
        "manager.shutdown_kernel(now=True)\nprint(os.environ[warm.ADDRESS], flush=True)"
    )
    env = {name: value for name, value in os.environ.items() if name != warm.ADDRESS}
    made = subprocess.run(  # reads until the server too has closed what it writes to
        [sys.executable, "-c", code], env=env, capture_output=True, check=True, encoding="utf-8"
    )
    folder = os.path.dirname(made.stdout.strip())
    assert soon(lambda: not os.path.exists(folder)) and "leaked" not in made.stderr
