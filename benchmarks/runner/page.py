"""Writes what was measured where people look for it: the table and the circumstances into a page of
their own, and the picture with a short table into the README."""

import os

from runner import results

BEGIN = "<!-- performance: written by benchmarks/run.py --page -->"
END = "<!-- performance: end -->"
FOLDER = "benchmarks"


def caption(facts):
    """On what machine, and when, in one line."""
    return (f"{facts['processor']}, {facts['processors']} processors, {facts['kernel']}, "
            f"{facts['date']}, median of {facts['rounds']}")


def text(found, facts):
    """All there is to read: circumstances, table, and what has no figure."""
    parts = ["\n".join(f"* {name}: {value}" for name, value in facts.items()),
             results.table(found)]
    parts += [f"{server} has no figure for {workload}: {sentence}"
              for workload, server, sentence in found.failures()]
    return "\n\n".join(parts)


def short_section(found, facts):
    """What the README shows. A busy machine is admitted here, too."""
    load = f" The machine was busy (load {facts['load']:.1f})." if facts["load"] > 0.5 else ""
    return f"""![What it costs the server]({FOLDER}/performance.svg)

{results.short_table(found)}

Medians, and in times of the limit: a server of raw epoll without a check. Measured on
{caption(facts)}, with `{FOLDER}/{facts['command']}`.{load} Spreads and what is behind the figures:
[{FOLDER}/performance.md]({FOLDER}/performance.md), [{FOLDER}/README.md]({FOLDER}/README.md)."""


def replaced(page, section):
    """`page` with `section` between the marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no place between {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{section}\n\n{END}{after}"


def write(path, words):
    with open(path, "w", encoding="utf-8") as file:
        file.write(words)


def publish(tree, found, facts, *, picture, figures):
    """Writes the three files of the page, and the README's section."""
    readme = os.path.join(tree, "README.md")
    with open(readme, encoding="utf-8") as file:
        page = replaced(file.read(), short_section(found, facts))
    folder = os.path.join(tree, FOLDER)
    write(os.path.join(folder, "performance.svg"), picture)
    write(os.path.join(folder, "performance.json"), figures)
    heading = f"# Performance\n\nWritten by `{FOLDER}/run.py --page`; not to be edited.\n\n"
    image = "![What it costs the server](performance.svg)\n\n"
    write(os.path.join(folder, "performance.md"), heading + image + text(found, facts) + "\n")
    write(readme, page)
