"""Modern places inside, and those that are old or modern by the era."""

from aianime_pipeline.providers.local.pictures.backdrops import furniture, interiors_old, rooms
from aianime_pipeline.providers.local.pictures.backdrops.stage import Stage
from aianime_pipeline.providers.local.pictures.colours import mix, scaled


def room(stage: Stage) -> None:
    if stage.ancient:
        interiors_old.old_room(stage)
    else:
        apartment(stage)


def bedroom(stage: Stage) -> None:
    if stage.ancient:
        interiors_old.old_room(stage, bed=True)
        return
    far = rooms.shell(stage, (214, 206, 204), (176, 142, 114), (232, 228, 224))
    x0, y0, x1, y1 = far
    rooms.boards(stage, far, (176, 142, 114))
    mid = (x0 + x1) / 2
    rooms.window(stage, mid - 0.26, y0 + 0.08, mid + 0.20, y1 - 0.20)
    rooms.curtains(stage, mid - 0.28, mid + 0.22, y0 + 0.06, y1 - 0.06, (150, 164, 190))
    right = stage.light.side > 0
    furniture.bed(
        stage, x0 + 0.02 if right else x1 - 0.58, x0 + 0.56 if right else x1 - 0.04, y1 + 0.06, (120, 142, 180), False
    )
    lx = x1 - 0.10 if right else x0 + 0.10
    furniture.table(stage, lx, y1 - 0.05, 0.16, 0.16, (190, 160, 130))
    stage.brush.form(
        [
            (lx - 0.025, y1 - 0.20, 1),
            (lx + 0.025, y1 - 0.20, 1),
            (lx + 0.045, y1 - 0.13, 1),
            (lx - 0.045, y1 - 0.13, 1),
        ],
        (255, 232, 180) if stage.light.lamps_lit else stage.on((232, 220, 196)),
    )
    stage.brush.box(lx - 0.005, y1 - 0.13, lx + 0.005, y1 - 0.06, stage.on((110, 100, 96)))
    if stage.light.lamps_lit:
        stage.lamp(lx, y1 - 0.15, 0.42, 0.9)


def kitchen(stage: Stage) -> None:
    b = stage.brush
    if stage.ancient:
        interiors_old.old_kitchen(stage)
        return
    far = rooms.shell(stage, (226, 222, 212), (168, 164, 160), (236, 234, 230))
    x0, y0, x1, y1 = far
    rooms.boards(stage, far, (168, 164, 160))
    mid = (x0 + x1) / 2
    rooms.window(stage, mid - 0.20, y0 + 0.08, mid + 0.20, y1 - 0.28)
    b.box(x0, y1 - 0.19, x1, y1 + 0.01, stage.on((120, 146, 150)))
    b.box(x0 - 0.02, y1 - 0.21, x1 + 0.02, y1 - 0.185, stage.on((238, 234, 226)))
    for k in range(7):
        x = x0 + (x1 - x0) * k / 7
        b.box(x, y1 - 0.18, x + 0.003, y1, stage.on((88, 110, 116)))
        b.box(x + 0.05, y1 - 0.16, x + 0.09, y1 - 0.153, stage.on((220, 220, 220)))
    for side in (0, 1):
        cx0, cx1 = (x0, mid - 0.25) if side == 0 else (mid + 0.25, x1)
        b.box(cx0, y0 + 0.04, cx1, y0 + 0.20, stage.on((128, 154, 158)))
    for k in range(3):
        rooms.pendant_lamp(stage, mid - 0.22 + 0.22 * k, 0.17, 0.035)
    b.form(
        [(x0 + 0.10, y1 - 0.30), (x0 + 0.20, y1 - 0.30), (x0 + 0.19, y1 - 0.21), (x0 + 0.11, y1 - 0.21)],
        stage.on((190, 70, 60)),
    )


def apartment(stage: Stage) -> None:
    far = rooms.shell(stage, (222, 212, 198), (182, 146, 112), (238, 234, 228))
    x0, y0, x1, y1 = far
    rooms.boards(stage, far, (182, 146, 112))
    wide, b = x1 - x0, stage.brush
    side = stage.light.side
    wx = x0 + wide * (0.50 if side > 0 else 0.06)
    rooms.window(stage, wx, y0 + 0.05, wx + wide * 0.44, y1 - 0.10, 3)
    rooms.curtains(stage, wx, wx + wide * 0.44, y0 + 0.04, y1 - 0.02, (176, 160, 150))
    sx = x0 + wide * (0.24 if side > 0 else 0.76)
    for k, (dw, hue) in enumerate(((0.08, (140, 110, 96)), (0.06, (96, 126, 140)))):
        px = sx - 0.09 + 0.18 * k
        b.box(px - dw, y0 + 0.12, px + dw, y0 + 0.12 + dw * 1.5, stage.on((250, 246, 240)))
        b.box(px - dw * 0.8, y0 + 0.12 + dw * 0.2, px + dw * 0.8, y0 + 0.12 + dw * 1.3, stage.on(hue))
    sofa = (98, 124, 138)
    b.form(
        [(sx - 0.26, y1 - 0.18), (sx + 0.26, y1 - 0.18), (sx + 0.28, y1 + 0.02), (sx - 0.28, y1 + 0.02)], stage.on(sofa)
    )
    b.form(
        [(sx - 0.28, y1 - 0.03), (sx + 0.28, y1 - 0.03), (sx + 0.30, y1 + 0.09), (sx - 0.30, y1 + 0.09)],
        stage.on(scaled(sofa, 1.12)),
    )
    for d in (-0.29, 0.29):
        b.form(
            [
                (sx + d - 0.04, y1 - 0.09),
                (sx + d + 0.04, y1 - 0.09),
                (sx + d + 0.045, y1 + 0.11),
                (sx + d - 0.045, y1 + 0.11),
            ],
            stage.on(scaled(sofa, 0.86)),
        )
    b.form(
        [(sx - 0.20, y1 - 0.12), (sx - 0.08, y1 - 0.13), (sx - 0.07, y1 - 0.01), (sx - 0.19, y1 - 0.0)],
        stage.on((226, 170, 96)),
    )
    furniture.table(stage, sx + side * 0.12, y1 + 0.17, 0.34, 0.07, (150, 108, 80))
    furniture.plant(stage, x1 - 0.05 if side < 0 else x0 + 0.02, y1 + 0.05, 0.14)
    rooms.pendant_lamp(stage, (x0 + x1) / 2, 0.17, 0.05)


def office(stage: Stage) -> None:
    far = rooms.shell(stage, (214, 218, 224), (126, 132, 142), (236, 238, 240))
    x0, y0, x1, y1 = far
    rooms.boards(stage, far, (126, 132, 142))
    b = stage.brush
    rooms.window(stage, x0 + 0.03, y0 + 0.05, x1 - 0.03, y1 - 0.10, 5)
    for k in range(3):
        px = stage.aspect * (0.26 + 0.24 * k)
        b.fill([(px - 0.09, 0.03), (px + 0.09, 0.03), (px + 0.07, 0.06), (px - 0.07, 0.06)], (246, 250, 255))
        stage.lamp(px, 0.05, 0.22, 0.4 if stage.light.lamps_lit else 0.18, (230, 240, 255))
    for u, y, w in ((0.30, 0.70, 0.26), (0.70, 0.70, 0.26), (0.12, 0.84, 0.44), (0.88, 0.84, 0.44)):
        x = stage.aspect * u
        furniture.chair(stage, x + 0.02, y - 0.02, w * 0.24, (58, 62, 74))
        furniture.table(stage, x, y, w, w * 0.42, (206, 190, 168))
        b.box(x - w * 0.22, y - w * 0.36, x + w * 0.12, y - w * 0.12, stage.on((42, 46, 56)))
        b.box(
            x - w * 0.205,
            y - w * 0.345,
            x + w * 0.105,
            y - w * 0.135,
            mix((150, 196, 236), stage.on((96, 130, 160)), 0.4),
        )
        b.box(x - w * 0.07, y - w * 0.12, x - w * 0.03, y - w * 0.06, stage.on((60, 64, 74)))
        b.box(x + w * 0.22, y - w * 0.10, x + w * 0.34, y - w * 0.06, stage.on((236, 234, 230)))
    furniture.plant(stage, x0 + 0.02, y1 + 0.04, 0.12)


def cafe(stage: Stage) -> None:
    far = rooms.shell(stage, (156, 116, 90), (128, 92, 72), (86, 66, 60))
    x0, y0, x1, y1 = far
    rooms.boards(stage, far, (128, 92, 72))
    b, wide, side = stage.brush, x1 - x0, stage.light.side
    wx = x0 + wide * (0.46 if side > 0 else 0.03)
    rooms.window(stage, wx, y0 + 0.08, wx + wide * 0.51, y1 - 0.12, 3)
    cx = x0 + wide * (0.02 if side > 0 else 0.60)
    b.box(cx, y0 + 0.09, cx + wide * 0.36, y0 + 0.32, stage.on((52, 48, 50)))
    for r in range(3):
        b.box(
            cx + 0.03,
            y0 + 0.13 + 0.055 * r,
            cx + wide * 0.36 * (0.85 - 0.2 * (r % 2)),
            y0 + 0.142 + 0.055 * r,
            stage.on((226, 214, 190)),
            190,
        )
    b.box(cx - 0.02, y1 - 0.20, cx + wide * 0.40, y1 + 0.05, stage.on((96, 64, 50)))
    b.box(cx - 0.03, y1 - 0.225, cx + wide * 0.41, y1 - 0.195, stage.on((206, 168, 124)))
    b.box(cx + 0.05, y1 - 0.32, cx + 0.18, y1 - 0.22, stage.on((176, 180, 186)))
    for k in range(3):
        b.box(cx + 0.22 + 0.045 * k, y1 - 0.26, cx + 0.25 + 0.045 * k, y1 - 0.222, stage.on((240, 234, 224)))
    for u, y, w in ((0.44, 0.74, 0.18), (0.76, 0.75, 0.20), (0.16, 0.88, 0.26)):
        x = stage.aspect * u
        for d in (-0.75, 0.75):
            furniture.chair(stage, x + d * w, y + 0.02, w * 0.34, (72, 96, 92))
        furniture.table(stage, x, y, w, 0.14, (196, 150, 106))
        b.box(x - 0.012, y - 0.045, x + 0.014, y - 0.012, stage.on((246, 240, 230)))
    for k in range(4):
        rooms.pendant_lamp(stage, stage.aspect * (0.20 + 0.20 * k), 0.20 + 0.03 * (k % 2), 0.040)


def school(stage: Stage) -> None:
    far = rooms.shell(stage, (230, 226, 208), (176, 142, 106), (240, 238, 230), 0.10, 0.22)
    x0, y0, x1, y1 = far
    rooms.boards(stage, far, (176, 142, 106))
    b, a = stage.brush, stage.aspect
    b.box(x0 + 0.05, y0 + 0.08, x1 - 0.25, y1 - 0.22, stage.on((168, 126, 86)))
    b.box(x0 + 0.065, y0 + 0.095, x1 - 0.265, y1 - 0.235, stage.on((56, 92, 80)))
    for r in range(4):
        b.stroke(
            [(x0 + 0.12, y0 + 0.15 + 0.05 * r), (x0 + 0.3 + 0.08 * (r % 3), y0 + 0.152 + 0.05 * r)],
            0.006,
            stage.on((216, 226, 216)),
            alpha=150,
            taper="none",
        )
    rooms.window(stage, x1 - 0.20, y0 + 0.06, x1 - 0.02, y1 - 0.16, 1, view="trees")
    for row, (y, s) in enumerate(((0.70, 0.09), (0.79, 0.125), (0.92, 0.18))):
        n = 5 - row
        for k in range(n):
            x = a * (k + 0.5) / n + 0.02
            furniture.chair(stage, x + s * 0.2, y + s * 0.28, s * 0.42, (150, 110, 76))
            furniture.table(stage, x, y, s * 1.6, s * 0.95, (214, 176, 128))
    b.oval(x0 + (x1 - x0) * 0.5, y0 + 0.04, 0.026, 0.026, stage.on((250, 250, 246)))
    b.stroke(
        [(x0 + (x1 - x0) * 0.5, y0 + 0.04), (x0 + (x1 - x0) * 0.5 + 0.01, y0 + 0.025)],
        0.004,
        stage.on((60, 60, 66)),
        taper="none",
    )


def hospital(stage: Stage) -> None:
    far = rooms.shell(stage, (214, 230, 232), (176, 192, 198), (238, 244, 246))
    x0, y0, x1, y1 = far
    rooms.boards(stage, far, (176, 192, 198))
    b, wide, side = stage.brush, x1 - x0, stage.light.side
    b.box(x0, y1 - 0.20, x1, y1, stage.on((178, 208, 210)))
    wx = x0 + wide * (0.55 if side > 0 else 0.05)
    rooms.window(stage, wx, y0 + 0.07, wx + wide * 0.40, y1 - 0.22)
    bx = x0 + wide * (0.10 if side > 0 else 0.48)
    furniture.bed(stage, bx, bx + 0.56, y1 + 0.05, (196, 220, 232), False)
    b.stroke([(bx - 0.05, y1 + 0.10), (bx - 0.05, y0 + 0.14)], 0.007, stage.on((170, 176, 184)), taper="none")
    b.form(
        [
            (bx - 0.075, y0 + 0.15),
            (bx - 0.035, y0 + 0.15),
            (bx - 0.035, y0 + 0.22),
            (bx - 0.055, y0 + 0.24),
            (bx - 0.075, y0 + 0.22),
        ],
        stage.on((206, 232, 244)),
    )
    b.box(bx + 0.10, y0 + 0.20, bx + 0.26, y0 + 0.31, stage.on((52, 58, 68)))
    b.stroke(
        [
            (bx + 0.11, y0 + 0.26),
            (bx + 0.15, y0 + 0.26),
            (bx + 0.165, y0 + 0.22),
            (bx + 0.18, y0 + 0.29),
            (bx + 0.195, y0 + 0.26),
            (bx + 0.25, y0 + 0.26),
        ],
        0.006,
        (110, 255, 170),
        taper="none",
        steps=2,
    )
    rooms.curtains(stage, x0 + 0.02, x1 - 0.02, y0 + 0.05, y1 + 0.02, (150, 196, 196))
    b.fill(
        [
            (stage.aspect * 0.4, 0.035),
            (stage.aspect * 0.6, 0.035),
            (stage.aspect * 0.57, 0.07),
            (stage.aspect * 0.43, 0.07),
        ],
        (248, 252, 255),
    )
    stage.lamp(stage.aspect * 0.5, 0.05, 0.4, 0.4, (226, 242, 255))


def car(stage: Stage) -> None:
    """Inside a vehicle, towards its rear window."""
    a, b = stage.aspect, stage.brush
    stage.horizon = 0.62
    b.box(-0.1, -0.1, a + 0.1, 1.1, stage.on((64, 66, 76)))
    rooms.window(stage, a * 0.14, 0.12, a * 0.86, 0.52, 1)
    frame = stage.on((44, 46, 54))
    b.fill(
        [(-0.1, -0.1), (a + 0.1, -0.1), (a + 0.1, 0.10), (a * 0.84, 0.13), (a * 0.16, 0.13), (-0.1, 0.10)],
        stage.on((112, 112, 118)),
    )
    for side in (-1, 1):
        x = a * 0.5 + side * a * 0.36
        b.fill([(x, 0.12), (x + side * 0.05, 0.10), (x + side * a * 0.09, 0.62), (x + side * a * 0.03, 0.62)], frame)
    b.box(-0.1, 0.52, a + 0.1, 0.64, frame)
    for u in (0.25, 0.75):
        x = a * u
        b.form([(x - 0.26, 0.60), (x + 0.26, 0.60), (x + 0.30, 1.1), (x - 0.30, 1.1)], stage.on((92, 78, 74)))
        b.form([(x - 0.12, 0.47), (x + 0.12, 0.47), (x + 0.14, 0.61), (x - 0.14, 0.61)], stage.on((104, 90, 86)))
