"""A cell that is interrupted leaves the kernel usable, and run again goes on where it was."""

import os
import queue
import time
from pathlib import Path

import psutil
import pytest
from jupyter_client.manager import KernelManager


class Kernel:
    """A real kernel, interrupted as Jupyter does it: with its children."""

    def __init__(self, folder: Path):
        (folder / "own_trials.py").write_text(OWN, encoding="utf-8")
        self.errors = open(folder / "stderr", "w+", encoding="utf-8")  # noqa: SIM115  closed with the kernel
        path = os.pathsep.join([str(Path(__file__).parents[2]), str(folder)])
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(
            env=os.environ | {"PYTHONPATH": path, "BACKPROP_CACHE": str(folder / "cache")}, stderr=self.errors
        )
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str, interrupt_at: str | None = None, children: int = 0) -> tuple[str, str]:
        """(what the cell printed, the name of its error or "").

        It is interrupted when it has printed `interrupt_at` and there are so many children.
        """
        request, text, error = self.client.execute(code), "", ""
        until = time.monotonic() + 120
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=until - time.monotonic())
            except queue.Empty:
                pytest.fail(f"the cell hangs after {text!r}")
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                text += content["text"]
                if interrupt_at and interrupt_at in text:
                    while len(self.children()) < children:
                        time.sleep(0.01)
                    self.manager.interrupt_kernel()
                    interrupt_at = None
            elif kind == "error":
                error, self.error = content["ename"], content
            elif kind == "status" and content["execution_state"] == "idle":
                return text, error

    def children(self) -> list[str]:
        """Command lines of the processes that the kernel has started,
        but for the tracker of shared memory."""
        kernel = psutil.Process(self.manager.provisioner.pid)
        found = [
            " ".join(child.cmdline())
            for child in kernel.children(recursive=True)
            if child.status() != psutil.STATUS_ZOMBIE
        ]
        return [line for line in found if "resource_tracker" not in line]

    def stderr(self) -> str:
        self.errors.seek(0)
        return self.errors.read()

    def end(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.errors.close()


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """The kernel of all tests, how the first training in it ended, and how the second.

    The first is interrupted while torch imports its compiler, which takes seconds, once.
    """
    kernel = Kernel(tmp_path_factory.mktemp("kernel"))
    kernel.run(NETWORK)
    kernel.run("""
import os, signal, sys

class Interrupts:
    def find_spec(self, name, *_):
        if name == "torch._dynamo.utils":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
own_trials.pause = 0
""")
    ended = [kernel.run("history = train(net, order)") for _ in range(2)]
    kernel.run("sys.meta_path.pop(0)")
    yield kernel, ended
    kernel.end()


@pytest.fixture
def kernel(started, tmp_path):
    """With a cache of the test's own."""
    kernel, _ = started
    kernel.run(f"import os; os.environ['BACKPROP_CACHE'] = {str(tmp_path / 'cache')!r}")
    kernel.run("own_trials.updates, own_trials.pause = 0, 0.05")
    return kernel


OWN = """
import time

def run(data, *, number, mark):
    time.sleep(0 if number < 2 else 0.5)
    with open(mark, "a", encoding="utf-8") as file:
        file.write(f"{number} ")
    return {"half": number / 2}

updates, pause = 0, 0.05

def slow(batch, rng):
    global updates
    updates += 1
    time.sleep(pause)
    return batch
"""

NETWORK = """
import numpy as np, torch
import own_trials
from lib.models import MLP
from lib.training import fit

rng = np.random.default_rng(0)
x, y = np.float32(rng.normal(size=(40, 8))), rng.integers(0, 3, 40)

def make(seed=0):
    first, order = (torch.Generator().manual_seed(n) for n in (seed, 1))
    return MLP(8, [6], 3, dropout=0.2, rng=first), order

def train(net, order, resume=True):
    return fit(net, x, y, epochs=20, batch_size=20, rng=order, augment=own_trials.slow, resume=resume)

net, order = make()
"""
COMPARE = """
made, own_trials.pause = own_trials.updates, 0
other, other_order = make({seed})
whole = train(other, other_order, False)
a, b = (vars(h) | {{"seconds": h.seconds > 0}} for h in (whole, history))
print(all(map(torch.equal, net.state_dict().values(), other.state_dict().values())), a == b, made)
"""


def test_fit(kernel):
    assert kernel.run(NETWORK) == ("", "")
    text, error = kernel.run("history = train(net, order)", interrupt_at="epoch 12,")
    assert error == "KeyboardInterrupt" and "epoch 20" not in text
    assert kernel.error["evalue"].startswith("run the cell again") and len(kernel.error["traceback"]) <= 6
    assert kernel.run("print(net.training, {p.device.type for p in net.parameters()})") == (
        "False {'cpu'}\n",
        "",
    )
    kernel.run("own_trials.updates = 0")
    again, error = kernel.run("history = train(net, order)")  # the same objects, in the state they were in
    assert error == "" and again.startswith(text[: text.index("epoch 12,")]) and "epoch 20" in again
    whole, error = kernel.run(COMPARE.format(seed=0))
    assert error == "" and whole.startswith(again + "True True ")
    assert int(whole.split()[-1]) < 40 - 10  # of 40 updates; what was made in the last half a second is lost
    kernel.run("own_trials.updates, own_trials.pause = 0, 0.05")
    assert (
        kernel.run("net, order = make(); history = train(net, order); print(own_trials.updates)")[0]
        == again + "0\n"
    )


def test_fit_while_torch_imports_its_compiler(started):
    """A package that was half imported cannot be imported again."""
    first, (text, error) = started[1]
    assert first == ("", "KeyboardInterrupt")
    assert error == "" and "epoch 20" in text


def test_a_cell_of_several_large_networks(kernel):
    """Those that had finished are read, the one that was cut off goes on."""
    kernel.run(NETWORK.replace("[6]", "[500, 500]"))
    kernel.run("import lib.checkpoint; lib.checkpoint.BYTES_PER_SECOND *= 5  # weights of 1 MB, soon kept")
    cell = """
trained = []
for seed in range(3):
    net, order = make(seed)
    trained.append((net, train(net, order)))
    print("finished", seed)
print(own_trials.updates)
"""
    text, error = kernel.run(cell, interrupt_at="finished 1\nepoch 0,")
    assert error == "KeyboardInterrupt" and "finished 2" not in text
    kernel.run("own_trials.updates = 0")
    again, error = kernel.run(cell)
    assert error == "" and again.startswith(text) and "finished 2\n" in again
    assert int(again.split()[-1]) <= 40
    assert kernel.run("net, history = trained[0]\n" + COMPARE.format(seed=0))[0].split()[-3:-1] == [
        "True",
        "True",
    ]
    assert kernel.run("net, history = trained[2]\n" + COMPARE.format(seed=2))[0].split()[-3:-1] == [
        "True",
        "True",
    ]
    kernel.run("lib.checkpoint.BYTES_PER_SECOND //= 5")


@pytest.mark.parametrize("workers", [1, 2])
def test_search(kernel, tmp_path, workers):
    """Two workers are interrupted while they start, too."""
    mark = tmp_path / "mark"
    cell = f"""
from lib.training import search
from own_trials import run
print("now", flush=True)
found = search(run, [dict(number=n, mark={str(mark)!r}) for n in range(8)], {{}}, workers={workers})
print([outcome["half"] for outcome in found])
"""
    if workers == 2:
        ended = kernel.run(cell, interrupt_at="now", children=2)
        assert ended == ("now\n", "KeyboardInterrupt")  # no traceback of a worker's
        assert kernel.children() == [] and "Traceback" not in kernel.stderr()
    text, error = kernel.run(cell, interrupt_at="trial 3 of 8")
    assert error == "KeyboardInterrupt" and "trial 8" not in text
    assert kernel.children() == [] and "Traceback" not in kernel.stderr()
    before = mark.read_text(encoding="utf-8").split()
    assert 3 <= len(before) < 8
    again, error = kernel.run(cell)
    assert error == "" and again.startswith(text)
    assert again.endswith(f"{[n / 2 for n in range(8)]}\n")
    twice = len(mark.read_text(encoding="utf-8").split()) - 8
    assert 0 <= twice <= workers  # at most what had ended but was not recorded yet


def test_a_network_by_hand(kernel):
    kernel.run("""
import numpy as np, time
from lib.backprop import GradientDescent, Network, one_hot
x, y = np.random.default_rng(0).normal(size=(40, 8)), one_hot(np.arange(40) % 3, 3)
pause = 0.04

class Slow(GradientDescent):
    made = 0
    def update(self, parameters, steps):
        super().update(parameters, steps)
        time.sleep(pause)
        Slow.made += 1
""")
    cell = """
net = Network(8).add(5, "tanh").add(3, "softmax").initialise("fan_in", np.random.default_rng(1))
history = net.fit(x, y, Slow(0.1), epochs=40, log=print, watch=lambda net: net.layers[0].bias)
"""
    text, error = kernel.run(cell, interrupt_at="epoch 28,")
    assert error == "KeyboardInterrupt" and "epoch 40" not in text
    kernel.run("Slow.made = 0")
    again, error = kernel.run(cell)
    assert error == "" and again.startswith(text)
    compare = """
pause, made = 0, Slow.made
whole = Network(8).add(5, "tanh").add(3, "softmax").initialise("fan_in", np.random.default_rng(1))
other = whole.fit(x, y, Slow(0.1), epochs=40, log=print, watch=lambda net: net.layers[0].bias, resume=False)
a, b = (vars(h) | {"seconds": h.seconds > 0} for h in (history, other))
print(all(map(np.array_equal, net.parameters, whole.parameters)), a == b, made)
"""
    text, error = kernel.run(compare)
    assert error == "" and text.startswith(again + "True True ")
    assert int(text.split()[-1]) <= 25  # of 40 updates; what was made in the last half a second is lost
