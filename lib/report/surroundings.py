"""What kernels are given in their environment; what the reader has set stays.

python -m lib.report.surroundings pytest -q        (a command that starts kernels, run with it)
"""

import os
import sys

# One thread: notebooks run side by side, and sums come out the same. glibc gives large arrays back to the
# system after each use and asks for fresh ones: keeping them spares training steps that.
GIVEN = {
    "OMP_NUM_THREADS": "1",
    "MPLBACKEND": "agg",
    "MALLOC_MMAP_THRESHOLD_": "1073741824",
    "MALLOC_TRIM_THRESHOLD_": "2147483648",
    "MALLOC_TOP_PAD_": "268435456",
}


def give() -> None:
    """To this process, and so to those that it starts."""
    for name, value in GIVEN.items():
        os.environ.setdefault(name, value)


if __name__ == "__main__":
    give()
    os.execvp(sys.argv[1], sys.argv[1:])
