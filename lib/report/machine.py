"""What numbers may hang on besides code, data and parameters: the machine, and what it chooses by itself."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

# Those that decide how fast, and in what order, sums run.
INSTRUCTIONS = ["avx2", "avx512f", "avx512_bf16", "amx_bf16"]
# Of lib.models: who imports one of these lets the machine choose the number format. AlexNet is among them for
# what is done with it elsewhere: `lib.training.train_system` takes its features, and a notebook may call that
# through another module.
CHOOSE = ("fast_dtype", "features", "cached_features", "AlexNet")


def machine() -> dict[str, Any]:
    """What a result may hang on besides its code: processor, its instructions, threads, NumPy's BLAS."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    described = {
        "python": platform.python_version(),
        "system": platform.system(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "threads": os.environ.get("OMP_NUM_THREADS", "all"),
        "blas": f"{blas['name']} {blas['version']}",
    }
    with suppress(OSError, KeyError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        told = {name.strip(): value for name, _, value in (line.partition(": ") for line in lines)}
        described["processor"] = told["model name"]
        known = told["flags"].split()
        described["instructions"] = [name for name in INSTRUCTIONS if name in known]
    return described


def number_format(names: dict[str, Any]) -> dict[str, str]:
    """{"number_format": "bfloat16" or "float32"}, which this machine chooses where a notebook lets it;
    {} where none of what the notebook imported, by its `names`, does."""
    if not any(getattr(names.get(name), "__module__", "").startswith("lib.models.") for name in CHOOSE):
        return {}
    from lib.models import fast_dtype  # loaded already: nobody needs torch for this

    return {"number_format": str(fast_dtype()).removeprefix("torch.")}
