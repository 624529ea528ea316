# SPDX-License-Identifier: Apache-2.0
"""A plot of lines on two logarithmic axes, as SVG, whole decades on both."""

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 210, 20, 50  # beside the plot; the names of the lines are on the right
LABEL = 17  # between two names
COLOURS = ("#1b6ca8", "#c8553d", "#3c8d40", "#7d4f9e", "#b8860b", "#4a4a4a", "#d1478c", "#159895")


class Axis:
    """From whole decade to whole decade around @values, on the pixels from @begin to @end."""

    def __init__(self, values, begin, end):
        self.low, self.high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        self.begin, self.end = begin, end

    def at(self, value):
        share = (math.log10(value) - self.low) / max(1, self.high - self.low)
        return self.begin + share * (self.end - self.begin)

    def decades(self):
        return [10**e for e in range(self.low, self.high + 1)]


def text(x, y, said, anchor="middle", colour="#333", turn=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{turn}>{escape(said)}</text>'


def line(points, colour, width):
    return f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def grid(x, y):
    for value in x.decades():
        yield line([(x.at(value), y.begin), (x.at(value), y.end)], "#ddd", 1)
        yield text(x.at(value), y.begin + 18, f"{value:,}")
    for value in y.decades():
        yield line([(x.begin, y.at(value)), (x.end, y.at(value))], "#ddd", 1)
        yield text(x.begin - 6, y.at(value) + 4, f"{value:,}", "end")


def names(ends):
    """Beside the last points, from the lowest up, with room between them."""
    free = HEIGHT
    for x, y, name, colour in sorted(ends, key=lambda end: -end[1]):
        free = min(y + 4, free - LABEL)
        yield text(x + 8, free, name, "start", colour)


def plot(lines, x_title, y_title):
    """lines: {name: [(x, y), ...]}, all above 0. Returns the text of the SVG."""
    points = [point for one in lines.values() for point in one]
    x = Axis([p[0] for p in points], LEFT, WIDTH - RIGHT)
    y = Axis([p[1] for p in points], HEIGHT - BOTTOM, TOP)
    drawn, ends = list(grid(x, y)), []
    for (name, one), colour in zip(lines.items(), COLOURS):
        places = [(x.at(a), y.at(b)) for a, b in one]
        drawn.append(line(places, colour, 2))
        ends.append((*places[-1], name, colour))
    drawn += names(ends)
    drawn.append(text((x.begin + x.end) / 2, HEIGHT - 12, x_title))
    drawn.append(text(0, 0, y_title, turn=f' transform="translate(14 {(TOP + HEIGHT - BOTTOM) / 2:.0f}) rotate(-90)"'))
    return "\n".join(
        [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">']
        + [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>', *drawn, "</svg>", ""]
    )
