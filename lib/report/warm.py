"""Kernels, and the programs that run a notebook in one, begin with their libraries loaded: each is forked
from one process that has imported them, which for a small notebook takes longer than all its cells.

python -m lib.report.warm SOCKET PROCESS        (serves until that process, which started it, ends)
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

KERNEL = "ipykernel.kernelapp"
LOADED = ["torch", "torchvision", "matplotlib.pyplot", "pandas", "scipy.stats", KERNEL]
LOADED += ["lib.report.notebooks", "papermill"]  # in this order
LOADED += ["sklearn.datasets", "sklearn.linear_model", "safetensors.torch", "matplotlib.backends.backend_svg"]
ADDRESS = "BACKPROP_WARM"  # of the environment: the server's socket
# Of what this process asked for and has ended: what all took, and the largest resident memory of one.
cpu_seconds = 0.0
memory_kib = 0


def serve() -> None:
    """Start a server for this process, what it turns into, and the processes these start; one is enough.

    Only on Linux: elsewhere a process that has loaded such libraries is not safe to fork.
    """
    if sys.platform == "linux" and ADDRESS not in os.environ:
        address = Path(tempfile.mkdtemp(prefix="warm-"), "socket")
        server = subprocess.Popen([sys.executable, "-m", "lib.report.warm", str(address), str(os.getpid())])
        while not address.exists() and server.poll() is None:
            time.sleep(0.01)
        os.environ[ADDRESS] = str(address)


def use() -> None:
    """Have the kernels that this process starts come from the server, while there is one."""
    from jupyter_client.provisioning import local_provisioner  # neither the server nor `run` needs it

    local_provisioner.launch_kernel = launch


def launch(command: list[str], **settings: Any) -> Any:
    """A kernel from the server, else as jupyter_client's own function of this name starts it."""
    try:
        if command[0] != sys.executable:
            raise ValueError(f"The server is {sys.executable}; the kernel is to be {command[0]}.")
        arguments = command[command.index("-m") + 2 :]
        return Forked(KERNEL, arguments, settings["env"], settings.get("cwd") or os.getcwd())
    except (KeyError, OSError, ValueError):
        from jupyter_client.launcher import launch_kernel

        return launch_kernel(command, **settings)


def run(module: str, arguments: list[str]) -> int:
    """The exit status of `python -m module arguments`, in a process from the server; without it, in this."""
    if ADDRESS in os.environ:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # until there is a process to be told
    try:
        process = Forked(module, arguments, dict(os.environ), os.getcwd(), files=[0, 1, 2])
    except (KeyError, OSError, ValueError):
        if ADDRESS in os.environ:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        sys.argv[1:] = arguments
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        return 0
    while True:
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            return process.wait()
        except KeyboardInterrupt:  # which reaches this process alone
            process.send_signal(signal.SIGINT)


class Forked:
    """What `jupyter_client` asks of a kernel's subprocess.Popen, of a process from the server.

    files: what it has as its standard input, output and errors; [] for those of the server.
    Raises KeyError or OSError where none was started, or it has ended, or this is another machine.
    """

    stdin = stdout = stderr = None

    def __init__(
        self,
        module: str,
        arguments: list[str],
        env: dict[str, str],
        cwd: str | Path,
        files: Sequence[int] = (),
    ):
        self.returncode: int | None = None
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(os.environ[ADDRESS])
        self._told = self._connection.makefile("rw", encoding="utf-8")
        asked = {"module": module, "arguments": arguments, "env": env, "cwd": str(cwd)}
        socket.send_fds(self._connection, [b"\n"], files)  # with one byte, or they would not be sent
        self._told.write(json.dumps(asked) + "\n")
        self._told.flush()
        self.pid: int = json.loads(self._told.readline())

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._connection], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self) -> int:
        global cpu_seconds, memory_kib
        if self.returncode is None:
            self.returncode, used, largest = json.loads(self._told.readline() or "[-9, 0, 0]")
            cpu_seconds += used
            memory_kib = max(memory_kib, largest)
            self._told.close()
            self._connection.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class _Requests(socketserver.StreamRequestHandler):
    """In a process of its own: forks what was asked for, and stays to tell how it ended and what it took."""

    def handle(self) -> None:
        _, files, _, _ = socket.recv_fds(self.connection, 1, 3)
        if not (line := self.rfile.readline()):
            return  # whoever connected was ended before it asked
        asked = json.loads(line)
        pid = os.fork()
        if not pid:
            _become(**asked, files=files)
        for file in files:
            os.close(file)
        os.setpgid(pid, pid)  # here too: whoever asked may signal the group as soon as it is told
        with suppress(BrokenPipeError):
            self.wfile.write(f"{pid}\n".encode())
        if self.connection in select.select([self.connection, os.pidfd_open(pid)], [], [])[0]:
            os.killpg(pid, signal.SIGKILL)  # whoever asked is gone
        _, status, used = os.wait4(pid, 0)
        ended = [os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss]
        with suppress(BrokenPipeError):
            self.wfile.write((json.dumps(ended) + "\n").encode())


def _named(env: Mapping[str, str]) -> list[str]:
    """The folders that PYTHONPATH has Python look in first."""
    return [entry for entry in env.get("PYTHONPATH", "").split(os.pathsep) if entry]


NAMED = _named(os.environ)  # in the server: its own, not those of what is forked


def _become(module: str, arguments: list[str], env: dict[str, str], cwd: str, files: list[int]) -> NoReturn:
    os.setpgid(0, 0)
    for number, file in enumerate(files):  # those of whoever asked; a kernel has the server's
        os.dup2(file, number)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(env, JPY_PARENT_PID=str(os.getppid()))
    os.chdir(cwd)
    sys.path[:] = [*_named(env), *(entry for entry in sys.path[1:] if entry not in NAMED)]
    for name in [name for name in sys.modules if name.partition(".")[0] == "lib"]:
        del sys.modules[name]  # it imports what is there now
    code: Any = 1
    try:
        if module == KERNEL:
            from ipykernel.kernelapp import IPKernelApp

            IPKernelApp.launch_instance([*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"])
        else:
            sys.argv[1:] = arguments
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        os._exit(code if isinstance(code, int) else 1)


class _Server(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    max_children = 1000
    timeout = 1  # second between two looks whether it is still needed

    def process_request(self, request: Any, client_address: Any) -> None:
        if gc.get_freeze_count() == 0:  # the first to be asked for
            for name in LOADED:
                importlib.import_module(name)
            gc.freeze()  # nobody goes through all that, and copies its pages, to look for garbage
        super().process_request(request, client_address)


def main() -> None:
    address, parent = Path(sys.argv[1]), int(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what was asked for ends with whoever asked
    try:
        with _Server(str(address), _Requests) as server:
            while os.getppid() == parent:
                server.handle_request()
    finally:
        gc.unfreeze()  # else what is freed at the end is reported as leaked by the libraries
        shutil.rmtree(address.parent, ignore_errors=True)


if __name__ == "__main__":
    main()
