"""Things worn on the head and face: glasses, beard, hats, scarf and the like."""

from collections.abc import Callable

from aianime_pipeline.providers.local.pictures.colours import mix
from aianime_pipeline.providers.local.pictures.figures.person import Figure, Paint, paint
from aianime_pipeline.providers.local.pictures.shapes import smooth


def _glasses(figure: Figure) -> None:
    b, t = figure.brush, figure.pose.turn
    frame = (46, 42, 54)
    near, far = (-0.178 + 0.112 * t, 0.178 + 0.052 * t)
    for x, w in ((near, 0.135), (far, 0.135 * (1 - 0.25 * t))):
        ring = smooth([(x - w, 0.03), (x, -0.01), (x + w, 0.03), (x + w * 0.95, 0.18), (x, 0.22), (x - w * 0.95, 0.18)])
        b.fill(ring, (236, 246, 255), 34, cover=False)
        b.outline(ring, 0.016, frame)
        b.stroke([(x - w * 0.5, 0.14), (x - w * 0.1, 0.04)], 0.02, (255, 255, 255), alpha=120, cover=False)
    b.stroke([(near + 0.13, 0.06), ((near + far) / 2, 0.045), (far - 0.12, 0.06)], 0.016, frame, taper="none")
    b.stroke([(near - 0.13, 0.06), (-0.37, 0.04)], 0.016, frame, taper="none")


def _beard(figure: Figure) -> None:
    b, t = figure.brush, figure.pose.turn
    x = 0.12 * t
    hair = figure.hair
    grey = paint(mix(hair.base, (226, 226, 232), 0.5) if figure.age == "elder" else hair.base)
    b.form(
        [
            (x - 0.17, 0.42),
            (x, 0.44),
            (x + 0.17, 0.42),
            (x + 0.14, 0.62),
            (x + 0.05, 0.86),
            (x + 0.0, 1.02, 1),
            (x - 0.06, 0.84),
            (x - 0.14, 0.62),
        ],
        grey.base,
        line=figure.line,
    )
    for k in (-0.06, 0.0, 0.06):
        b.stroke([(x + k, 0.48), (x + k * 0.9, 0.68), (x + k * 0.3, 0.9)], 0.014, grey.dark)
    for side in (-1, 1):
        b.form(
            [
                (x, 0.30),
                (x + side * 0.09, 0.315),
                (x + side * 0.17, 0.40),
                (x + side * 0.165, 0.50, 1),
                (x + side * 0.10, 0.37),
            ],
            grey.base,
            line=figure.line,
        )


def _moustache(figure: Figure) -> None:
    b, t = figure.brush, figure.pose.turn
    x = 0.142 * t
    for side in (-1, 1):
        b.form(
            [
                (x, 0.322),
                (x + side * 0.07, 0.318),
                (x + side * 0.15, 0.352),
                (x + side * 0.19, 0.385, 1),
                (x + side * 0.10, 0.358),
                (x, 0.348),
            ],
            _whiskers(figure).base,
        )


def _short_beard(figure: Figure) -> None:
    """A moustache and a trimmed beard along the jaw."""
    b, t = figure.brush, figure.pose.turn
    x = 0.12 * t
    tone = _whiskers(figure)
    b.form(
        [(x - 0.24, 0.30), (x - 0.19, 0.43), (x - 0.10, 0.478), (x, 0.484), (x + 0.10, 0.478), (x + 0.18, 0.43),
            (x + 0.235, 0.30), (x + 0.20, 0.48), (x + 0.10, 0.60), (x, 0.645), (x - 0.10, 0.60), (x - 0.21, 0.48)],
        tone.base, alpha=235,
    )  # fmt: skip
    for k in (-0.10, -0.03, 0.04, 0.11):
        b.stroke([(x + k, 0.48), (x + k * 0.9, 0.54), (x + k * 0.7, 0.60)], 0.010, tone.dark)
    _moustache(figure)


def _whiskers(figure: Figure) -> Paint:
    return paint(mix(figure.hair.base, (226, 226, 232), 0.5) if figure.age == "elder" else figure.hair.base)


def _mole(figure: Figure) -> None:
    """Under the figure's own left eye, also where the drawing is mirrored."""
    t = figure.pose.turn
    x = -0.178 + 0.112 * t if figure.brush.mirror else 0.178 + 0.052 * t
    figure.brush.oval(x + (-0.045 if figure.brush.mirror else 0.035), 0.176, 0.0095, 0.0095, (70, 34, 38))


def _stubble(figure: Figure) -> None:
    t = figure.pose.turn
    x = 0.12 * t
    for k in range(7):
        u = (k - 3) / 3
        figure.brush.stroke(
            [(x + u * 0.13, 0.445 - 0.05 * u * u), (x + u * 0.135, 0.465 - 0.05 * u * u)],
            0.012,
            figure.hair.dark,
            alpha=90,
        )


def _bamboo_hat(figure: Figure) -> None:
    b = figure.brush
    straw = paint((196, 164, 104), 0.34)
    hat = b.form(
        [
            (-0.98, -0.17, 1),
            (-0.5, -0.50),
            (0.0, -0.86, 1),
            (0.5, -0.50),
            (0.98, -0.17, 1),
            (0.4, -0.06),
            (-0.4, -0.06),
        ],
        straw.base,
        line=figure.line,
    )
    b.within(hat, [(-1.2, -0.24), (0, -0.12), (1.2, -0.24), (1.2, 0.2), (-1.2, 0.2)], straw.dark, 170)
    for k in range(-5, 6):
        b.stroke(
            [(0, -0.85), (k * 0.09, -0.5), (k * 0.18, -0.12 - 0.006 * k * k * 0.3)],
            0.012,
            straw.dark,
            alpha=150,
            taper="none",
        )


def _scar(figure: Figure) -> None:
    t = figure.pose.turn
    x = -0.22 + 0.1 * t
    figure.brush.stroke(
        [(x - 0.03, 0.19), (x + 0.02, 0.26), (x + 0.04, 0.33)], 0.018, mix(figure.skin.dark, (150, 60, 60), 0.5)
    )


def _scarf(figure: Figure) -> None:
    b, c = figure.brush, figure.accent
    b.form(
        [(-0.36, 0.62), (-0.2, 0.50), (0, 0.56), (0.2, 0.50), (0.36, 0.62), (0.34, 0.84), (0, 0.92), (-0.34, 0.84)],
        c.base,
        line=figure.line,
    )
    b.stroke([(-0.3, 0.68), (0, 0.76), (0.3, 0.66)], 0.03, c.dark)
    b.form([(0.08, 0.84), (0.27, 0.82), (0.33, 1.7, 1), (0.12, 1.74, 1)], c.base, line=figure.line)


def _veil(figure: Figure) -> None:
    t = figure.pose.turn
    x = 0.08 * t
    figure.brush.form(
        [(-0.34, 0.18), (x, 0.21), (0.33, 0.17), (0.26, 0.45), (x + 0.06, 0.70, 1), (-0.2, 0.5)],
        figure.second.base,
        line=figure.line,
        alpha=255,
    )
    figure.brush.stroke([(x - 0.02, 0.26), (x + 0.02, 0.42), (x + 0.05, 0.62)], 0.02, figure.second.dark)


def _eyepatch(figure: Figure) -> None:
    t = figure.pose.turn
    x = -0.178 + 0.112 * t
    figure.brush.form(
        [(x - 0.12, 0.03), (x, -0.01), (x + 0.12, 0.03), (x + 0.08, 0.19), (x, 0.23), (x - 0.08, 0.19)], (34, 30, 38)
    )
    figure.brush.stroke([(-0.38, -0.02), (x, 0.03), (0.1, -0.14), (0.36, -0.28)], 0.022, (34, 30, 38), taper="none")


def _headband(figure: Figure) -> None:
    figure.brush.form(
        [(-0.43, -0.24), (0, -0.32), (0.43, -0.24), (0.43, -0.14), (0, -0.21), (-0.43, -0.14)],
        figure.accent.base,
        line=figure.line,
    )


def _cap(figure: Figure) -> None:
    b, c, t = figure.brush, figure.main, figure.pose.turn
    b.form(
        [(-0.47, -0.22), (-0.46, -0.48), (-0.22, -0.68), (0.15, -0.70), (0.42, -0.52), (0.47, -0.22), (0.0, -0.28)],
        c.base,
        line=figure.line,
    )
    b.form(
        [
            (-0.44 + 0.1 * t, -0.24),
            (0.0 + 0.1 * t, -0.30),
            (0.46, -0.24),
            (0.44 + 0.16 * t, -0.12),
            (0.1 * t, -0.16),
            (-0.38 + 0.12 * t, -0.13),
        ],
        c.dark,
        line=figure.line,
    )
    b.oval(0.1 * t, -0.45, 0.06, 0.06, figure.accent.light)


BEFORE_HAIR: dict[str, Callable[[Figure], None]] = {
    "scarf": _scarf, "stubble": _stubble, "scar": _scar, "veil": _veil, "glasses": _glasses, "eyepatch": _eyepatch,
    "beard": _beard, "short_beard": _short_beard, "moustache": _moustache, "mole": _mole,
}  # fmt: skip
AFTER_HAIR: dict[str, Callable[[Figure], None]] = {"headband": _headband, "bamboo_hat": _bamboo_hat, "cap": _cap}
