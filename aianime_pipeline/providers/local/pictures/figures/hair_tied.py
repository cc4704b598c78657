"""Buns with their pins, and braids."""

from aianime_pipeline.providers.local.pictures.figures.person import Figure


def draw_buns(figure: Figure) -> None:
    b, t, style = figure.brush, figure.pose.turn, figure.hair_style
    spots = {
        "bun": [(-0.08 * t, -0.70, 0.235, 0.20)], "half_up": [(-0.08 * t, -0.67, 0.175 if figure.female else 0.12,
        0.15)],
        "topknot": [(-0.06 * t, -0.70, 0.15, 0.165)], "double_bun": [(-0.33, -0.52, 0.16, 0.15), (0.33, -0.52, 0.16,
        0.15)],
    }.get(style, [])  # fmt: skip
    for x, y, rx, ry in spots:
        ring = [
            (x + rx, y),
            (x + rx * 0.7, y - ry * 0.75),
            (x, y - ry),
            (x - rx * 0.7, y - ry * 0.75),
            (x - rx, y),
            (x - rx * 0.7, y + ry * 0.75),
            (x, y + ry),
            (x + rx * 0.7, y + ry * 0.75),
        ]
        outline = b.form(ring, figure.hair.base, line=figure.line)
        b.within(
            outline,
            [(x - rx, y + ry * 0.1), (x, y + ry * 0.35), (x + rx, y + ry * 0.1), (x + rx, y + ry), (x - rx, y + ry)],
            figure.hair.dark,
            200,
        )
        b.stroke(
            [(x - rx * 0.55, y - ry * 0.35), (x - rx * 0.1, y - ry * 0.6), (x + rx * 0.4, y - ry * 0.5)],
            0.035,
            figure.hair.light,
            alpha=150,
        )
    if not spots or style == "double_bun":
        return
    x, y, rx, ry = spots[0]
    pin = figure.accent
    if figure.female and figure.era == "ancient":
        b.stroke([(x - rx - 0.2, y + 0.02), (x + rx + 0.2, y - 0.1)], 0.032, pin.base, taper="none")
        b.oval(x + rx + 0.2, y - 0.1, 0.05, 0.05, pin.light)
        for k in range(3):
            b.oval(x + rx + 0.2, y - 0.02 + 0.065 * k, 0.018, 0.024, pin.base)
    elif not figure.female:
        b.form(
            [
                (x - 0.13, y + ry + 0.04),
                (x - 0.11, y + 0.03),
                (x, y - 0.0),
                (x + 0.11, y + 0.03),
                (x + 0.13, y + ry + 0.04),
            ],
            pin.base,
            line=figure.line,
        )
        b.stroke([(x - 0.24, y + 0.1), (x + 0.24, y + 0.06)], 0.026, pin.dark, taper="none")


def draw_braids(figure: Figure) -> None:
    """Two braids over the shoulders; drawn over the clothes."""
    if figure.hair_style != "braids":
        return
    for side in (-1, 1):
        for k in range(8):
            x, y = side * (0.40 + 0.012 * k), 0.42 + 0.17 * k
            w = 0.10 - 0.004 * k
            figure.brush.form(
                [
                    (x, y - 0.11),
                    (x + w, y - 0.02),
                    (x + w * 0.3, y + 0.12),
                    (x, y + 0.14),
                    (x - w * 0.3, y + 0.12),
                    (x - w, y - 0.02),
                ],
                figure.hair.base if k % 2 else figure.hair.dark,
                line=figure.line,
            )
        figure.brush.box(side * 0.496 - 0.06, 1.72, side * 0.496 + 0.06, 1.79, figure.accent.base)
        figure.brush.form(
            [(side * 0.5 - 0.06, 1.79), (side * 0.5 + 0.06, 1.79), (side * 0.5, 2.02, 1)],
            figure.hair.base,
            line=figure.line,
        )
