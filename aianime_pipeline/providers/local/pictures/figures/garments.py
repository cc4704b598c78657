"""Clothes: a cut (what covers what) and a collar per kind of outfit; skirts and cloaks have modules of their own."""

from dataclasses import dataclass, replace

from aianime_pipeline.providers.local.pictures.figures.arms import HANDS_FREE, IN_FRONT, arms_of
from aianime_pipeline.providers.local.pictures.figures.body import (
    draw_hand,
    draw_neck,
    draw_sleeve,
)
from aianime_pipeline.providers.local.pictures.figures.collars import COLLARS
from aianime_pipeline.providers.local.pictures.figures.person import Figure
from aianime_pipeline.providers.local.pictures.figures.skirts import draw_lower
from aianime_pipeline.providers.local.pictures.figures.worn_over import draw_cloak, draw_worn
from aianime_pipeline.providers.local.pictures.shapes import Knot, Point


@dataclass(frozen=True)
class Cut:
    """`lower`: robe (to the floor), skirt (knee), trousers. `length` is where the top ends on a body of 6.6 heads,
    `waist` where the skirt and the belt begin."""

    collar: str
    sleeve: str
    lower: str
    length: float = 2.75
    belt: bool = False
    open_front: bool = False
    waist: float = 1.98


CUTS: dict[str, Cut] = {
    "hanfu": Cut("cross", "wide", "robe", 2.2, belt=True),
    "ruqun": Cut("cross", "wide", "robe", 1.66, belt=True, waist=1.52),
    "beizi": Cut("cross", "wide", "robe", 4.5, open_front=True),
    "jacket": Cut("mandarin", "loose", "robe", 2.85),
    "changshan": Cut("mandarin", "loose", "robe", 2.6),
    "qipao": Cut("mandarin", "short", "robe", 2.6),
    "work": Cut("cross", "close", "trousers", 3.05, belt=True),
    "armour": Cut("plates", "close", "robe", 2.3, belt=True),
    "school": Cut("sailor", "loose", "skirt"),
    "doctor": Cut("lapel", "loose", "trousers", 4.3, open_front=True),
    "suit": Cut("lapel", "close", "trousers", 2.95),
    "uniform": Cut("shirt", "close", "trousers", 2.8, belt=True),
    "dress": Cut("round", "short", "skirt", 2.2, belt=True),
    "coat": Cut("lapel", "loose", "trousers", 4.25, belt=True, open_front=True),
    "hoodie": Cut("hood", "loose", "trousers", 2.85),
    "sweater": Cut("turtle", "loose", "trousers", 2.75),
    "shirt": Cut("shirt", "loose", "trousers", 2.8),
}


def cut_of(figure: Figure) -> Cut:
    cut = CUTS.get(figure.outfit, CUTS["shirt"])
    if figure.outfit == "school" and not figure.female:
        return Cut("lapel", "close", "trousers", 2.85)
    return cut


def dress(figure: Figure) -> None:
    """Neck, body, clothes and arms. The head comes after, and behind it all the back hair."""
    cut = cut_of(figure)
    if figure.pose.back and figure.pose.arms in IN_FRONT:
        figure = replace(figure, pose=replace(figure.pose, arms="rest"))
    back, gesture = figure.pose.back, figure.pose.arms
    hidden = gesture == "behind" and not back
    if hidden:
        _arms(figure, cut)
    draw_neck(figure)
    draw_lower(figure, cut.lower, cut.waist)
    torso = _torso(figure, cut)
    if not back:
        COLLARS[cut.collar](figure, torso)
    if cut.belt:
        _belt(figure, cut)
    draw_worn(figure, before_arms=True)
    under_cloak = gesture in ("rest", "behind") or back
    if figure.cloak and not under_cloak:
        draw_cloak(figure)
    if not hidden:
        _arms(figure, cut)
    if figure.cloak and under_cloak:
        draw_cloak(figure)
    draw_worn(figure, before_arms=False)


def _arms(figure: Figure, cut: Cut) -> None:
    gesture = figure.pose.arms
    front = gesture in IN_FRONT
    for arm in arms_of(figure):
        if gesture != "behind" and (cut.sleeve != "wide" or gesture in HANDS_FREE):
            draw_hand(figure, arm)
        draw_sleeve(figure, arm, figure.main, cut.sleeve)
        on_top = front and (arm.shoulder[0] > 0 or gesture in ("open", "lap")) and gesture not in ("clasped", "folded")
        if on_top and not figure.pose.back:
            draw_hand(figure, arm)


def _half_torso(figure: Figure, cut: Cut) -> list[Knot]:
    """The right half from the neck down to the hem of the top."""
    s, y = figure.shoulders, figure.y
    neck = 0.145 if figure.child else 0.155 if figure.female else 0.235
    waist = {True: 0.385, False: 0.50}[figure.female] * (0.85 if figure.child else 1.0) + (
        0.16 if figure.stout else 0.0
    )
    chest = s - (0.10 if figure.female else 0.09)
    hip = waist + (0.16 if figure.female else 0.06)
    loose = 0.10 if cut.open_front or figure.outfit in ("hoodie", "sweater", "changshan") else 0.02
    hem = y(cut.length)
    below = (hip if cut.length > 2.3 else waist) + loose
    flare = 0.12 if cut.length > 3.5 else 0.0
    return [
        (neck, 0.64, 1),
        (s * 0.62, 0.755),
        (s - 0.06, 0.84),
        (s + 0.01, 1.0),
        (chest + loose * 0.3, y(1.45)),
        (waist + loose, y(min(2.08, cut.length - 0.06))),
        (below, y(min(2.75, cut.length - 0.02))),
        (below + flare, hem, 1),
    ]


def _torso(figure: Figure, cut: Cut) -> list[Point]:
    right = _half_torso(figure, cut)
    left: list[Knot] = [(-k[0], *k[1:]) for k in reversed(right)]
    b, y, main = figure.brush, figure.y, figure.main
    outline = b.form([*right, *left], main.base, line=figure.line)
    s = figure.shoulders
    b.within(outline, [(-0.30, 0.6), (0.38, 0.6), (0.26, 0.86), (0.0, 0.98), (-0.26, 0.86)], main.dark, 120)
    b.within(
        outline,
        [
            (-s - 0.2, 0.9),
            (-s + 0.20, 1.15),
            (-s + 0.26, y(1.7)),
            (-0.30, y(2.2)),
            (-0.34, y(3.0)),
            (-0.26, y(4.4)),
            (-s - 0.4, y(4.4)),
        ],
        main.dark,
        105,
    )
    if figure.fine:
        for side in (-1, 1):
            b.stroke([(side * (s - 0.17), 1.12), (side * (s - 0.22), 1.35), (side * (s - 0.34), 1.5)], 0.02, main.dark)
            b.stroke(
                [(side * 0.42, y(1.98)), (side * 0.26, y(2.04)), (side * 0.10, y(2.0))], 0.016, main.dark, alpha=200
            )
    if figure.female and figure.age != "child" and not figure.pose.back:
        b.stroke([(-s + 0.34, 1.52), (-0.26, 1.62), (-0.05, 1.55)], 0.014, main.dark, alpha=150)
        b.stroke([(s - 0.34, 1.52), (0.26, 1.62), (0.05, 1.55)], 0.014, main.dark, alpha=150)
    return outline


def _belt(figure: Figure, cut: Cut) -> None:
    b, y, accent = figure.brush, figure.y, figure.accent
    waist = (
        {True: 0.405, False: 0.52}[figure.female] + (0.16 if figure.stout else 0.0) + (0.08 if cut.open_front else 0)
    )
    high = 0.26 if figure.outfit == "hanfu" else 0.15
    top = y(cut.waist)
    belt = b.form(
        [
            (-waist, top, 1),
            (0, top + 0.04),
            (waist, top, 1),
            (waist + 0.01, top + high, 1),
            (0, top + high + 0.04),
            (-waist - 0.01, top + high, 1),
        ],
        accent.base,
        line=figure.line,
    )
    b.within(belt, [(-2, top + high * 0.55), (2, top + high * 0.55), (2, top + 1), (-2, top + 1)], accent.dark, 120)
    if figure.pose.back:
        return
    if figure.outfit in ("hanfu", "ruqun"):
        x = 0.10
        b.form(
            [(x - 0.06, top + high * 0.9), (x + 0.05, top + high * 0.9), (x + 0.10, y(3.55), 1), (x - 0.05, y(3.6), 1)],
            accent.base,
            line=figure.line,
        )
        b.form(
            [(x + 0.02, top + high * 0.9), (x + 0.12, top + high * 0.9), (x + 0.26, y(3.2), 1), (x + 0.12, y(3.28), 1)],
            accent.dark,
            line=figure.line,
        )
        b.oval(x + 0.02, top + high * 0.5, 0.085, 0.075, accent.light)
    else:
        b.box(-0.08, top + 0.02, 0.08, top + high, accent.light)
        b.box(-0.045, top + 0.05, 0.045, top + high - 0.03, accent.dark)
