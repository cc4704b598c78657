"""Where people work: the apothecary, the tea shop, the counting house and the study."""

from aianime_pipeline.providers.local.pictures.backdrops import furniture, rooms
from aianime_pipeline.providers.local.pictures.backdrops.buildings import lantern, lattice
from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.colours import RGB, scaled

TIMBER: RGB = (104, 66, 48)
CABINET: RGB = (142, 92, 62)


def clinic(stage: Stage) -> None:
    """A wall of medicine drawers, a counter with mortar and scales, bundles of herbs under the beam."""
    a, b = stage.aspect, stage.brush
    far = rooms.shell(stage, (206, 190, 158), (122, 88, 66), (96, 70, 54), 0.08, 0.08, 0.08, 0.66)
    x0, y0, x1, y1 = far
    rooms.boards(stage, far, (122, 88, 66))
    wide = x1 - x0
    split = x0 + wide * (0.66 if stage.light.side > 0 else 0.34)
    left, right = (x0, split) if stage.light.side > 0 else (split, x1)
    _drawers(stage, left + 0.02, y0 + 0.10, right - 0.02, y1)
    other = (split, x1) if stage.light.side > 0 else (x0, split)
    lattice(stage, other[0] + 0.05, y0 + 0.10, other[1] - 0.05, y1 - 0.18, 0.04)
    stage.lamp((other[0] + other[1]) / 2, 0.3, 0.5, 0.42, stage.light.key)
    b.box(x0, y0, x1, y0 + 0.035, stage.on(TIMBER))
    for k in range(7):
        x = x0 + wide * (k + 0.5) / 7
        _herbs(stage, x, y0 + 0.03, stage.layout.uniform(0.7, 1.1))
    _counter(stage, a * 0.5 - 0.30 * stage.light.side, 0.68, min(0.8, a * 0.55))


def _drawers(stage: Stage, x0: float, y0: float, x1: float, y1: float) -> None:
    b = stage.brush
    b.box(x0 - 0.015, y0 - 0.02, x1 + 0.015, y1, stage.on(scaled(CABINET, 0.6)))
    columns, rows = max(4, round((x1 - x0) / 0.085)), 6
    for r in range(rows):
        for c in range(columns):
            xa, xb = x0 + (x1 - x0) * c / columns, x0 + (x1 - x0) * (c + 1) / columns
            ya, yb = y0 + (y1 - y0) * r / rows, y0 + (y1 - y0) * (r + 1) / rows
            shade = 1.0 + 0.10 * ((c * 7 + r * 5) % 3 - 1)
            b.box(xa + 0.004, ya + 0.004, xb - 0.004, yb - 0.004, stage.on(scaled(CABINET, shade)))
            b.box(xa + 0.004, ya + 0.004, xb - 0.004, ya + 0.009, stage.on(scaled(CABINET, 1.25)))
            label, knob = (xa + xb) / 2, (ya + yb) / 2
            b.box(label - 0.014, knob - 0.024, label + 0.014, knob - 0.004, stage.on((232, 222, 196)))
            b.box(label - 0.003, knob - 0.021, label + 0.003, knob - 0.008, stage.on((90, 70, 62)))
            b.oval(label, knob + 0.014, 0.007, 0.007, stage.on((206, 170, 96)))
    b.box(x0 - 0.03, y0 - 0.045, x1 + 0.03, y0 - 0.015, stage.on(scaled(CABINET, 0.8)))
    for k in range(columns):
        x = x0 + (x1 - x0) * (k + 0.5) / columns
        if k % 2:
            b.form(
                [
                    (x - 0.02, y0 - 0.045, 1),
                    (x - 0.026, y0 - 0.08),
                    (x - 0.012, y0 - 0.105),
                    (x + 0.012, y0 - 0.105),
                    (x + 0.026, y0 - 0.08),
                    (x + 0.02, y0 - 0.045, 1),
                ],
                stage.on((206, 214, 220) if k % 4 == 1 else (120, 86, 66)),
            )


def _herbs(stage: Stage, x: float, y: float, size: float) -> None:
    b = stage.brush
    b.stroke([(x, y), (x, y + 0.03)], 0.004, stage.on((150, 120, 84)), taper="none")
    green = stage.layout.choice(((112, 128, 78), (138, 120, 72), (96, 116, 84), (150, 112, 82)))
    for k in range(-3, 4):
        b.stroke(
            [(x, y + 0.03), (x + 0.008 * k, y + 0.07 * size), (x + 0.012 * k, y + 0.12 * size)], 0.012, stage.on(green),
            taper="start",
        )  # fmt: skip


def _counter(stage: Stage, x: float, y: float, width: float) -> None:
    b = stage.brush
    top, front = (150, 100, 70), (112, 72, 52)
    b.fill(
        [(x - width * 0.47, y - 0.05), (x + width * 0.47, y - 0.05), (x + width * 0.5, y), (x - width * 0.5, y)],
        stage.on(top),
    )
    b.box(x - width * 0.5, y, x + width * 0.5, y + 0.016, stage.on(scaled(top, 0.8)))
    b.box(x - width * 0.48, y + 0.016, x + width * 0.48, y + 0.15, stage.on(front))
    for k in range(4):
        xa = x - width * 0.46 + width * 0.92 * k / 4
        b.box(xa + 0.02, y + 0.04, xa + width * 0.23 - 0.02, y + 0.13, stage.on(scaled(front, 0.82)))
    b.form(
        [(x - 0.05, y - 0.075, 1), (x + 0.05, y - 0.075, 1), (x + 0.034, y - 0.02), (x - 0.034, y - 0.02)],
        stage.on((132, 126, 120)),
    )
    b.stroke([(x + 0.01, y - 0.06), (x + 0.06, y - 0.13)], 0.018, stage.on((150, 142, 134)), taper="none")
    for dx, tone in ((-0.24, (226, 214, 186)), (-0.18, (206, 190, 158)), (0.22, (120, 84, 64))):
        b.box(x + width * dx - 0.03, y - 0.05, x + width * dx + 0.03, y - 0.018, stage.on(tone))


def teashop(stage: Stage) -> None:
    """A counter with jars on shelves behind it, square tables, a banner, open to the street."""
    a, b = stage.aspect, stage.brush
    far = rooms.shell(stage, (186, 158, 122), (118, 86, 66), (88, 62, 48), 0.12, 0.12, 0.12, 0.64)
    x0, y0, x1, y1 = far
    rooms.boards(stage, far, (118, 86, 66))
    wide = x1 - x0
    for r in range(3):
        y = y0 + 0.16 + 0.12 * r
        b.box(x0 + wide * 0.06, y, x0 + wide * 0.62, y + 0.012, stage.on(TIMBER))
        for k in range(9):
            x = x0 + wide * (0.09 + 0.06 * k)
            tone = ((132, 88, 64), (92, 110, 120), (176, 152, 110), (76, 64, 60))[(k + r) % 4]
            b.form(
                [
                    (x - 0.022, y),
                    (x - 0.03, y - 0.05),
                    (x - 0.014, y - 0.075),
                    (x + 0.014, y - 0.075),
                    (x + 0.03, y - 0.05),
                    (x + 0.022, y),
                ],
                stage.on(tone),
            )
            b.box(x - 0.016, y - 0.085, x + 0.016, y - 0.07, stage.on((186, 66, 54)))
    lattice(stage, x0 + wide * 0.68, y0 + 0.08, x1 - wide * 0.04, y1 - 0.10, 0.05)
    stage.lamp(x0 + wide * 0.82, y0 + 0.25, 0.45, 0.35, stage.light.key)
    b.box(x0 + wide * 0.04, y1 - 0.10, x0 + wide * 0.64, y1 + 0.02, stage.on(scaled(TIMBER, 1.1)))
    b.box(x0 + wide * 0.02, y1 - 0.12, x0 + wide * 0.66, y1 - 0.095, stage.on(scaled(TIMBER, 1.5)))
    for x, y, w in ((0.20, 0.74, 0.30), (0.84, 0.76, 0.32)):
        for dx in (-0.62, 0.62):
            furniture.chair(stage, a * x + dx * w, y + 0.02, 0.08, (96, 62, 48))
        furniture.table(stage, a * x, y, w, 0.14, (134, 88, 62))
        b.form(
            [(a * x - 0.03, y - 0.05), (a * x + 0.03, y - 0.05), (a * x + 0.036, y - 0.01), (a * x - 0.036, y - 0.01)],
            stage.on((150, 92, 70)),
        )
        b.oval(a * x + 0.08, y - 0.008, 0.018, 0.010, stage.on((232, 228, 216)))
    b.box(x0 + wide * 0.655, y0 + 0.02, x0 + wide * 0.655 + 0.10, y0 + 0.24, stage.on((176, 58, 50)))
    b.oval(x0 + wide * 0.655 + 0.05, y0 + 0.13, 0.032, 0.032, stage.on((236, 220, 180)))
    for k in range(3):
        lantern(stage, x0 + wide * (0.2 + 0.3 * k), y0 - 0.01, 0.032)


def study(stage: Stage) -> None:
    """Shelves of books to the ceiling and a desk; in old times with ledgers, brushes and an abacus."""
    a, b = stage.aspect, stage.brush
    old = stage.ancient
    wall: RGB = (176, 158, 130) if old else (196, 198, 196)
    far = rooms.shell(stage, wall, (108, 80, 64), (86, 66, 54) if old else (226, 226, 222), 0.10, 0.10, 0.08, 0.66)
    x0, y0, x1, y1 = far
    rooms.boards(stage, far, (108, 80, 64))
    wide = x1 - x0
    for k, (sa, sb) in enumerate(((x0 + 0.02, x0 + wide * 0.32), (x1 - wide * 0.32, x1 - 0.02))):
        if old:
            _ledgers(stage, sa, y0 + 0.03, sb, y1)
        else:
            furniture.shelf(stage, sa, y0 + 0.03, sb, y1, TIMBER, 5, k)
    wx0, wx1 = x0 + wide * 0.39, x0 + wide * 0.61
    if old:
        lattice(stage, wx0, y0 + 0.10, wx1, y1 - 0.20, 0.04)
        stage.lamp((wx0 + wx1) / 2, 0.28, 0.42, 0.45, stage.light.key)
    else:
        rooms.window(stage, wx0, y0 + 0.08, wx1, y1 - 0.20, 2)
    y, w = 0.70, min(0.78, a * 0.5)
    x = a * 0.5
    furniture.table(stage, x, y, w, 0.13, (120, 76, 54))
    if old:
        _abacus(stage, x - w * 0.26, y - 0.04, w * 0.26)
        for k in range(4):
            b.box(
                x + w * 0.12,
                y - 0.035 - 0.016 * k,
                x + w * 0.30,
                y - 0.022 - 0.016 * k,
                stage.on(((76, 88, 116), (148, 66, 58), (196, 178, 140), (84, 98, 84))[k]),
            )
        for k in range(4):
            b.stroke(
                [(x + w * 0.37 + 0.008 * k, y - 0.02), (x + w * 0.37 + 0.014 * k, y - 0.13)],
                0.007,
                stage.on((150, 112, 74)),
            )
        b.box(x + w * 0.355, y - 0.07, x + w * 0.42, y - 0.015, stage.on((206, 212, 214)))
        furniture.candle_stand(stage, x - w * 0.40, y - 0.02, 0.075)
    else:
        b.box(x - 0.10, y - 0.14, x + 0.10, y - 0.02, stage.on((60, 64, 74)))
        stage.lamp(x, y - 0.08, 0.2, 0.4, (150, 190, 240))


def _ledgers(stage: Stage, x0: float, y0: float, x1: float, y1: float) -> None:
    """Thread-bound books lying in stacks, and scrolls."""
    b, rng = stage.brush, stage.layout
    b.box(x0, y0, x1, y1, stage.on(scaled(TIMBER, 0.45)))
    covers: tuple[RGB, ...] = ((84, 96, 118), (150, 132, 98), (118, 96, 74), (96, 108, 104), (128, 74, 64))
    for r in range(5):
        ya, yb = y0 + (y1 - y0) * r / 5, y0 + (y1 - y0) * (r + 1) / 5
        x = x0 + 0.015
        while x < x1 - 0.05:
            w = rng.uniform(0.055, 0.085)
            if rng.random() < 0.28:
                for k in range(3):
                    b.oval(x + 0.012 + 0.02 * k, yb - 0.02, 0.011, 0.011, stage.on((216, 200, 164)))
                    b.oval(x + 0.012 + 0.02 * k, yb - 0.02, 0.004, 0.004, stage.on((120, 92, 70)))
            else:
                for k in range(rng.randint(2, max(3, int((yb - ya) / 0.018)))):
                    top = yb - 0.006 - 0.014 * (k + 1)
                    b.box(x, top, min(x + w, x1), top + 0.012, stage.on(rng.choice(covers)))
                    b.box(x + w * 0.86, top + 0.002, min(x + w, x1), top + 0.010, stage.on((222, 210, 180)))
            x += w + 0.012
        b.box(x0, yb - 0.006, x1, yb + 0.006, stage.on(TIMBER))
    for x in (x0, x1):
        b.box(x - 0.008, y0, x + 0.008, y1, stage.on(TIMBER))


def _abacus(stage: Stage, x: float, y: float, width: float) -> None:
    b = stage.brush
    b.box(x, y - 0.035, x + width, y + 0.035, stage.on((84, 54, 42)))
    b.box(x + 0.008, y - 0.027, x + width - 0.008, y + 0.027, stage.on((206, 188, 150)))
    b.box(x, y - 0.010, x + width, y - 0.005, stage.on((84, 54, 42)))
    for k in range(9):
        px = x + width * (k + 0.5) / 9
        b.stroke([(px, y - 0.03), (px, y + 0.03)], 0.003, stage.on((110, 80, 60)), taper="none")
        for v in (-0.018, 0.004 + 0.004 * (k % 3), 0.018):
            b.oval(px, y + v, 0.007, 0.005, stage.on((112, 60, 46)))
