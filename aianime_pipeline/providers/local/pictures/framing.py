"""How large a head is and where it is, for each framing and any shape of picture. Numbers only."""

from dataclasses import dataclass

from aianime_pipeline.storyboard.model import Framing


@dataclass(frozen=True)
class Lens:
    """`head` is a head's height as a share of the picture's; `eye` where the middle of the head is from the top.

    `feet` replaces `eye` where the whole figure is seen. `zoom` enlarges the place behind, `blur` (share of the
    picture's height) takes it out of focus, `seats` is how many people can be seen. `narrow` limits the head by the
    picture's width, for upright pictures.
    """

    head: float
    zoom: float
    blur: float
    seats: int
    narrow: float
    eye: float = 0.0
    feet: float = 0.0


LENSES: dict[Framing, Lens] = {
    Framing.EXTREME_CLOSE_UP: Lens(1.55, 1.9, 0.016, 1, 1.60, eye=0.36),
    Framing.CLOSE_UP: Lens(0.62, 1.6, 0.011, 2, 0.74, eye=0.50),
    Framing.MEDIUM_CLOSE_UP: Lens(0.42, 1.4, 0.0065, 2, 0.52, eye=0.41),
    Framing.OVER_SHOULDER: Lens(0.36, 1.35, 0.0055, 2, 0.46, eye=0.42),
    Framing.MEDIUM: Lens(0.285, 1.25, 0.0035, 3, 0.38, eye=0.34),
    Framing.MEDIUM_WIDE: Lens(0.200, 1.15, 0.002, 4, 0.30, eye=0.25),
    Framing.FULL: Lens(0.122, 1.10, 0.001, 5, 0.21, feet=0.945),
    Framing.WIDE: Lens(0.068, 1.06, 0.0, 6, 0.12, feet=0.885),
    Framing.VERY_WIDE: Lens(0.030, 1.03, 0.0, 6, 0.06, feet=0.865),
}

CLOSER = 1.22
"""What one wish of a reviewer for "closer" multiplies the head by."""


def head_height(framing: Framing, width: int, height: int, distance: int = 0, people: int = 1) -> float:
    """Pixels from the chin to the top of the skull."""
    lens = LENSES[framing]
    crowding = (
        1.0 if people < 2 or lens.feet else 1.0 / (1.0 + 0.28 * (people - 1) * max(0.35, min(1.0, height / width)))
    )
    return min(lens.head * height, lens.narrow * width) * crowding * CLOSER**distance


def head_middle(framing: Framing, height: int, head: float, heads: float) -> float:
    """Where the middle of the head is, in pixels from the top; `heads` is the figure's height in heads."""
    lens = LENSES[framing]
    if lens.feet:
        return max(lens.feet * height - (heads - 0.45) * head, head * 0.9)
    # The larger the head, the more of its top may leave the picture: the eyes must stay in the upper half.
    return max(lens.eye * height, min(0.5 * height, head * 0.80) if framing is not Framing.EXTREME_CLOSE_UP else 0.0)
