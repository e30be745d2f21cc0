"""Draws what servers cost as bars: SVG, written by hand.

Costs in time are drawn as ratios to the limit; all else (memory, of which the limit needs next to
none, ratios and rates) as it is, the longest bar being the greatest.
"""

from xml.sax.saxutils import escape

from runner.results import digits

COLOURS = ["#8a8f98", "#1f6feb", "#2da44e", "#bf8700", "#cf222e", "#8250df", "#0e7490", "#b35900"]
LABEL_WIDTH = 260
PLOT_WIDTH = 560
MARGIN = 110
BAR = 11
GAP = 14
TOP = 58
# A longer bar is cut here, and its number tells the rest.
GREATEST_RATIO = 6.0


def bars_of(results, workload):
    """(server, share of the plot's width, words) for each server with a figure."""
    summaries = {
        server: summary
        for server in results.servers
        if (summary := results.summary(workload, server))
    }
    greatest = max((summary["median"] for summary in summaries.values()), default=0) or 1
    for server, summary in summaries.items():
        words = f"{digits(summary['median'])} {workload.unit}"
        if not workload.is_relative:
            yield server, max(0, summary["median"] / greatest), words
        elif summary["ratio"] is not None:
            yield server, summary["ratio"] / GREATEST_RATIO, f"×{summary['ratio']:.2f}  {words}"


def text(x, y, words, **attributes):
    more = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<text x="{x:.0f}" y="{y:.0f}"{more}>{escape(words)}</text>'


def bar(y, width, colour, is_cut):
    parts = [f'<rect x="{LABEL_WIDTH}" y="{y}" width="{width:.1f}" height="{BAR - 2}"'
             f' fill="{colour}"/>']
    if is_cut:
        x = LABEL_WIDTH + width - 14
        parts.append(f'<line x1="{x}" y1="{y + BAR - 1}" x2="{x + 5}" y2="{y - 1}" stroke="#ffffff"'
                     ' stroke-width="3"/>')
    return parts


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
    for workload in results.workloads:
        bars = list(bars_of(results, workload))
        if not bars:
            continue
        middle = y + len(bars) * BAR / 2 + 4
        parts.append(text(LABEL_WIDTH - 10, middle, workload.title, text_anchor="end"))
        for server, share, words in bars:
            parts += bar(y, min(share, 1) * PLOT_WIDTH, colours[server], is_cut=share > 1)
            parts.append(text(LABEL_WIDTH + min(share, 1) * PLOT_WIDTH + 4, y + BAR - 3, words,
                              font_size=9))
            y += BAR
        y += GAP
    one = LABEL_WIDTH + PLOT_WIDTH / GREATEST_RATIO
    parts.append(f'<line x1="{one:.1f}" y1="{TOP - 6}" x2="{one:.1f}" y2="{y}" stroke="#57606a"'
                 ' stroke-dasharray="2 3"/>')
    heading = "What it costs the server, × the limit, and its memory: less is better, but for rates"
    parts.append(text(LABEL_WIDTH, 18, heading, font_size=13))
    parts.append(text(10, y + 12, caption, font_size=9))
    width = LABEL_WIDTH + PLOT_WIDTH + MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y + 22}"'
        ' font-family="sans-serif" font-size="11">\n'
        f'<rect width="{width}" height="{y + 22}" fill="#ffffff"/>\n' + "\n".join(parts) +
        "\n</svg>\n"
    )
