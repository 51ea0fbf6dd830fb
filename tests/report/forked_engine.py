"""What `make report` runs, many times over, each forked from this one process: it has imported Snakemake,
which takes longer than a look at a small project. Reads requests, one a line; prints how each ended.

python forked_engine.py        ({"arguments": […], "project": folder, "env": {…}, "log": file})
"""

import gc
import json
import os
import runpy
import sys

from snakemake.cli import main


def run(arguments, project, env, log):
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(project)
    sys.path.insert(0, project)
    sys.argv[1:] = arguments
    os.execvp = lambda _, command: main(command[1:])  # the process turns into Snakemake
    runpy.run_module("lib.report.run", run_name="__main__")


if __name__ == "__main__":
    gc.freeze()  # as lib.report.warm
    for line in sys.stdin:
        if not (pid := os.fork()):
            sys.exit(run(**json.loads(line)))
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
