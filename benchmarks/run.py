#!/usr/bin/env python3
"""Measures servers side by side, and prints a table of medians, spreads and ratios to the limit.

Every round runs every workload against every server, the servers in an order drawn anew each time;
what takes long and hardly varies, as memory, is left to the first two.
A server has the first processor to itself, the load generator the second. The figure is the
server's processor time per message in microseconds (per delivery in a fan-out, per request, per
handshake), or its bytes per connection; its ratio is to the limit in the same round.

    run.py --build build/release [--rounds 5] [--seconds 2] [--only WORKLOAD,...]
           [--servers NAME,...] [--server NAME='COMMAND'] [--json FILE] [--svg FILE] [--page]

`--server` adds one that was built elsewhere; it is started as `COMMAND PORT`, listens on 127.0.0.1
and does what it can of: echo at /websocket, fan-out at /fan-out, GET at /http. What it cannot do is
told and left out.

`--page` writes the performance page too: performance.md, performance.svg and performance.json
beside this file, and the section of the README between its two marks.
"""

import argparse
import datetime
import json
import os
import platform
import random
import shlex
import subprocess
import sys

from runner import generators, page, plot, results, servers, workloads


TREE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="the build directory")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2, help="of each run")
    parser.add_argument("--only", help="workloads, with commas between them")
    parser.add_argument("--servers", help="servers, with commas between them")
    parser.add_argument("--server", action="append", default=[], metavar="NAME='COMMAND'")
    parser.add_argument("--no-pin", action="store_true", help="let the system choose processors")
    parser.add_argument("--seed", type=int, help="of the order of the servers")
    parser.add_argument("--json", help="the file for all figures")
    parser.add_argument("--svg", help="the file for the plot")
    parser.add_argument("--page", nargs="?", const=TREE, metavar="TREE",
                        help="write the performance page of this tree, or of another")
    parser.add_argument("--smoke", action="store_true", help="small, short and without a meaning")
    return parser.parse_args()


def say(sentence):
    print(sentence, file=sys.stderr, flush=True)


def chosen(names, known, kind):
    """Those of `known` that were asked for."""
    if names is None:
        return list(known)
    wanted = names.split(",")
    for name in wanted:
        if name not in known:
            sys.exit(f"no such {kind}: {name}; there are: {', '.join(known)}")
    return [name for name in known if name in wanted]


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def version():
    """The state of the tree that is measured; empty where that is not known."""
    asked = ["git", "-C", TREE, "describe", "--always", "--dirty"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def circumstances():
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": processor(),
        "processors": os.cpu_count(),
        "version": version(),
        "kernel": f"{platform.system()} {platform.release()}",
        "load": os.getloadavg()[0],
        "command": shlex.join([os.path.basename(sys.argv[0]), *sys.argv[1:]]),
    }


class Measurement:
    """Runs workloads against servers, and keeps what comes of it."""

    def __init__(self, arguments, plan, commands):
        self.found = results.Results(plan, list(commands))
        # Of all runs, as the generator made them.
        self.reports = []
        self.whole_rounds = 0
        self._arguments = arguments
        self._plan = plan
        self._commands = commands
        self._generator = generators.Generator(arguments)
        self._order = random.Random(arguments.seed)

    def run(self):
        """Runs everything, or as much as there is before an interrupt."""
        try:
            for number in range(self._arguments.rounds):
                self._run_round(number)
                self.whole_rounds += 1
        except KeyboardInterrupt:
            say("Interrupted: what follows is what was measured until now.")

    def _run_round(self, number):
        for workload in (due for due in self._plan if due.is_due(number)):
            for server in self._order.sample(list(self._commands), len(self._commands)):
                if servers.serves(server, workload):
                    self._run_one(number, workload, server)
            say(f"round {number + 1} of {self._arguments.rounds}: {workload.title}")

    def _run_one(self, number, workload, server):
        if self.found.has_failed(workload, server):
            return
        try:
            report = self._generator.run(workload, server, self._commands[server])
        except (RuntimeError, subprocess.TimeoutExpired) as failure:
            self.found.fail(workload, server, str(failure))
            return
        self.found.add(workload, server, number, report[workload.figure])
        self.reports.append({"round": number, "server": server, "workload": workload.name,
                             **report})


def main():
    arguments = parse_arguments()
    commands = servers.find(os.path.join(arguments.build, "benchmarks"), say)
    commands.update(servers.parse_further(text) for text in arguments.server)
    commands = {name: commands[name] for name in chosen(arguments.servers, commands, "server")}
    by_name = {workload.name: workload for workload in workloads.WORKLOADS}
    plan = [by_name[name] for name in chosen(arguments.only, by_name, "workload")]
    facts = circumstances()
    if facts["load"] > 0.5 and not arguments.smoke:
        say(f"The machine is busy (load {facts['load']:.1f}): what follows is not to be trusted.")
    if facts["processors"] < 4 and any(workload.is_rate for workload in plan):
        say("With less than four processors the rates of server threads tell about generators.")

    measurement = Measurement(arguments, plan, commands)
    measurement.run()
    found = measurement.found
    facts["rounds"] = measurement.whole_rounds
    print(page.text(found, facts))
    rows = {"circumstances": facts, "summary": found.rows(), "runs": measurement.reports,
            "failures": found.failures()}
    figures = json.dumps(rows, indent=1) + "\n"
    picture = plot.svg(found, page.caption(facts))
    if arguments.json:
        page.write(arguments.json, figures)
    if arguments.svg:
        page.write(arguments.svg, picture)
    if arguments.page:
        page.publish(arguments.page, found, facts, picture=picture, figures=figures)


if __name__ == "__main__":
    main()
