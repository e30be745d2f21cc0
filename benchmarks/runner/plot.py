"""Draws the ratios to the limit as bars: SVG, written by hand."""

from xml.sax.saxutils import escape

COLOURS = ["#8a8f98", "#1f6feb", "#2da44e", "#bf8700", "#cf222e", "#8250df", "#0e7490", "#b35900"]
LABEL_WIDTH = 260
PLOT_WIDTH = 560
MARGIN = 90
BAR = 11
GAP = 14
TOP = 58
# Bars end here, their number tells the rest.
GREATEST_RATIO = 6.0


def bars_of(results):
    """Per workload: its title, and (server, median, unit, ratio) for each that has a ratio."""
    for workload in results.workloads:
        summaries = [(server, results.summary(workload, server)) for server in results.servers]
        bars = [
            (server, summary["median"], workload.unit, summary["ratio"])
            for server, summary in summaries
            if summary and summary["ratio"] is not None
        ]
        if bars:
            yield workload.title, bars


def text(x, y, words, **attributes):
    more = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<text x="{x:.0f}" y="{y:.0f}"{more}>{escape(words)}</text>'


def legend(servers, colours):
    parts = []
    x = LABEL_WIDTH
    for server in servers:
        parts.append(f'<rect x="{x}" y="30" width="10" height="10" fill="{colours[server]}"/>')
        parts.append(text(x + 14, 39, server))
        x += 24 + 7 * len(server)
    return parts


def svg(results, caption):
    """The whole picture. `caption` says on what machine, and when."""
    colours = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(results.servers)}
    parts = legend(results.servers, colours)
    y = TOP
    for title, bars in bars_of(results):
        middle = y + len(bars) * BAR / 2 + 4
        parts.append(text(LABEL_WIDTH - 10, middle, title, text_anchor="end"))
        for server, median, unit, ratio in bars:
            width = min(ratio, GREATEST_RATIO) / GREATEST_RATIO * PLOT_WIDTH
            parts.append(
                f'<rect x="{LABEL_WIDTH}" y="{y}" width="{width:.1f}" height="{BAR - 2}"'
                f' fill="{colours[server]}"/>'
            )
            number = f"×{ratio:.2f}  {median:.3g} {unit}" if median < 1000 else f"×{ratio:.2f}"
            parts.append(text(LABEL_WIDTH + width + 4, y + BAR - 3, number, font_size=9))
            y += BAR
        y += GAP
    one = LABEL_WIDTH + PLOT_WIDTH / GREATEST_RATIO
    parts.append(f'<line x1="{one:.1f}" y1="{TOP - 6}" x2="{one:.1f}" y2="{y}" stroke="#57606a"'
                 ' stroke-dasharray="2 3"/>')
    parts.append(text(LABEL_WIDTH, 18, "Cost to the server as a ratio to the limit: less is better",
                      font_size=13))
    parts.append(text(10, y + 12, caption, font_size=9))
    width = LABEL_WIDTH + PLOT_WIDTH + MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y + 22}"'
        ' font-family="sans-serif" font-size="11">\n'
        f'<rect width="{width}" height="{y + 22}" fill="#ffffff"/>\n' + "\n".join(parts) +
        "\n</svg>\n"
    )
