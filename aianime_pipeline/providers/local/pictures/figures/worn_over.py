"""What is worn over the clothes: cloak, towel on the shoulder, bell or jade at the waist."""

from aianime_pipeline.providers.local.pictures.figures.person import Figure, Paint, paint

CORD = (158, 74, 68)
BRONZE = paint((188, 148, 84))


def draw_cloak(figure: Figure) -> None:
    cloak = figure.cloak
    if cloak is None:
        return
    if figure.pose.back:
        _cape_behind(figure, cloak)
        return
    for side in (-1, 1):
        _panel(figure, cloak, side)
    _collar(figure, cloak)


def _panel(figure: Figure, cloak: Paint, side: int) -> None:
    """Half of the front: closed over the shoulder, open along the middle."""
    b, s, y = figure.brush, figure.shoulders, figure.y
    hem = y(5.5) if figure.pose.stance in ("stand", "walk") else y(3.4)
    outline = b.form(
        [
            (side * 0.16, 0.66, 1),
            (side * s * 0.62, 0.72),
            (side * (s + 0.06), 0.92),
            (side * (s + 0.20), y(1.9)),
            (side * (s + 0.34), y(3.4)),
            (side * (s + 0.42), hem, 1),
            (side * 0.50, hem + 0.06, 1),
            (side * 0.42, y(3.2)),
            (side * 0.30, y(1.8)),
            (side * 0.24, 1.02),
        ],
        cloak.base,
        line=figure.line,
    )
    inner = [
        (side * 0.50, hem + 0.1),
        (side * 0.42, y(3.2)),
        (side * 0.26, 1.0),
        (side * 0.38, 1.0),
        (side * 0.60, y(3.2)),
        (side * 0.72, hem + 0.1),
    ]
    b.within(outline, inner, cloak.dark, 190)
    for k in (0.45, 0.75):
        x = side * (0.4 + (s - 0.1) * k)
        b.stroke([(x * 0.85, 1.2), (x, y(2.6)), (x * 1.12, hem - 0.1)], 0.05, cloak.dark, alpha=150, taper="start")


def _collar(figure: Figure, cloak: Paint) -> None:
    """The hood lying on the shoulders, tied under the chin."""
    b, s = figure.brush, figure.shoulders
    for side in (-1, 1):
        roll = b.form(
            [
                (side * 0.14, 0.98),
                (side * 0.20, 0.66),
                (side * 0.34, 0.50),
                (side * s * 0.70, 0.62),
                (side * s * 0.86, 0.84),
                (side * 0.40, 0.92),
                (side * 0.24, 1.06),
            ],
            cloak.base,
            line=figure.line,
        )
        b.within(
            roll,
            [(side * 0.2, 0.95), (side * 0.5, 0.74), (side * 1.2, 0.74), (side * 1.2, 1.2), (0, 1.2)],
            cloak.dark,
            120,
        )
    b.stroke([(-0.16, 1.0), (0, 1.05), (0.16, 1.0)], 0.03, figure.accent.base, taper="none")
    for x in (-0.04, 0.05):
        b.stroke([(0, 1.05), (x, 1.3), (x * 1.6, 1.55)], 0.026, figure.accent.base, taper="none")
    b.oval(0, 1.05, 0.05, 0.045, figure.accent.light)


def _cape_behind(figure: Figure, cloak: Paint) -> None:
    b, s, y = figure.brush, figure.shoulders, figure.y
    hem = y(5.5) if figure.pose.stance in ("stand", "walk") else y(3.4)
    right = [(0.2, 0.62), (s * 0.7, 0.74), (s + 0.08, 0.95), (s + 0.22, y(2.0)), (s + 0.36, y(3.6)), (s + 0.46, hem)]
    outline = b.form([*right, (0.0, hem + 0.08), *[(-x, v) for x, v in reversed(right)]], cloak.base, line=figure.line)
    b.within(outline, [(-2, 1), (-s * 0.5, 1.2), (-s * 0.4, hem + 1), (-2, hem + 1)], cloak.dark, 110)
    for x in (-0.45, 0.0, 0.45):
        b.stroke([(x * 0.7, 1.3), (x, y(3.0)), (x * 1.4, hem - 0.1)], 0.06, cloak.dark, alpha=150, taper="start")
    b.form(
        [(-0.46, 0.62), (0, 0.52), (0.46, 0.62), (0.36, 1.06), (0, 1.22), (-0.36, 1.06)], cloak.dark, line=figure.line
    )


def draw_worn(figure: Figure, *, before_arms: bool) -> None:
    if figure.pose.back:
        return
    if before_arms:
        for name, colour in (("waist_bell", BRONZE), ("waist_jade", paint((140, 190, 156)))):
            if name in figure.accessories and figure.pose.stance in ("stand", "walk"):
                _at_the_waist(figure, colour, name == "waist_bell")
    elif "towel" in figure.accessories:
        _towel(figure)


def _at_the_waist(figure: Figure, colour: Paint, bell: bool) -> None:
    b, y = figure.brush, figure.y
    x, top = 0.27, y(2.06)
    b.stroke([(x - 0.05, top), (x, y(2.3)), (x, y(2.44))], 0.024, CORD, taper="none")
    if bell:
        b.form(
            [(x, y(2.40)), (x + 0.07, y(2.46)), (x + 0.11, y(2.62), 1), (x - 0.11, y(2.62), 1), (x - 0.07, y(2.46))],
            colour.base, line=figure.line,
        )  # fmt: skip
        b.box(x - 0.11, y(2.60), x + 0.11, y(2.63), colour.dark)
    else:
        b.oval(x, y(2.52), 0.09, 0.09, colour.base)
        b.oval(x, y(2.52), 0.03, 0.03, colour.dark)
    for dx in (-0.03, 0.03):
        b.stroke([(x, y(2.63)), (x + dx, y(2.85)), (x + dx * 1.5, y(3.0))], 0.018, CORD, taper="end")


def _towel(figure: Figure) -> None:
    """Over the near shoulder, with its end on the chest."""
    b, s, y = figure.brush, figure.shoulders, figure.y
    cloth = figure.towel
    outline = b.form(
        [
            (-s * 0.98, 0.86),
            (-s * 0.62, 0.68),
            (-s * 0.36, 0.76),
            (-s * 0.32, 1.1),
            (-s * 0.34, y(1.78), 1),
            (-s * 0.78, y(1.84), 1),
            (-s * 0.86, 1.2),
        ],
        cloth.base,
        line=figure.line,
    )
    b.within(outline, [(-s, 0.8), (-s * 0.72, 0.9), (-s * 0.74, 3), (-s * 1.2, 3)], cloth.dark, 110)
    for v in (1.62, 1.70):
        b.stroke([(-s * 0.76, y(v)), (-s * 0.35, y(v - 0.05))], 0.016, (150, 160, 190), taper="none")
