"""Clothes: a cut (what covers what), a collar and a few details per kind of outfit."""

from dataclasses import dataclass, replace

from aianime_pipeline.providers.local.pictures.colours import mix
from aianime_pipeline.providers.local.pictures.figures.body import (
    arms_of,
    draw_hand,
    draw_legs,
    draw_neck,
    draw_sleeve,
)
from aianime_pipeline.providers.local.pictures.figures.collars import COLLARS
from aianime_pipeline.providers.local.pictures.figures.person import Figure, Paint, paint
from aianime_pipeline.providers.local.pictures.shapes import Knot, Point


@dataclass(frozen=True)
class Cut:
    """`lower`: robe (to the floor), skirt (knee), trousers. `length` is where the top ends on a body of 6.6 heads."""

    collar: str
    sleeve: str
    lower: str
    length: float = 2.75
    belt: bool = False
    open_front: bool = False


CUTS: dict[str, Cut] = {
    "hanfu": Cut("cross", "wide", "robe", 2.2, belt=True),
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
    back = figure.pose.back
    front_arms = figure.pose.arms in ("clasped", "raised", "chest")
    if back and front_arms:
        figure = replace(figure, pose=replace(figure.pose, arms="rest"))
        front_arms = False
    left, right = arms_of(figure)
    if figure.pose.arms == "behind" and not back:
        for arm in (left, right):
            draw_sleeve(figure, arm, figure.main, cut.sleeve)
    draw_neck(figure)
    _lower(figure, cut)
    torso = _torso(figure, cut)
    if not back:
        COLLARS[cut.collar](figure, torso)
    if cut.belt:
        _belt(figure, cut)
    if figure.pose.arms == "behind" and not back:
        return
    for arm in (left, right):
        if cut.sleeve != "wide" or front_arms or figure.pose.arms in ("point", "up"):
            draw_hand(figure, arm)
        draw_sleeve(figure, arm, figure.main, cut.sleeve)
        if not back and front_arms and arm is right and figure.pose.arms != "clasped":
            draw_hand(figure, arm)


def _half_torso(figure: Figure, cut: Cut) -> list[Knot]:
    """The right half from the neck down to the hem of the top."""
    s, y = figure.shoulders, figure.y
    neck = 0.155 if figure.female or figure.child else 0.195
    waist = {True: 0.385, False: 0.50}[figure.female] * (0.85 if figure.child else 1.0) + (
        0.16 if figure.stout else 0.0
    )
    chest = s - (0.10 if figure.female else 0.09)
    hip = waist + (0.16 if figure.female else 0.06)
    loose = 0.10 if cut.open_front or figure.outfit in ("hoodie", "sweater", "changshan") else 0.02
    hem = y(cut.length)
    flare = 0.12 if cut.length > 3.5 else 0.0
    return [
        (neck, 0.64, 1), (s * 0.62, 0.755), (s - 0.06, 0.84), (s + 0.01, 1.0), (chest + loose * 0.3, y(1.45)),
        (waist + loose, y(2.08)), (hip + loose if cut.length > 2.3 else waist + loose, y(min(2.75,
        cut.length - 0.02))), (hip + loose + flare if cut.length > 2.3 else waist + loose, hem, 1),
    ]  # fmt: skip


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


def _lower(figure: Figure, cut: Cut) -> None:
    dark_shoe = paint(mix(figure.main.dark, (36, 30, 34), 0.75))
    if cut.lower == "trousers":
        trousers = _trousers(figure)
        draw_legs(figure, trousers, dark_shoe)
        return
    if cut.lower == "skirt":
        draw_legs(figure, figure.second, dark_shoe, bare=True)
        _skirt(
            figure,
            figure.main if figure.outfit == "dress" else paint(mix(figure.main.base, (40, 40, 60), 0.35)),
            4.0,
            0.80,
            9,
        )
        return
    draw_legs(figure, figure.second, dark_shoe)
    slim = figure.outfit in ("qipao", "changshan")
    cloth = figure.second if figure.female and figure.outfit == "hanfu" else figure.main
    _skirt(figure, cloth, 5.95, 0.62 if slim else 0.98, 3 if slim else 7)
    if figure.outfit == "armour":
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


def _trousers(figure: Figure) -> Paint:
    if figure.outfit in ("suit", "uniform", "work", "school"):
        return paint(mix(figure.main.base, (26, 26, 36), 0.3))
    return paint(mix(figure.main.dark, (44, 48, 66), 0.65))


def _skirt(figure: Figure, cloth: Paint, length: float, flare: float, folds: int) -> None:
    b, y = figure.brush, figure.y
    waist = (0.40 if figure.female else 0.51) + (0.16 if figure.stout else 0.0)
    hem = y(length)
    outline = b.form(
        [(-waist, y(2.0), 1), (waist, y(2.0), 1), (waist + 0.12, y(2.8)), (flare * 0.86, y((2.8 + length) / 2)),
            (flare, hem, 1), (flare * 0.4, hem + 0.05), (0.0, hem + 0.02), (-flare * 0.5, hem + 0.06), (-flare, hem,
            1), (-flare * 0.86, y((2.8 + length) / 2)), (-waist - 0.12, y(2.8))],
        cloth.base, line=figure.line,
    )  # fmt: skip
    for i in range(folds):
        u = (i + 0.5) / folds * 2 - 1
        b.stroke(
            [(u * waist * 0.8, y(2.3)), (u * (waist + flare) / 2, y((2.3 + length) / 2)), (u * flare * 0.96, hem)],
            0.075 if folds < 8 else 0.05,
            cloth.dark,
            alpha=165,
            taper="start",
        )
    b.within(outline, [(-2, y(2)), (-waist * 0.45, y(2.2)), (-flare * 0.45, hem + 1), (-2, hem + 1)], cloth.dark, 90)
    if figure.outfit in ("hanfu", "armour"):
        b.within(
            outline,
            [(-2, hem - 0.16), (0, hem - 0.12), (2, hem - 0.16), (2, hem + 1), (-2, hem + 1)],
            figure.accent.base,
            170,
        )
    if figure.outfit == "changshan":
        b.stroke([(waist * 0.5, y(2.2)), (flare * 0.72, hem)], 0.014, cloth.dark, taper="none")


def _belt(figure: Figure, cut: Cut) -> None:
    b, y, accent = figure.brush, figure.y, figure.accent
    waist = (
        {True: 0.405, False: 0.52}[figure.female] + (0.16 if figure.stout else 0.0) + (0.08 if cut.open_front else 0)
    )
    high = 0.26 if figure.outfit == "hanfu" else 0.15
    top = y(1.98)
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
    if figure.outfit == "hanfu":
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
