"""Old dwellings inside: room, bedroom, kitchen."""

from aianime_pipeline.providers.local.pictures.backdrops import furniture, rooms
from aianime_pipeline.providers.local.pictures.backdrops.buildings import lattice
from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.colours import RGB, mix, scaled
from aianime_pipeline.providers.local.pictures.shapes import smooth

OLD_WALL: RGB = (206, 190, 164)

TIMBER: RGB = (112, 72, 54)


def old_room(stage: Stage, bed: bool = False) -> None:
    a = stage.aspect
    far = rooms.shell(stage, OLD_WALL, (138, 98, 72), (112, 82, 62))
    x0, y0, x1, y1 = far
    rooms.boards(stage, far, (138, 98, 72))
    wide = x1 - x0
    for k in range(4):
        x = x0 + wide * k / 3
        stage.brush.box(x - 0.014, y0, x + 0.014, y1, stage.on(TIMBER))
    stage.brush.box(x0, y0, x1, y0 + 0.03, stage.on(TIMBER))
    side = stage.light.side
    wx = x0 + wide * (0.68 if side > 0 else 0.05)
    _round_window(stage, wx + wide * 0.14, y0 + 0.24, min(0.17, wide * 0.15))
    mid = x0 + wide * (0.36 if side < 0 else 0.34)
    lattice(stage, mid, y0 + 0.08, mid + wide * 0.30, y1 - 0.16, 0.05)
    sx = x0 + wide * (0.03 if side > 0 else 0.72)
    if not bed:
        _scroll(stage, sx + wide * 0.12, y0 + 0.06, 0.10, 0.34)
        furniture.table(stage, sx + wide * 0.12, y1 - 0.02, 0.36, 0.16, (120, 78, 58))
        furniture.candle_stand(stage, sx + wide * 0.05, y1 - 0.05, 0.055)
        stage.brush.form(
            [
                (sx + wide * 0.18, y1 - 0.12),
                (sx + wide * 0.18 + 0.03, y1 - 0.12),
                (sx + wide * 0.18 + 0.04, y1 - 0.06),
                (sx + wide * 0.18 + 0.02, y1 - 0.03),
                (sx + wide * 0.18 - 0.01, y1 - 0.06),
            ],
            stage.on((220, 226, 230)),
        )
    else:
        furniture.bed(stage, sx, sx + 0.5, y1 + 0.02, (150, 70, 76), True)
        rooms.curtains(stage, sx - 0.02, sx + 0.56, y0 + 0.06, y1 + 0.02, (206, 150, 140))
        furniture.candle_stand(stage, x0 + wide * (0.60 if side > 0 else 0.42), y1 + 0.10, 0.16)
    stage.brush.box(-0.1, -0.1, a * 0.035, 1.1, stage.on(scaled(TIMBER, 0.7)))
    stage.brush.box(a * 0.965, -0.1, a + 0.1, 1.1, stage.on(scaled(TIMBER, 0.7)))


def _round_window(stage: Stage, x: float, y: float, r: float) -> None:
    b = stage.brush
    unit = ((1, 0), (0.7, 0.7), (0, 1), (-0.7, 0.7), (-1, 0), (-0.7, -0.7), (0, -1), (0.7, -0.7))
    b.fill(smooth([(x + r * 1.12 * u, y + r * 1.12 * v) for u, v in unit]), stage.on(TIMBER))
    ring = smooth([(x + r * u, y + r * v) for u, v in unit])
    top, middle, base = stage.light.sky
    b.fade_within(ring, None, middle if stage.night else mix(top, middle, 0.7), base)
    if stage.night:
        b.within(
            ring, smooth([(x + r * 0.3 + r * 0.24 * u, y - r * 0.4 + r * 0.24 * v) for u, v in unit]), (250, 246, 224)
        )
    b.within(
        ring,
        smooth(
            [
                (x - r, y + r * 0.6),
                (x - r * 0.3, y + r * 0.3),
                (x + r * 0.4, y + r * 0.55),
                (x + r, y + r * 0.35),
                (x + r, y + r * 1.2),
                (x - r, y + r * 1.2),
            ]
        ),
        mix(stage.on((86, 120, 100)), base, 0.3),
    )
    b.stroke(
        [(x - r * 0.9, y + r * 0.3), (x - r * 0.2, y - r * 0.1), (x + r * 0.5, y - r * 0.4)],
        r * 0.07,
        stage.on((74, 58, 54)),
        taper="end",
    )
    for u in (-0.45, -0.1, 0.2, 0.42):
        b.oval(x + r * u, y + r * (0.05 - u * 0.7), r * 0.09, r * 0.09, stage.on((238, 164, 180)))
    stage.lamp(x, y, r * 3, 0.32, stage.light.key if not stage.night else (150, 180, 240))


def _scroll(stage: Stage, x: float, y: float, w: float, h: float) -> None:
    b = stage.brush
    b.box(x - w, y, x + w, y + h, stage.on((236, 228, 208)))
    b.form(
        [
            (x - w * 0.7, y + h * 0.8),
            (x - w * 0.2, y + h * 0.4),
            (x + w * 0.2, y + h * 0.6),
            (x + w * 0.7, y + h * 0.35),
            (x + w * 0.7, y + h * 0.8),
        ],
        stage.on((140, 148, 152)),
    )
    b.form([(x - w * 0.7, y + h * 0.9), (x, y + h * 0.65), (x + w * 0.7, y + h * 0.9)], stage.on((96, 104, 110)))
    for dy in (0.0, 1.0):
        b.box(x - w * 1.15, y + h * dy - 0.008, x + w * 1.15, y + h * dy + 0.008, stage.on(TIMBER))


def old_kitchen(stage: Stage) -> None:
    b = stage.brush
    far = rooms.shell(stage, (176, 152, 124), (120, 96, 78), (92, 70, 56))
    x0, y0, x1, y1 = far
    lattice(stage, x0 + (x1 - x0) * 0.62, y0 + 0.10, x0 + (x1 - x0) * 0.84, y0 + 0.32)
    sx = x0 + (x1 - x0) * 0.28
    b.form(
        [
            (sx - 0.28, y1 - 0.14, 1),
            (sx + 0.28, y1 - 0.14, 1),
            (sx + 0.32, y1 + 0.12, 1),
            (sx - 0.32, y1 + 0.12, 1),
        ],
        stage.on((150, 120, 98)),
    )
    for dx in (-0.13, 0.13):
        b.oval(sx + dx, y1 - 0.14, 0.11, 0.03, stage.on((52, 48, 50)))
        b.form(
            [
                (sx + dx - 0.05, y1 + 0.10, 1),
                (sx + dx - 0.05, y1 + 0.03),
                (sx + dx, y1 - 0.0),
                (sx + dx + 0.05, y1 + 0.03),
                (sx + dx + 0.05, y1 + 0.10, 1),
            ],
            (255, 150, 60),
        )
        stage.lamp(sx + dx, y1 + 0.06, 0.24, 0.9, (255, 140, 60))
        b.stroke(
            [
                (sx + dx, y1 - 0.16),
                (sx + dx + 0.03, y1 - 0.26),
                (sx + dx - 0.02, y1 - 0.36),
                (sx + dx + 0.03, y1 - 0.48),
            ],
            0.03,
            (240, 240, 240),
            alpha=60,
        )
    furniture.shelf(stage, x1 - 0.30, y1 - 0.26, x1 - 0.04, y1 - 0.02, TIMBER, 2)
