# SPDX-License-Identifier: GPL-2.0-only
"""lanes.py - the JSON of `mmutorture minimize --json` as an SVG: a lane a CPU, time downwards, the swap marked.

Points come before what they stand for, so a lock's span begins behind its row and ends behind the row that unlocks.
Colours are the page's (style.css).
"""
import dataclasses
import html

WIDTH = 860
GUTTER = 58    # point numbers
HEAD = 34
ROW = 32
GAP = 20       # where points of these CPUs are left out
INDENT = 9     # of a span inside another one
TEXT_MAX = 46  # characters of a function's name
KINDS = {"lock": "lock", "RCU": "rcu", "SRCU": "srcu"}


@dataclasses.dataclass
class Row:
    point: dict
    y: int
    gap: int  # points left out before it


def cpu_name(cpu):
    """"thread 0" for a stream, else what it does: main, rcu, kthread0."""
    return f"thread {cpu}" if cpu.isdigit() else cpu


def cpus_of(lanes):
    """The one that has to come first is on the left."""
    order = [point["cpu"] for index in (lanes["first"], lanes["second"]) for point in lanes["points"]
             if point["point"] == index]
    order += [point["cpu"] for point in lanes["points"]]
    return list(dict.fromkeys(order))


def layout(lanes):
    rows, y, last = [], HEAD, None
    for point in lanes["points"]:
        gap = 0 if last is None else max(0, point["point"] - last - 1)
        if gap > 64:
            y += GAP
        rows.append(Row(point, y, gap if gap > 64 else 0))
        y, last = y + ROW, point["point"]
    return rows, y + 10


def thing(point):
    """Locks have names, other objects numbers; lanes of before have only those."""
    return point.get("name") or (f"#{point['object']}" if point["object"] else "")


def describe(point):
    return f"{point['kind']} {thing(point)}".rstrip()


def depth_of(spans):
    """How many of a CPU's spans each one lies in."""
    depths = []
    for i, span in enumerate(spans):
        inside = [depths[j] for j in range(i) if spans[j]["cpu"] == span["cpu"] and
                  (spans[j].get("end") is None or spans[j]["end"] > span["begin"])]
        depths.append(max(inside) + 1 if inside else 0)
    return depths


def span_text(span):
    what = "holds" if span["kind"] == "lock" else f"in {span['kind']} read section"
    what = f"{what} {thing(span)}".rstrip()
    until = f"to point {span['end']}" if span.get("end") is not None else "to the end"
    return f"{cpu_name(span['cpu'])} {what} from point {span['begin']} {until}"


def edge(rows, index, default):
    """The y below the row of point @index."""
    inside = [row.y + ROW // 2 for row in rows if row.point["point"] == index]
    return inside[0] if inside else default


def draw_spans(lanes, rows, left, lane, bottom):
    spans = sorted(lanes["spans"], key=lambda span: (span["begin"], -(span.get("end") or 1 << 62)))
    shapes = []
    for span, depth in zip(spans, depth_of(spans)):
        if span["cpu"] not in left:
            continue
        begin = HEAD if span["begin"] < rows[0].point["point"] else edge(rows, span["begin"], HEAD)
        end = edge(rows, span.get("end"), bottom)
        x = left[span["cpu"]] + 5 + depth * INDENT
        width = lane - 14 - depth * INDENT
        area = f'x="{x}" y="{begin}" height="{max(4, end - begin)}"'
        shapes.append(f'<g class="span {KINDS.get(span["kind"], "lock")}"><title>{html.escape(span_text(span))}</title>'
                      f'<rect class="tint" {area} width="{width}"/><rect {area} width="{INDENT - 3}" rx="2"/></g>')
    return shapes, max(depth_of(spans), default=0)


def row_title(lanes, point, stacks):
    where = f"{describe(point)} in {point['function']} {point['place']}"
    return (f"point {point['point']}, {cpu_name(point['cpu'])}: {where}" +
            "".join(f"\n  {frame['function']} {frame['place']}" for frame in stacks.get(point["point"], ())))


def draw_mark(lanes, row, left, lane):
    """Round the row, and in another lane what the mark says."""
    point = row.point
    first = point["point"] == lanes["first"]
    beside = next((x for cpu, x in left.items() if cpu != point["cpu"]), 0) + lane - 18
    return [f'<rect class="mark" x="1" y="{row.y + 1}" width="{WIDTH - 2}" height="{ROW - 2}" rx="4"/>',
            f'<text class="says" x="{beside}" y="{row.y + ROW // 2 + 4}">'
            f'{html.escape(cpu_name(point["cpu"]))} goes on {"first" if first else "second"}</text>']


def draw_row(lanes, row, x, left, lane):
    point = row.point
    stacks = {lanes["first"]: lanes["first_stack"], lanes["second"]: lanes["second_stack"]}
    marked = point["point"] in stacks
    name = point["function"]
    if len(name) > TEXT_MAX:
        name = name[:TEXT_MAX - 1] + "…"
    middle = row.y + ROW // 2
    shapes = [f'<g class="point{" swap" if marked else ""}" data-cpu="{html.escape(point["cpu"])}">'
              f"<title>{html.escape(row_title(lanes, point, stacks))}</title>"]
    if marked:
        shapes += draw_mark(lanes, row, left, lane)
    if row.gap:
        shapes.append(f'<text class="gap" x="{WIDTH // 2}" y="{row.y - 6}">{row.gap} points of other CPUs</text>')
    shapes.append(f'<text class="number" x="{GUTTER - 10}" y="{middle + 4}">{point["point"]}</text>')
    shapes.append(f'<circle cx="{x}" cy="{middle}" r="{5 if marked else 3.5}"/>')
    shapes.append(f'<text class="what" x="{x + 13}" y="{middle - 2}">'
                  f'<tspan class="kind">{html.escape(describe(point))}</tspan> {html.escape(name)}</text>')
    shapes.append(f'<text class="place" x="{x + 13}" y="{middle + 11}">{html.escape(point["place"])}</text></g>')
    return shapes


def draw(lanes, identity):
    """The SVG; @identity makes its ids different from those of other drawings in a page.  None: there is no point."""
    if not lanes or not lanes["points"]:
        return None
    cpus = cpus_of(lanes)
    lane = (WIDTH - GUTTER) // len(cpus)
    left = {cpu: GUTTER + i * lane for i, cpu in enumerate(cpus)}
    rows, height = layout(lanes)
    bottom = rows[-1].y + ROW
    spans, depth = draw_spans(lanes, rows, left, lane, bottom)
    line = 12 + (depth + 1) * INDENT
    shapes = []
    for cpu in cpus:
        x = left[cpu] + line
        shapes.append(f'<rect class="lane" x="{left[cpu]}" y="{HEAD - 4}" width="{lane - 4}" rx="6" '
                      f'height="{bottom - HEAD + 8}" data-cpu="{html.escape(cpu)}"/>')
        shapes.append(f'<text class="cpu" x="{left[cpu] + 8}" y="20">{html.escape(cpu_name(cpu))}</text>')
    shapes += spans
    shapes += [f'<line class="time" x1="{x + line}" x2="{x + line}" y1="{HEAD}" y2="{bottom}"/>' for x in left.values()]
    for row in rows:
        shapes += draw_row(lanes, row, left[row.point["cpu"]] + line, left, lane)
    title = f"{len(rows)} points of {len(cpus)} threads; the two whose order decides are marked"
    return (f'<svg class="lanes" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{identity}">'
            f'<title id="{identity}">{html.escape(title)}</title>{"".join(shapes)}</svg>')
