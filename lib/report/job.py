"""`python -m lib.report.execute` as the engine calls it: in a process that has its libraries loaded,
while the server of `lib.report.warm` is there.

python -m lib.report.job csc411/04_gradient_descent --profile quick
"""

import sys

from lib.report import warm

if __name__ == "__main__":
    sys.exit(warm.run("lib.report.execute", sys.argv[1:]))
