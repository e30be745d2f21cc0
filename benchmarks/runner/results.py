"""From runs to medians, spreads and ratios, and to the table that shows them."""

import statistics

LIMIT = "limit"


class Results:
    """The figures of all runs: for each workload and server, one per round that it survived."""

    def __init__(self, workloads, servers):
        self.workloads = workloads
        self.servers = servers
        self._figures = {}
        self._failures = {}

    def add(self, workload, server, round_number, figure):
        self._figures.setdefault((workload.name, server), {})[round_number] = figure

    def fail(self, workload, server, sentence):
        self._failures[workload.name, server] = sentence

    def has_failed(self, workload, server):
        return (workload.name, server) in self._failures

    def failures(self):
        """(workload, server, sentence) of whatever a server could not do."""
        return [(*key, sentence) for key, sentence in sorted(self._failures.items())]

    def summary(self, workload, server):
        """Median, least, greatest and ratio to the limit; None where there is no figure.

        The ratio is the median of the ratios within each round, as the machine may have changed its
        pace from one round to the next.
        """
        figures = self._figures.get((workload.name, server))
        if not figures:
            return None
        limits = self._figures.get((workload.name, LIMIT), {})
        ratios = [
            figure / limits[number] for number, figure in figures.items() if limits.get(number)
        ]
        return {
            "median": statistics.median(figures.values()),
            "least": min(figures.values()),
            "greatest": max(figures.values()),
            "ratio": statistics.median(ratios) if ratios else None,
            "least_ratio": min(ratios, default=None),
            "greatest_ratio": max(ratios, default=None),
            "rounds": len(figures),
        }

    def rows(self):
        """All summaries, as objects for JSON."""
        return [
            {
                "workload": workload.name,
                "title": workload.title,
                "figure": workload.figure,
                "server": server,
                **summary,
            }
            for workload in self.workloads
            for server in self.servers
            if (summary := self.summary(workload, server))
        ]


def digits(value):
    """Three significant digits, but all those before the point."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.2f}" if value >= 10 else f"{value:.3f}"


def cell(summary, has_ratio):
    """Median, in brackets the spread, and the ratio to the limit with its spread."""
    if summary is None:
        return "–"
    text = f"{digits(summary['median'])}"
    if summary["rounds"] > 1:
        text += f" ({digits(summary['least'])}–{digits(summary['greatest'])})"
    if summary["ratio"] is None or not has_ratio:
        return text
    text += f" ×{summary['ratio']:.2f}"
    if summary["rounds"] > 1:
        text += f" ({summary['least_ratio']:.2f}–{summary['greatest_ratio']:.2f})"
    return text


def short_cell(summary, has_ratio):
    """Median, and the ratio to the limit."""
    if summary is None:
        return "–"
    if summary["ratio"] is None or not has_ratio:
        return digits(summary["median"])
    return f"{digits(summary['median'])} ×{summary['ratio']:.2f}"


def short_table(results):
    """The table without its spreads."""
    return table(results, short_cell)


def table(results, cell_of=cell):
    """The table, in Markdown that can be read as it is."""
    head = ["", "unit", *results.servers]
    body = [
        [
            workload.title,
            workload.unit,
            *(cell_of(results.summary(workload, server),
                      has_ratio=server != LIMIT and workload.is_relative)
              for server in results.servers),
        ]
        for workload in results.workloads
    ]
    widths = [max(len(row[i]) for row in [head, *body]) for i in range(len(head))]
    lines = [head, ["-" * width for width in widths], *body]
    return "\n".join(
        "| " + " | ".join(word.ljust(width) for word, width in zip(line, widths)) + " |"
        for line in lines
    )
