"""The lower half by stance: trousers, skirts and robes of one who stands, walks, sits or kneels."""

from aianime_pipeline.providers.local.pictures.colours import mix
from aianime_pipeline.providers.local.pictures.figures.body import draw_legs
from aianime_pipeline.providers.local.pictures.figures.person import Figure, Paint, paint
from aianime_pipeline.providers.local.pictures.shapes import Knot

STANCE_DROP = {"sit": 1.62, "kneel": 2.85}
"""How much lower the head is than when standing, in heads on a body of 6.6 heads."""
TWO_PIECE = ("hanfu", "ruqun", "jacket", "beizi")


def draw_lower(figure: Figure, kind: str, waist: float) -> None:
    """`kind` as in a Cut's `lower`."""
    shoe = figure.skin if "barefoot" in figure.accessories else paint(mix(figure.main.dark, (36, 30, 34), 0.75))
    cloth = _cloth(figure, kind)
    if figure.pose.stance == "kneel":
        _kneeling(figure, cloth)
        return
    if figure.pose.stance == "sit":
        _sitting(figure, cloth, shoe, kind)
        return
    if kind == "trousers":
        draw_legs(figure, cloth, shoe)
        return
    if kind == "skirt":
        draw_legs(figure, figure.second, shoe, bare=True)
        _skirt(figure, cloth, waist, 4.0, 0.80, 9)
        return
    draw_legs(figure, figure.second, shoe)
    slim = figure.outfit in ("qipao", "changshan")
    _skirt(
        figure,
        cloth,
        waist,
        5.72 if "barefoot" in figure.accessories else 5.95,
        0.62 if slim else 0.98,
        3 if slim else 7,
    )
    if figure.outfit == "armour":
        _tassets(figure)


def _cloth(figure: Figure, kind: str) -> Paint:
    if kind == "trousers":
        if figure.outfit in ("suit", "uniform", "work", "school"):
            return paint(mix(figure.main.base, (26, 26, 36), 0.3))
        return paint(mix(figure.main.dark, (44, 48, 66), 0.65))
    if kind == "skirt":
        return figure.main if figure.outfit == "dress" else paint(mix(figure.main.base, (40, 40, 60), 0.35))
    two = figure.outfit in ("jacket", "ruqun") or (figure.female and figure.outfit in TWO_PIECE)
    return figure.second if two else figure.main


def _skirt(figure: Figure, cloth: Paint, waist_y: float, length: float, flare: float, folds: int) -> None:
    b, y = figure.brush, figure.y
    waist = (0.40 if figure.female else 0.53) + (0.16 if figure.stout else 0.0)
    hem, top = y(length), y(waist_y + 0.02)
    # Walking, the cloth stays behind the legs and one knee shows through it.
    sway = -0.20 if figure.pose.stance == "walk" else 0.0
    knots: list[Knot] = [
        (-waist, top, 1), (waist, top, 1), (waist + 0.12, y(2.8)), (flare * 0.86 + sway * 0.2, y((2.8 + length) / 2)),
        (flare + sway * 0.3, hem - abs(sway) * 0.4, 1), (flare * 0.4 + sway, hem + 0.05), (sway, hem + 0.02),
        (-flare * 0.5 + sway, hem + 0.06), (-flare + sway * 1.6, hem - abs(sway) * 0.2, 1),
        (-flare * 0.86 + sway, y((2.8 + length) / 2)), (-waist - 0.12, y(2.8)),
    ]  # fmt: skip
    outline = b.form(knots, cloth.base, line=figure.line)
    for i in range(folds):
        u = (i + 0.5) / folds * 2 - 1
        b.stroke(
            [
                (u * waist * 0.8, y(2.3)),
                (u * (waist + flare) / 2 + sway * 0.5, y((2.3 + length) / 2)),
                (u * flare * 0.96 + sway * 1.2, hem),
            ],
            0.075 if folds < 8 else 0.05,
            cloth.dark,
            alpha=165,
            taper="start",
        )
    if sway:
        b.stroke([(0.10, y(2.5)), (0.42, y(3.9)), (0.28, y(5.0))], 0.06, cloth.dark, alpha=200)
    b.within(outline, [(-2, y(1)), (-waist * 0.45, y(2.2)), (-flare * 0.45, hem + 1), (-2, hem + 1)], cloth.dark, 90)
    if figure.outfit in ("hanfu", "armour", "ruqun", "beizi"):
        b.within(
            outline,
            [(-2, hem - 0.16), (0, hem - 0.12), (2, hem - 0.16), (2, hem + 1), (-2, hem + 1)],
            figure.accent.base,
            170,
        )
    if figure.outfit == "changshan":
        b.stroke([(waist * 0.5, y(2.2)), (flare * 0.72, hem)], 0.014, cloth.dark, taper="none")


def _tassets(figure: Figure) -> None:
    for side in (-1, 1):
        figure.brush.form(
            [
                (side * 0.06, figure.y(2.2)),
                (side * 0.58, figure.y(2.25)),
                (side * 0.70, figure.y(3.5), 1),
                (side * 0.12, figure.y(3.6), 1),
            ],
            figure.accent.dark,
            line=figure.line,
        )


def _sitting(figure: Figure, cloth: Paint, shoe: Paint, kind: str) -> None:
    """The lap towards the viewer, the shins down from the knees, on a stool."""
    b, y = figure.brush, figure.y
    floor = 6.13 - STANCE_DROP["sit"]
    wide = 0.62 + (0.12 if figure.stout else 0.0)
    wood = paint((112, 76, 56))
    b.form([(-0.7, y(2.75), 1), (0.7, y(2.75), 1), (0.66, y(3.0), 1), (-0.66, y(3.0), 1)], wood.base, line=figure.line)
    for x in (-0.6, 0.5):
        b.box(x, y(3.0), x + 0.1, y(floor), wood.dark)
    shins = figure.skin if kind == "skirt" else cloth
    for side in (-1, 1):
        foot = side * 0.30
        b.form(
            [(foot - 0.17, y(floor - 0.22)), (foot + 0.17, y(floor - 0.22)), (foot + 0.20, y(floor), 1),
                (foot - 0.20, y(floor), 1)],
            shoe.base, line=figure.line,
        )  # fmt: skip
        if kind != "robe":
            b.form(
                [(side * 0.10, y(3.0)), (side * wide, y(3.0)), (side * 0.46, y(floor - 0.16), 1),
                    (side * 0.16, y(floor - 0.16), 1)],
                shins.base, line=figure.line,
            )  # fmt: skip
    if kind == "robe":
        fall = b.form(
            [(-wide, y(2.9)), (wide, y(2.9)), (wide + 0.14, y(floor - 0.2), 1), (0, y(floor - 0.1)), (-wide - 0.14,
                y(floor - 0.2), 1)],
            cloth.base, line=figure.line,
        )  # fmt: skip
        b.within(fall, [(-0.10, y(3.0)), (0.12, y(3.0)), (0.18, y(9)), (-0.16, y(9))], cloth.dark, 150)
    lap = b.form(
        [(-0.42, y(2.0)), (0.42, y(2.0)), (wide + 0.06, y(2.6)), (wide + 0.04, y(3.1)), (0.2, y(3.2)), (0, y(3.12)),
            (-0.2, y(3.2)), (-wide - 0.04, y(3.1)), (-wide - 0.06, y(2.6))],
        cloth.base, line=figure.line,
    )  # fmt: skip
    b.within(lap, [(-1, y(2.92)), (0, y(2.98)), (1, y(2.92)), (1, y(3.6)), (-1, y(3.6))], cloth.dark, 120)
    b.stroke([(0, y(2.5)), (0.01, y(3.1))], 0.03, cloth.dark)


def _kneeling(figure: Figure, cloth: Paint) -> None:
    """Thighs and the cloth spread round the knees; the lower legs are behind."""
    b, y = figure.brush, figure.y
    floor = y(6.13 - STANCE_DROP["kneel"])
    wide = 0.80 + (0.12 if figure.stout else 0.0)
    mass = b.form(
        [(-0.44, y(2.0)), (0.44, y(2.0)), (0.66, y(2.5)), (wide, floor - 0.18), (wide + 0.30, floor, 1),
            (0.3, floor + 0.05), (0.0, floor - 0.02), (-0.3, floor + 0.05), (-wide - 0.30, floor, 1),
            (-wide, floor - 0.18), (-0.66, y(2.5))],
        cloth.base, line=figure.line,
    )  # fmt: skip
    b.within(mass, [(-1.4, y(2.2)), (-0.4, y(2.3)), (-0.5, floor + 1), (-1.4, floor + 1)], cloth.dark, 110)
    for x in (-0.42, 0.0, 0.42):
        b.stroke([(x * 0.5, y(2.35)), (x, y(2.9)), (x * 1.5, floor - 0.03)], 0.06, cloth.dark, alpha=170, taper="start")
