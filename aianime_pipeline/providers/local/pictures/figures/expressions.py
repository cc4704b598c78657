"""Feelings as numbers of a face."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expression:
    """`lid` is how open the eyes are, `inner` and `outer` lift the ends of the brows,
    `curve` bends the mouth upward."""

    lid: float = 1.0
    inner: float = 0.0
    outer: float = 0.0
    squint: float = 0.0
    iris: float = 1.0
    mouth: str = "line"
    curve: float = 0.02
    blush: int = 0
    tears: bool = False
    gaze: float = 0.0


EXPRESSIONS: dict[str, Expression] = {
    "calm": Expression(curve=0.022),
    "happy": Expression(lid=0.95, outer=-0.01, inner=0.015, squint=0.3, mouth="smile", curve=0.05, blush=70),
    "laughing": Expression(lid=0.0, inner=0.03, outer=0.0, squint=0.4, mouth="laugh", curve=0.06, blush=80),
    "sad": Expression(lid=0.72, inner=0.06, outer=-0.03, mouth="line", curve=-0.03, gaze=0.25),
    "crying": Expression(lid=0.66, inner=0.075, outer=-0.035, mouth="tremble", curve=-0.03, blush=90, tears=True),
    "angry": Expression(lid=0.8, inner=-0.075, outer=0.045, iris=0.86, mouth="grit", curve=-0.03),
    "afraid": Expression(lid=1.16, inner=0.07, outer=-0.005, iris=0.68, mouth="tremble", curve=-0.02),
    "surprised": Expression(lid=1.18, inner=0.06, outer=0.05, iris=0.78, mouth="gasp"),
    "cold": Expression(lid=0.66, inner=-0.025, outer=0.0, mouth="line", curve=-0.012),
    "shy": Expression(lid=0.74, inner=0.04, outer=-0.01, mouth="line", curve=0.025, blush=150, gaze=0.3),
    "determined": Expression(lid=0.88, inner=-0.05, outer=0.025, iris=0.95, mouth="line", curve=-0.012),
    "tired": Expression(lid=0.5, inner=0.03, outer=-0.03, mouth="line", curve=-0.015),
    "worried": Expression(lid=0.95, inner=0.05, outer=-0.02, iris=0.92, mouth="line", curve=-0.024),
    "asleep": Expression(lid=0.0, inner=0.02, outer=0.0, mouth="line", curve=0.012),
}
