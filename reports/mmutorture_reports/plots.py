# SPDX-License-Identifier: GPL-2.0-only
"""plots.py - trends over nights as SVG, by matplotlib; the same document gives the same bytes.

Colours are put in as stand-ins that become variables of the page's style, so that plots follow light and dark.
"""
import io
import re

INK, MUTED, LINE = "#010101", "#020202", "#030303"
ACCENT, BAD, GOOD = "#040404", "#050505", "#060606"
VARIABLES = {INK: "var(--ink)", MUTED: "var(--muted)", LINE: "var(--line)", ACCENT: "var(--accent)",
             BAD: "var(--bad)", GOOD: "var(--good)"}
SETTINGS = {
    "svg.hashsalt": "mmutorture", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10,
    "text.color": INK, "axes.labelcolor": MUTED, "axes.edgecolor": LINE, "xtick.color": MUTED, "ytick.color": MUTED,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "axes.grid.axis": "y", "grid.color": LINE,
    "grid.linewidth": 0.8, "figure.facecolor": "none", "axes.facecolor": "none", "savefig.facecolor": "none",
}
# A plot: its title, and lines as (column of the trends, colour, what the legend calls it).
PLOTS = (
    ("Schedules a night", (("schedules", ACCENT, None),)),
    ("Programs a night", (("executions", ACCENT, "by fuzzers"), ("programs", GOOD, "others"))),
    ("Lines of the MMU reached, %", (("coverage_percent", GOOD, None),)),
    ("Findings", (("findings_new", BAD, "new"), ("findings_seen", ACCENT, "seen"))),
)


def draw_trends(trends):
    """[(title, svg)] of what at least two nights know."""
    import matplotlib  # slow to load, and a page without trends needs none of it
    matplotlib.use("svg")
    drawn = []
    with matplotlib.rc_context(SETTINGS):
        for title, lines in PLOTS:
            known = [line for line in lines if sum(row[line[0]] is not None for row in trends) >= 2]
            if known:
                drawn.append((title, draw_one(title, known, trends)))
    return drawn


def draw_one(title, lines, trends):
    from matplotlib import figure, ticker
    plot = figure.Figure(figsize=(5.2, 2.5), layout="constrained")
    axes = plot.subplots()
    nights = [row["night"] for row in trends]
    for column, colour, label in lines:
        values = [float("nan") if row[column] is None else row[column] for row in trends]
        axes.plot(nights, values, color=colour, label=label, linewidth=1.8, marker="o", markersize=3.5)
    highest = max(row[line[0]] or 0 for row in trends for line in lines)
    axes.set_ylim(0, max(1, highest) * 1.12)
    axes.set_title(title, loc="left", fontsize=11, color=INK)
    axes.set_xlabel("night")
    axes.xaxis.set_major_locator(ticker.MaxNLocator(integer=True, nbins=8))
    axes.yaxis.set_major_locator(ticker.MaxNLocator(nbins=4, min_n_ticks=2, integer=True))
    axes.yaxis.set_major_formatter(ticker.FuncFormatter(short_number))
    axes.tick_params(length=0)
    if any(label for _, _, label in lines):
        axes.legend(frameon=False, fontsize=9, ncols=len(lines), loc="upper right", bbox_to_anchor=(1, 1.16))
    text = io.StringIO()
    plot.savefig(text, format="svg")
    return inline(text.getvalue(), title)


def short_number(value, _=None):
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g} {letter}"
    return f"{value:.3g}"


def inline(svg, title):
    """As part of a page: no prologue, ids of its own, the page's colours, as wide as there is room."""
    svg = svg[svg.index("<svg"):]
    prefix = re.sub(r"[^a-z]+", "-", title.lower())
    svg = re.sub(r'\b(id|xlink:href|href)="(#?)', lambda match: f'{match[1]}="{match[2]}{prefix}-', svg)
    svg = svg.replace("url(#", f"url(#{prefix}-")
    for stand_in, variable in VARIABLES.items():
        svg = svg.replace(stand_in, variable)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    begin = (f'<svg class="plot" viewBox="\\1" role="img" aria-label="{title}" '
             'xmlns:xlink="http://www.w3.org/1999/xlink">')
    return re.sub(r"<svg [^>]*?viewBox=\"([^\"]*)\"[^>]*>", begin, svg, count=1)
