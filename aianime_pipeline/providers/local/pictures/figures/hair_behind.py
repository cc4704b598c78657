"""Hair behind the head and body: long masses, tails, the nape, and the head as seen from behind."""

from collections.abc import Sequence

from aianime_pipeline.providers.local.pictures.figures.hair import CROWN, LONG, crown_of, draw_shine
from aianime_pipeline.providers.local.pictures.figures.hair_tied import draw_buns
from aianime_pipeline.providers.local.pictures.figures.person import Figure
from aianime_pipeline.providers.local.pictures.shapes import Knot


def draw_back_hair(figure: Figure) -> None:
    """What hangs behind the shoulders; drawn first."""
    style, t = figure.hair_style, figure.pose.turn
    if style == "bald":
        return
    shift = -0.055 * t
    if style in LONG:
        _mass(figure, _long_shape(figure, shift))
    elif style == "bob":
        _mass(
            figure,
            [
                (-0.43 + shift, -0.3),
                (-0.52 + shift, 0.15),
                (-0.50 + shift, 0.52),
                (-0.40 + shift, 0.70, 1),
                (0.0, 0.62),
                (0.40 + shift, 0.70, 1),
                (0.49 + shift, 0.5),
                (0.49 + shift, 0.15),
                (0.42, -0.3),
            ],
        )
    elif style == "ponytail":
        _mass(figure, _tail_shape(figure))
        _nape(figure, shift)
    elif style in ("braids", "double_bun", "bun", "topknot"):
        _nape(figure, shift)
    else:
        _mass(
            figure,
            [
                (-0.44 + shift, -0.3),
                (-0.46 + shift, 0.1),
                (-0.42 + shift, 0.30, 1),
                (-0.36 + shift, 0.28),
                (-0.31 + shift, 0.44, 1),
                (-0.2 + shift, 0.40),
                (0.2 + shift, 0.40),
                (0.29 + shift, 0.44, 1),
                (0.34, 0.26),
                (0.40, 0.28, 1),
                (0.43, 0.0),
                (0.4, -0.3),
            ],
        )
    draw_buns(figure)


def _long_shape(figure: Figure, shift: float) -> list[Knot]:
    end = figure.y(2.55 if figure.female else 2.15)
    wide = 0.66 if figure.hair_style == "wavy" else 0.50 if figure.man else 0.58
    wave = 0.05 if figure.hair_style == "wavy" else 0.015
    left: list[Knot] = [
        (-0.44, -0.3),
        (-0.47 if figure.man else -0.53, 0.2),
        (-wide, 0.75),
        (-wide - wave, 1.2),
        (-wide + wave, 1.7),
        (-wide + 0.06, end - 0.25),
    ]
    tips: list[Knot] = [
        (-0.46, end - 0.02, 1),
        (-0.36, end - 0.16),
        (-0.26, end + 0.1, 1),
        (-0.12, end - 0.1),
        (0.02, end + 0.12, 1),
        (0.14, end - 0.1),
        (0.28, end + 0.06, 1),
        (0.36, end - 0.18),
        (0.46, end - 0.06, 1),
    ]
    right: list[Knot] = [
        (wide - 0.06, end - 0.3),
        (wide - wave, 1.7),
        (wide + wave, 1.2),
        (wide, 0.75),
        (0.46 if figure.man else 0.52, 0.2),
        (0.44, -0.3),
    ]
    return [(k[0] + shift, *k[1:]) for k in (*left, *tips, *right)]


def _tail_shape(figure: Figure) -> list[Knot]:
    end = figure.y(1.9 if figure.female else 1.6)
    return [
        (-0.10, -0.56),
        (-0.34, -0.70),
        (-0.58, -0.55),
        (-0.74, -0.1),
        (-0.80, 0.5),
        (-0.72, end - 0.4),
        (-0.84, end, 1),
        (-0.58, end - 0.25),
        (-0.52, end + 0.08, 1),
        (-0.44, end - 0.5),
        (-0.46, 0.3),
        (-0.40, -0.2),
        (-0.2, -0.36),
    ]


def _nape(figure: Figure, shift: float) -> None:
    _mass(
        figure,
        [
            (-0.42 + shift * 0.4, -0.3),
            (-0.43 + shift * 0.4, 0.05),
            (-0.30 + shift, 0.36),
            (0.0, 0.46),
            (0.28, 0.34),
            (0.40, 0.05),
            (0.4, -0.3),
        ],
    )


def _mass(figure: Figure, knots: Sequence[Knot]) -> None:
    outline = figure.brush.form(knots, figure.hair.dark, line=figure.line)
    if figure.fine:
        top = figure.hair.base
        figure.brush.fade_within(outline, None, top, top, 120, 10)


def draw_hair_from_behind(figure: Figure) -> None:
    """The head as seen from behind, with what hangs over the back."""
    b, style = figure.brush, figure.hair_style
    if style == "bald":
        b.form(
            [(x * 0.9, y * 0.88) for x, y in CROWN] + [(0.25, 0.36), (-0.25, 0.36)], figure.skin.base, line=figure.line
        )
        return
    cap: list[Knot] = [*crown_of(figure), (0.36, 0.3), (0.2, 0.44, 1), (0.0, 0.40), (-0.2, 0.44, 1), (-0.36, 0.3)]
    if style in LONG:
        draw_back_hair(figure)
        outline = b.form(_long_shape(figure, 0.0), figure.hair.base, line=figure.line)
        b.within(outline, [(0.12, -0.5), (0.7, -0.5), (0.8, 4), (0.2, 4), (0.28, 1.2)], figure.hair.dark, 110)
        for x in (-0.36, -0.2, -0.04, 0.14, 0.32):
            b.stroke([(x * 0.6, 0.2), (x, 1.0), (x * 1.15, figure.y(2.2))], 0.018, figure.hair.dark, alpha=170)
    elif style == "bob":
        outline = b.form(
            [(-0.46, -0.1), (-0.5, 0.3), (-0.42, 0.66, 1), (0.0, 0.62), (0.42, 0.66, 1), (0.5, 0.3), (0.46, -0.1)],
            figure.hair.base,
            line=figure.line,
        )
        b.within(outline, [(-0.6, 0.4), (0, 0.48), (0.6, 0.4), (0.6, 0.8), (-0.6, 0.8)], figure.hair.dark, 120)
    outline = b.form(cap, figure.hair.base, line=figure.line)
    draw_shine(figure, outline, [(-0.25, 0.2), (-0.09, 0.25), (0.09, 0.25), (0.25, 0.2)])
    if style == "ponytail":
        b.form(
            [(-0.1, -0.3), (0.1, -0.3), (0.2, 0.3), (0.17, 1.0), (0.0, figure.y(1.8), 1), (-0.17, 1.0), (-0.2, 0.3)],
            figure.hair.base,
            line=figure.line,
        )
        b.box(-0.09, -0.28, 0.09, -0.2, figure.accent.base)
    draw_buns(figure)
