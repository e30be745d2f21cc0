"""Counts the instructions that the engines take for a message, and judges them.

Usage: count_instructions.py PROGRAM FIGURES BUILD [--write]

PROGRAM is engine_work, FIGURES the file of the figures that were reached, by build, and BUILD says
which compiler and libraries PROGRAM was built with. A figure may be 5 % above that of the same
build; of another build it is only told. With --write the file is given the present figures.

Exit code 77: there is no valgrind.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys

WORKS = ["websocket_16_B", "websocket_16_KiB", "http_get", "long_poll_echo"]
ABOVE = 1.05
# Numbers have as many digits in all that the two runs do not share.
TIMES = (1000, 2000)


def count(program, work, times):
    """The instructions of a whole run."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program]
    run = subprocess.run([*command, "--work", work, str(times)], stderr=subprocess.PIPE, text=True)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or not found:
        raise SystemExit(f"{work}: {run.stderr.strip()}")
    return int(found[1])


def per_message(program, work):
    few, many = (count(program, work, times) for times in TIMES)
    return (many - few) // (TIMES[1] - TIMES[0])


def judge(figures, reached):
    """Tells the figures; returns whether none is too high."""
    is_good = True
    for work, figure in figures.items():
        bound = int(reached[work] * ABOVE) if work in reached else None
        is_too_high = bound is not None and figure > bound
        is_good = is_good and not is_too_high
        told = "" if bound is None else f"  at most {bound:7}"
        print(f"{work:18}{figure:8} instructions{told}{'  MISSED' if is_too_high else ''}")
    return is_good


def main(program, figures_file, build, *options):
    if not shutil.which("valgrind"):
        print("The instructions of the engines are not counted: valgrind was not found.")
        return 77
    path = pathlib.Path(figures_file)
    known = json.loads(path.read_text())
    figures = {work: per_message(program, work) for work in WORKS}
    if options == ("--write",):
        path.write_text(json.dumps({**known, build: figures}, indent=2) + "\n")
        return 0
    if build not in known:
        print(f"No figures are known of {build}; so nothing is demanded of these:")
    return 0 if judge(figures, known.get(build, {})) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
