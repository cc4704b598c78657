"""Houses, old and new, and the lights in them."""

from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.colours import RGB, mix, scaled
from aianime_pipeline.providers.local.pictures.shapes import Knot


def curved_roof(
    stage: Stage, x0: float, x1: float, eave: float, height: float, depth: float, colour: RGB = (66, 72, 84)
) -> None:
    """A Chinese roof with lifted eaves; `eave` is the height of its lower edge."""
    b, w = stage.brush, x1 - x0
    over = w * 0.10
    lift = min(height * 0.35, w * 0.12)
    tiles = mix(colour, (232, 238, 248), 0.75) if stage.snowy else colour
    knots: list[Knot] = [
        (x0 - over * 1.4, eave - lift, 1), (x0 - over * 0.3, eave - height * 0.22), (x0 + w * 0.12,
        eave - height * 0.86, 1),
        (x1 - w * 0.12, eave - height * 0.86, 1), (x1 + over * 0.3, eave - height * 0.22), (x1 + over * 1.4,
        eave - lift, 1),
        (x1 + over * 0.2, eave + height * 0.06), ((x0 + x1) / 2, eave + height * 0.09), (x0 - over * 0.2,
        eave + height * 0.06),
    ]  # fmt: skip
    outline = b.form(knots, stage.on(tiles, depth))
    for k in range(1, 14):
        u = k / 14
        top, low = x0 + w * (0.12 + 0.76 * u), x0 - over * 0.8 + (w + over * 1.6) * u
        b.stroke(
            [(top, eave - height * 0.84), ((top + low) / 2, eave - height * 0.35), (low, eave + height * 0.03)],
            0.004,
            stage.on(scaled(colour, 0.75), depth),
            taper="none",
            steps=3,
        )
    b.within(
        outline,
        [
            (x0 - over * 2, eave - height * 0.08),
            (x1 + over * 2, eave - height * 0.08),
            (x1 + over * 2, eave + height),
            (x0 - over * 2, eave + height),
        ],
        stage.on(scaled(colour, 0.6), depth),
    )
    b.stroke(
        [
            (x0 + w * 0.07, eave - height * 0.95),
            ((x0 + x1) / 2, eave - height * 0.86),
            (x1 - w * 0.07, eave - height * 0.95),
        ],
        height * 0.16,
        stage.on(scaled(tiles, 0.8), depth),
        taper="none",
    )


def old_house(
    stage: Stage,
    x0: float,
    x1: float,
    base: float,
    wall: float,
    depth: float,
    lanterns: bool = True,
    colour: RGB = (206, 196, 180),
) -> None:
    """One storey: plaster between dark posts, lattice windows that glow after dark, lanterns under the eave."""
    b, w = stage.brush, x1 - x0
    top = base - wall
    timber = stage.on((96, 62, 50), depth)
    b.box(x0, top, x1, base, stage.on(colour, depth))
    b.box(x0, base - wall * 0.12, x1, base, stage.on((116, 112, 110), depth))
    bays = max(1, round(w / (wall * 0.75)))
    for k in range(bays):
        cx0, cx1 = x0 + w * (k + 0.14) / bays, x0 + w * (k + 0.86) / bays
        door = k == bays // 2
        lattice(stage, cx0, top + wall * 0.22, cx1, base - (wall * 0.02 if door else wall * 0.30), depth)
    for k in range(bays + 1):
        x = x0 + w * k / bays
        b.box(x - wall * 0.03, top, x + wall * 0.03, base, timber)
    b.box(x0, top, x1, top + wall * 0.10, timber)
    curved_roof(stage, x0, x1, top + wall * 0.06, wall * 0.62, depth)
    if lanterns and depth < 0.55:
        for k in range(bays):
            lantern(stage, x0 + w * (k + 0.5) / bays, top + wall * 0.12, wall * 0.10, depth)


def lattice(stage: Stage, x0: float, y0: float, x1: float, y1: float, depth: float = 0.0) -> None:
    """A paper window behind wooden bars."""
    lit = stage.light.lamps_lit
    paper = mix((255, 206, 128), stage.light.haze, depth * 0.5) if lit else stage.on((232, 222, 200), depth)
    bar = stage.on((84, 54, 44), depth * 0.9)
    b = stage.brush
    b.box(x0, y0, x1, y1, paper)
    columns = 4
    t = min((x1 - x0) * 0.025, 0.006)
    for k in range(columns + 1):
        x = x0 + (x1 - x0) * k / columns
        b.box(x - t, y0, x + t, y1, bar)
    rows = max(2, round((y1 - y0) / ((x1 - x0) / columns) / 1.3))
    for k in range(rows + 1):
        y = y0 + (y1 - y0) * k / rows
        b.box(x0, y - t, x1, y + t, bar)
    if lit:
        stage.lamp((x0 + x1) / 2, (y0 + y1) / 2, max(x1 - x0, y1 - y0) * 1.3, 0.35 * (1 - depth))


def lantern(stage: Stage, x: float, y: float, size: float, depth: float = 0.0) -> None:
    """A round red lantern hanging from `y`."""
    b = stage.brush
    red = mix((236, 84, 54), stage.light.haze, depth * 0.7) if stage.light.lamps_lit else stage.on((196, 52, 44), depth)
    cy = y + size * 1.5
    b.stroke([(x, y), (x, cy)], max(0.003, size * 0.08), stage.on((60, 44, 40), depth), taper="none")
    b.oval(x, cy, size, size * 0.84, red)
    b.oval(x, cy, size * 0.55, size * 0.84, mix(red, (255, 204, 120), 0.45 if stage.light.lamps_lit else 0.15))
    for dy in (-0.84, 0.74):
        b.box(
            x - size * 0.42, cy + dy * size, x + size * 0.42, cy + (dy + 0.12) * size, stage.on((216, 172, 84), depth)
        )
    b.stroke([(x, cy + size * 0.85), (x, cy + size * 1.6)], size * 0.2, red, taper="end")
    if stage.light.lamps_lit:
        stage.lamp(x, cy, size * 5.5, 0.62 * (1 - depth), (255, 140, 70))


def pagoda(stage: Stage, x: float, base: float, height: float, depth: float) -> None:
    tiers = 5
    for k in range(tiers):
        w = height * (0.20 - 0.026 * k)
        y = base - height * 0.17 * k
        stage.brush.box(x - w * 0.72, y - height * 0.17, x + w * 0.72, y, stage.on((150, 92, 76), depth))
        for dx in (-0.4, 0.0, 0.4):
            lit = stage.light.lamps_lit
            stage.brush.box(
                x + dx * w - w * 0.11,
                y - height * 0.105,
                x + dx * w + w * 0.11,
                y - height * 0.025,
                (255, 208, 130) if lit and depth < 0.75 else stage.on((70, 48, 46), depth),
            )
        curved_roof(stage, x - w * 0.85, x + w * 0.85, y - height * 0.115, height * 0.075, depth)
    stage.brush.stroke(
        [(x, base - height * 0.86), (x, base - height * 1.02)],
        height * 0.022,
        stage.on((196, 160, 90), depth),
        taper="end",
    )


def tower_block(stage: Stage, x0: float, x1: float, base: float, height: float, depth: float, colour: RGB) -> None:
    """A modern building with a grid of windows."""
    b, rng = stage.brush, stage.layout
    wall = stage.on(colour, depth)
    b.box(x0, base - height, x1, base, wall)
    side = stage.light.side
    edge = (x1 - x0) * 0.24
    b.box(
        *((x0, base - height, x0 + edge, base) if side > 0 else (x1 - edge, base - height, x1, base)),
        stage.on(scaled(colour, 0.72), depth),
    )
    if rng.random() < 0.4:
        b.stroke([((x0 + x1) / 2, base - height), ((x0 + x1) / 2, base - height - 0.06)], 0.005, wall, taper="end")
    cell = max(0.016, (x1 - x0) / 7)
    columns, rows = max(2, int((x1 - x0) / cell)), max(2, int(height / (cell * 1.25)))
    glass = stage.on(mix(stage.light.sky[1], (120, 150, 180), 0.4), depth * 0.9)
    for r in range(rows):
        for c in range(columns):
            lit = stage.light.lamps_lit and rng.random() < 0.42
            warm = rng.choice(((255, 214, 140), (255, 232, 180), (190, 220, 255)))
            wx, wy = x0 + (c + 0.2) * (x1 - x0) / columns, base - height + (r + 0.3) * height / rows
            colour_now = (
                mix(warm, stage.light.haze, depth * 0.6)
                if lit
                else scaled(glass, 0.62)
                if stage.light.lamps_lit
                else glass
            )
            b.box(wx, wy, wx + (x1 - x0) / columns * 0.6, wy + height / rows * 0.45, colour_now)


def skyline(
    stage: Stage, base: float, low: float, high: float, depth: float, width: tuple[float, float] = (0.06, 0.14)
) -> None:
    rng = stage.layout
    x = -0.05
    while x < stage.aspect + 0.05:
        w = rng.uniform(*width)
        tower_block(
            stage,
            x,
            x + w,
            base,
            rng.uniform(low, high),
            depth,
            rng.choice(((120, 130, 150), (146, 138, 140), (104, 122, 140), (158, 150, 146))),
        )
        x += w + rng.uniform(-0.01, 0.02)
