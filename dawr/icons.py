"""The icons that visitors see: strokes on a square of 24 × 24, for a round pen. A category without one gets a sheet.

The kiosk's screen draws them, its page in a browser gets them as paths.
"""

from math import cos, pi, sin

GRID = 24
PEN = 1.7

Point = tuple[float, float]
Stroke = tuple[Point, ...]


def line(*points: Point) -> Stroke:
    """A stroke through points."""
    return points


def oval(x: float, y: float, across: float, down: float, begin: float = 0, end: float = 360) -> Stroke:
    """Part of an ellipse with these radii; degrees, clockwise from three o'clock."""
    steps = max(8, round(abs(end - begin) / 6))
    turns = [(begin + (end - begin) * step / steps) * pi / 180 for step in range(steps + 1)]
    return tuple((x + across * cos(turn), y + down * sin(turn)) for turn in turns)


def arc(x: float, y: float, radius: float, begin: float = 0, end: float = 360) -> Stroke:
    """Part of a circle."""
    return oval(x, y, radius, radius, begin, end)


def frame(left: float, top: float, right: float, bottom: float, radius: float = 1.5) -> Stroke:
    """A rectangle with round corners."""
    corners = (
        (right - radius, top + radius, -90),
        (right - radius, bottom - radius, 0),
        (left + radius, bottom - radius, 90),
        (left + radius, top + radius, 180),
    )
    points = [point for x, y, begin in corners for point in arc(x, y, radius, begin, begin + 90)]
    return (*points, points[0])


def star(x: float, y: float, radius: float) -> Stroke:
    """An eight-pointed star, as on tiles and doors all over the country."""
    inner = radius * 0.765
    points = [
        (x + far * cos(turn * pi / 8), y + far * sin(turn * pi / 8))
        for turn in range(17)
        for far in ((radius, inner)[turn % 2],)
    ]
    return tuple(points)


_SHEET = (line((14, 3), (6, 3), (6, 21), (18, 21), (18, 7), (14, 3), (14, 7), (18, 7)),)

STROKES: dict[str, tuple[Stroke, ...]] = {
    "sheet": (*_SHEET, line((9, 12), (15, 12)), line((9, 16), (15, 16))),
    "star": (star(12, 12, 10), star(12, 12, 5.2)),
    "building": (
        frame(4, 8, 13, 21, 0.8),
        line((13, 12), (20, 12), (20, 21), (13, 21)),
        *(line((x, y), (x, y + 0.4)) for x in (7, 10) for y in (11.5, 15)),
        line((16.5, 15.5), (16.5, 15.9)),
        line((4, 8), (8.5, 3), (13, 8)),
        line((8.5, 21), (8.5, 18.6)),
    ),
    "trades": (
        line((4, 10), (5.5, 4), (18.5, 4), (20, 10)),
        *(arc(x, 10, 2, 180, 0) for x in (6, 10, 14, 18)),
        line((5, 13), (5, 21), (19, 21), (19, 13)),
        line((10, 21), (10, 16), (14, 16), (14, 21)),
    ),
    "civil": (
        frame(3, 5, 21, 19, 2),
        arc(8.5, 10.5, 2),
        arc(8.5, 17, 3.4, 205, 335),
        line((14, 10), (18, 10)),
        line((14, 14), (18, 14)),
    ),
    "criminal": (
        line((12, 4), (12, 20)),
        line((8, 20), (16, 20)),
        line((5, 7), (12, 5.2), (19, 7)),
        line((2.5, 13), (5, 7), (7.5, 13)),
        line((16.5, 13), (19, 7), (21.5, 13)),
        arc(5, 13, 2.5, 0, 180),
        arc(19, 13, 2.5, 0, 180),
    ),
    "property": (
        line((3, 6), (9, 4), (15, 6), (21, 4), (21, 18), (15, 20), (9, 18), (3, 20), (3, 6)),
        line((9, 4), (9, 18)),
        line((15, 6), (15, 20)),
    ),
    "contracts": (
        *_SHEET,
        line((9, 10.5), (13, 10.5)),
        line((8.8, 17), (10.4, 14.4), (11.4, 17.4), (13, 15.6), (15.4, 16.8)),
    ),
    "bills": (
        line((6, 21), (6, 3), (18, 3), (18, 21), (16, 19.4), (14, 21), (12, 19.4), (10, 21), (8, 19.4), (6, 21)),
        line((9, 8), (15, 8)),
        line((9, 12), (15, 12)),
    ),
    "finance": (
        oval(12, 6, 7.5, 3),
        *(oval(12, y, 7.5, 3, 0, 180) for y in (10, 14, 18)),
        line((4.5, 6), (4.5, 18)),
        line((19.5, 6), (19.5, 18)),
    ),
    "housing": (
        line((3, 12), (12, 4), (21, 12)),
        line((6, 10), (6, 20.5), (18, 20.5), (18, 10)),
        line((10, 20.5), (10, 15), (14, 15), (14, 20.5)),
    ),
    "work": (
        frame(3, 8, 21, 20, 1.5),
        line((8.5, 8), (8.5, 5), (15.5, 5), (15.5, 8)),
        line((3, 13), (21, 13)),
        line((12, 12), (12, 14.5)),
    ),
    "attestation": (
        line((9, 12.5), (10, 9), (9.3, 7.5)),
        line((15, 12.5), (14, 9), (14.7, 7.5)),
        arc(12, 5.8, 3.1, 145, 395),
        frame(5, 12.5, 19, 17, 1.2),
        line((5, 20.5), (19, 20.5)),
    ),
    "portal": (
        arc(12, 12, 9),
        line((3, 12), (21, 12)),
        oval(12, 12, 4.2, 9),
    ),
    "graduation": (
        line((12, 5), (22, 10), (12, 15), (2, 10), (12, 5)),
        line((6, 12.4), (6, 17)),
        arc(12, 14.2, 6.6, 25, 155),
        line((18, 12.4), (18, 17)),
        line((22, 10), (22, 16)),
    ),
    "key": (arc(8, 15, 4), line((11, 12), (20, 3)), line((16.5, 6.5), (19.5, 9.5))),
    "search": (arc(10.5, 10.5, 6.5), line((15.4, 15.4), (21, 21))),
    "people": (
        arc(9, 8, 3.2),
        arc(9, 19.5, 6, 195, 345),
        arc(16.5, 8.5, 2.6, -110, 110),
        arc(15.5, 19.5, 6, 285, 345),
    ),
    "clock": (arc(12, 12, 9), line((12, 7), (12, 12), (15.5, 14))),
    "hourglass": (
        line((6, 3), (18, 3)),
        line((6, 21), (18, 21)),
        line((7.5, 3), (7.5, 7), (12, 12), (16.5, 7), (16.5, 3)),
        line((7.5, 21), (7.5, 17), (12, 12), (16.5, 17), (16.5, 21)),
    ),
    "coins": (frame(2.5, 6.5, 21.5, 17.5, 1.5), arc(12, 12, 2.8), line((6, 12), (6.1, 12)), line((18, 12), (18.1, 12))),
    "printer": (
        line((7, 8), (7, 3), (17, 3), (17, 8)),
        frame(3, 8, 21, 17, 1.5),
        line((7, 14), (17, 14), (17, 21), (7, 21), (7, 14)),
        line((17.6, 11), (17.9, 11)),
    ),
    "ticket": (
        line((8, 2.5), (8, 21.5), (10, 20), (12, 21.5), (14, 20), (16, 21.5), (16, 2.5), (8, 2.5)),
        line((11, 7), (13, 7)),
        line((10.7, 11), (13.3, 11)),
        line((10.7, 14.5), (13.3, 14.5)),
    ),
    "board": (
        frame(2.5, 4, 21.5, 16, 1.5),
        line((12, 16), (12, 20)),
        line((8, 20.5), (16, 20.5)),
        line((7, 10), (11, 10)),
    ),
    "person": (arc(12, 7.5, 3.6), arc(12, 20.5, 7, 190, 350)),
    "heart": ((*arc(8, 9, 4, 150, 330), *arc(16, 9, 4, 210, 390), (12, 20.5), (4.54, 11)),),
    "comfort": (
        arc(12, 12, 9.6),
        arc(12, 6.6, 0.9),
        line((6.5, 9.6), (10, 10.6), (10, 13.6), (8.2, 18.4)),
        line((17.5, 9.6), (14, 10.6), (14, 13.6), (15.8, 18.4)),
        line((10, 10.6), (14, 10.6)),
        line((10, 13.6), (12, 13.2), (14, 13.6)),
    ),
    "language": (
        arc(12, 12, 9),
        line((3.6, 9), (20.4, 9)),
        line((3.6, 15), (20.4, 15)),
        oval(12, 12, 4, 9),
    ),
    "back": (line((20, 12), (4, 12)), line((11, 5), (4, 12), (11, 19))),
    "forward": (line((9, 5), (16, 12), (9, 19)),),
    "earlier": (line((15, 5), (8, 12), (15, 19)),),
    "up": (line((5, 15.5), (12, 8.5), (19, 15.5)),),
    "down": (line((5, 8.5), (12, 15.5), (19, 8.5)),),
    "check": (line((4.5, 12.5), (10, 18), (20, 6.5)),),
    "warning": (
        line((12, 3.5), (22, 20.5), (2, 20.5), (12, 3.5)),
        line((12, 9.5), (12, 14.5)),
        line((12, 17.4), (12, 17.6)),
    ),
    "closed": (frame(5, 11, 19, 21, 1.5), (*arc(12, 8.5, 4.5, 180, 360), (16.5, 11)), line((7.5, 8.5), (7.5, 11))),
    "erase": (
        line((8, 5), (21, 5), (21, 19), (8, 19), (2.5, 12), (8, 5)),
        line((11.5, 9.5), (16.5, 14.5)),
        line((16.5, 9.5), (11.5, 14.5)),
    ),
    "large": (
        line((2.5, 20), (9, 4), (15.5, 20)),
        line((5, 14.5), (13, 14.5)),
        line((19, 10), (19, 20)),
        line((16, 12.5), (19, 9.5), (22, 12.5)),
    ),
    "contrast": (
        arc(12, 12, 9),
        *(line((12, y), (12 + (81 - (y - 12) ** 2) ** 0.5, y)) for y in (4.5, 7, 9.5, 12, 14.5, 17, 19.5)),
        line((12, 3), (12, 21)),
    ),
    "low": (line((12, 3), (12, 15)), line((6.5, 10), (12, 15.5), (17.5, 10)), line((4, 20.5), (20, 20.5))),
    "offline": (
        line((4, 4), (20, 20)),
        arc(12, 18, 1.1),
        arc(12, 18, 6, 215, 260),
        arc(12, 18, 11, 215, 258),
        arc(12, 18, 11, 285, 325),
    ),
}

# The groups of services that centres have; their ids in the settings choose the icon.
_OF_CATEGORY = {
    "records": "civil",
    "council": "building",
    "payments": "bills",
    "statements": "sheet",
    "subscription": "people",
    "allocation": "key",
    "handover": "housing",
    "marks": "attestation",
    "saving": "finance",
    "registration": "civil",
    "documents": "sheet",
    "exams": "contracts",
    "graduation": "graduation",
    "student-life": "people",
    "fees": "coins",
}

DIRECTED = frozenset({"back", "forward", "earlier", "contracts", "large", "erase", "people"})
"""Those that point along the line of reading, and so turn round with it."""


def of_category(id: str) -> str:
    """The icon of a category."""
    name = _OF_CATEGORY.get(id, id)
    return name if name in STROKES else "sheet"


def path(name: str) -> str:
    """The strokes as the `d` of an SVG path. KeyError for an unknown icon."""
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in stroke) for stroke in STROKES[name])
