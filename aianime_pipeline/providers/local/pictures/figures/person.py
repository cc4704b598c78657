"""One person as the drawing needs it: numbers and colours taken from the frozen look, and how they stand now."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aianime_pipeline.providers.local.pictures.colours import RGB, from_hex, mix, shade
from aianime_pipeline.providers.local.pictures.shapes import Brush


@dataclass(frozen=True)
class Paint:
    """A surface's three cel colours."""

    base: RGB
    dark: RGB
    light: RGB


def paint(colour: RGB, depth: float = 0.3) -> Paint:
    return Paint(colour, shade(colour, depth), mix(colour, (255, 252, 244), 0.35))


@dataclass(frozen=True)
class Pose:
    """`turn` 0 faces the viewer, 1 is three quarters to the right. `arms` is a key of `arms.GESTURES`; `stance` is
    stand, walk, sit or kneel; `tilt` leans the head (radians, positive towards the way it faces), `lean` the body."""

    turn: float = 0.0
    expression: str = "calm"
    speaks: bool = False
    arms: str = "rest"
    back: bool = False
    gaze: float = 0.0
    stance: str = "stand"
    tilt: float = 0.0
    lean: float = 0.0
    bowed: bool = False


@dataclass(frozen=True)
class Figure:
    brush: Brush
    pose: Pose
    female: bool
    age: str
    era: str
    heads: float
    shoulders: float
    stout: bool
    skin: Paint
    hair: Paint
    hair_style: str
    bangs: str
    eyes: RGB
    eye_shape: str
    outfit: str
    main: Paint
    second: Paint
    accent: Paint
    accessories: tuple[str, ...]
    years: int = 20
    face: str = "oval"
    cloak: Paint | None = None
    towel: Paint = field(default_factory=lambda: paint((236, 235, 230), 0.2))

    @property
    def fine(self) -> bool:
        """Whether small detail can be seen at this size at all."""
        return self.brush.unit >= 56

    @property
    def stretch(self) -> float:
        return (self.heads - 1.0) / 5.6

    def y(self, height: float) -> float:
        """A height on a body of 6.6 heads, on this body."""
        return height if height < 0.5 else 0.5 + (height - 0.5) * self.stretch

    @property
    def child(self) -> bool:
        return self.age == "child"

    @property
    def man(self) -> bool:
        """Drawn with a man's face and frame: narrower eyes, a longer jaw, a thicker neck."""
        return not self.female and not self.child

    @property
    def line(self) -> float:
        return 0.016 if not self.fine else 0.012 if self.brush.unit < 400 else 0.0085


_YEARS = {"child": 8, "young": 20, "adult": 38, "elder": 68}


def _colour(value: object, instead: str) -> RGB:
    try:
        return from_hex(str(value))
    except ValueError:
        return from_hex(instead)


def _part(look: Mapping[str, object], key: str) -> Mapping[str, object]:
    part = look.get(key)
    return part if isinstance(part, Mapping) else {}


def _number(value: object, low: float, high: float, instead: float) -> float:
    return min(high, max(low, float(value))) if isinstance(value, int | float) and value == value else instead


def figure_of(look: Mapping[str, object], brush: Brush, pose: Pose) -> Figure:
    hair, outfit, build, eyes = (_part(look, key) for key in ("hair", "outfit", "build", "eyes"))
    worn = look.get("accessories")
    hair_colour = _colour(hair.get("colour"), "2a2731")
    return Figure(
        brush=brush,
        pose=pose,
        female=look.get("gender") == "female",
        age=str(look.get("age", "young")),
        era=str(look.get("era", "modern")),
        heads=_number(build.get("heads"), 4.0, 8.5, 6.6),
        shoulders=_number(build.get("shoulders"), 0.45, 1.2, 0.8),
        stout=build.get("frame") == "stout",
        skin=Paint(
            _colour(look.get("skin"), "fadcc8"),
            mix(_colour(look.get("skin"), "fadcc8"), (190, 98, 96), 0.36),
            mix(_colour(look.get("skin"), "fadcc8"), (255, 255, 250), 0.4),
        ),
        hair=Paint(hair_colour, mix(hair_colour, (16, 10, 30), 0.42), mix(hair_colour, (236, 226, 255), 0.36)),
        hair_style=str(hair.get("style", "short")),
        bangs=str(hair.get("bangs", "swept")),
        eyes=_colour(eyes.get("colour"), "6e4a32"),
        eye_shape=str(eyes.get("shape", "almond")),
        outfit=str(outfit.get("kind", "shirt")),
        main=paint(_colour(outfit.get("main"), "3f5f9c")),
        second=paint(_colour(outfit.get("second"), "e8e2d6")),
        accent=paint(_colour(outfit.get("accent"), "c9a24e")),
        accessories=tuple(str(a) for a in worn) if isinstance(worn, list | tuple) else (),
        years=round(_number(look.get("years"), 1, 120, _YEARS.get(str(look.get("age")), 20))),
        face=str(look.get("face", "oval")),
        cloak=paint(_colour(outfit.get("cloak"), "3a3644")) if outfit.get("cloak") else None,
        towel=paint(_colour(outfit.get("towel"), "ecebe6"), 0.2),
    )
