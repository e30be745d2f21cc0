"""Tells what programs cost to compile: seconds of processor time and megabytes of the compiler, and
the kilobytes of the stripped program; beside each, how many times what the first one costs.

Usage: build_cost.py COMPILE_COMMANDS [NAME TARGET PROGRAM]...

Each TARGET of one source is compiled anew as COMPILE_COMMANDS (the file that CMake writes) has it,
several times. The least figure counts, as neighbours only add to it. PROGRAM is what was built.
"""

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

ROUNDS = 3


def compiler_call(commands, target):
    """How the source of `target` is compiled, and where; its object goes to nowhere."""
    (entry,) = (one for one in commands if f"/{target}.dir/" in one["command"])
    words = shlex.split(entry["command"])
    words[words.index("-o") + 1] = os.devnull
    return words, entry["directory"]


def compile_once(words, directory):
    """Returns the seconds and megabytes that the compiler and its parts took."""
    child = subprocess.Popen(words, cwd=directory)
    _, status, used = os.wait4(child.pid, 0)
    if status:
        raise SystemExit("it does not compile: " + shlex.join(words))
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def stripped_kilobytes(program):
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(program, folder)
        subprocess.run(["strip", copy], check=True)
        return pathlib.Path(copy).stat().st_size / 1024


def main(commands_file, *words):
    commands = json.loads(pathlib.Path(commands_file).read_text())
    first = None
    print(f"{'':36}{'s':>7}{'':7}{'MB':>7}{'':7}{'KB':>7}")
    for name, target, program in zip(words[::3], words[1::3], words[2::3]):
        call = compiler_call(commands, target)
        rounds = [compile_once(*call) for _ in range(ROUNDS)]
        figures = *(min(all_rounds) for all_rounds in zip(*rounds)), stripped_kilobytes(program)
        first = first or figures
        columns = (f"{figure:7.{digits}f} x{figure / of:<5.2f}"
                   for figure, of, digits in zip(figures, first, (1, 0, 0)))
        print(f"{name:36}{''.join(columns)}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
