"""Who stands where, how they stand, and what they hold: decided here, drawn in `composition.py`."""

from dataclasses import dataclass, replace

from aianime_pipeline.providers.local.pictures.figures.cutout import Spot
from aianime_pipeline.providers.local.pictures.figures.person import Pose
from aianime_pipeline.providers.local.pictures.figures.skirts import STANCE_DROP
from aianime_pipeline.providers.local.pictures.framing import LENSES, head_height, head_middle
from aianime_pipeline.providers.local.pictures.reading import Person, Reading
from aianime_pipeline.providers.local.pictures.seeding import dice, digest_number
from aianime_pipeline.providers.local.pictures.things import STANDS
from aianime_pipeline.storyboard.model import Framing


@dataclass(frozen=True)
class Placed:
    person: Person
    spot: Spot
    pose: Pose
    depth: float = 0.0
    blur: float = 0.0
    """Pixels."""
    shadow: float = 0.0
    holds: str | None = None


_SEATS: dict[int, tuple[float, ...]] = {1: (0.5,), 2: (0.31, 0.69), 3: (0.21, 0.5, 0.79), 4: (0.15, 0.385, 0.615,
    0.85), 5: (0.12, 0.31, 0.5, 0.69, 0.88), 6: (0.1, 0.26, 0.42, 0.58, 0.74, 0.9)}  # fmt: skip


def stage_people(reading: Reading, framing: Framing, width: int, height: int) -> list[Placed]:
    """Everybody in the picture, the farthest first."""
    people = _cast(reading, LENSES[framing].seats)
    if not people:
        return []
    if framing is Framing.OVER_SHOULDER:
        return _over_shoulder(reading, people, width, height)
    if framing is Framing.CLOSE_UP and len(people) == 2:
        return _close_with_listener(reading, people, width, height)
    return _in_line(reading, framing, people, width, height)


def _cast(reading: Reading, seats: int) -> list[Person]:
    """The speaker first, then in the order of the brief."""
    return sorted(reading.people, key=lambda person: not person.speaks)[:seats]


def _in_line(reading: Reading, framing: Framing, people: list[Person], width: int, height: int) -> list[Placed]:
    rng = dice("line", reading.seed)
    main = people[0]
    # The side on which somebody stands depends on the name only: it holds through a whole dialogue.
    order = sorted(people, key=lambda person: digest_number("side", person.name))
    head = head_height(framing, width, height, reading.wishes.distance, len(people))
    tight = 1.0
    if LENSES[framing].feet and width > height:
        # On a jetty there is room in the middle only.
        tight = 0.42 if reading.place == "river" else 0.62
    tallest = max(stature(person) for person in people)
    placed = []
    for person, seat in zip(order, _SEATS[len(order)], strict=True):
        share = 0.5 + (seat - 0.5) * (tight if len(order) > 1 else 1.0)
        x = width * share + _step_aside(rng.random(), width, height, len(order))
        size = head * (1.0 if person is main else 0.94) * head_scale(person)
        spot = Spot(
            x,
            _head_place(person, framing, height, head, size, tallest),
            size,
            mirror=_faces_left(x, width, len(order), rng.random()),
        )
        turn = rng.uniform(0.35, 0.6) if len(order) == 1 else rng.uniform(0.55, 0.8)
        placed.append(_posed(reading, framing, person, spot, turn, main))
    return sorted(placed, key=lambda p: (p.person is main, p.spot.head))


def head_scale(person: Person) -> float:
    """A child's head is a little smaller than a grown one's."""
    return 0.88 if person.look.get("age") == "child" else 1.0


def stature(person: Person) -> float:
    """Height of the middle of the head above the floor, in grown head heights, in the stance of the shot."""
    drop = STANCE_DROP.get(person.bearing.stance, 0.0) * (heads_of(person) - 1.0) / 5.6
    return (heads_of(person) - 0.45 - drop) * head_scale(person)


LOWEST = 1.15
"""Heads by which a small, sitting or kneeling person's head is lower in framings without feet: all of the real
difference would leave the picture."""


def _head_place(person: Person, framing: Framing, height: int, head: float, size: float, tallest: float) -> float:
    if LENSES[framing].feet:
        drop = STANCE_DROP.get(person.bearing.stance, 0.0) * (heads_of(person) - 1.0) / 5.6
        return head_middle(framing, height, size, heads_of(person) - drop)
    below = min(LOWEST, max(0.0, tallest - stature(person)))
    alone = 0.20 if person.look.get("age") == "child" else 0.0
    if framing in (Framing.EXTREME_CLOSE_UP, Framing.CLOSE_UP):
        below, alone = below * 0.3, 0.0
    place = head_middle(framing, height, size, heads_of(person)) + max(below, alone) * head
    return max(head_middle(framing, height, size, heads_of(person)), min(place, height * 0.96 - size * 0.85))


def _step_aside(chance: float, width: int, height: int, people: int) -> float:
    """How far from their seat somebody stands in this take, in pixels. Alone one stands off the middle, never in it."""
    if people > 1:
        return (chance - 0.5) * 0.07 * width
    reach = 0.15 if width > height else 0.07
    return (chance * 2 - 1) * reach * width


def _faces_left(x: float, width: int, people: int, chance: float) -> bool:
    if people == 1:
        return x > width * 0.52 if abs(x - width / 2) > width * 0.02 else chance < 0.5
    return x > width / 2


def heads_of(person: Person) -> float:
    build = person.look.get("build")
    heads = build.get("heads") if isinstance(build, dict) else None
    return float(heads) if isinstance(heads, int | float) else 6.6


def _posed(reading: Reading, framing: Framing, person: Person, spot: Spot, turn: float, main: Person) -> Placed:
    rng = dice("pose", reading.seed, person.name)
    close = framing in (Framing.EXTREME_CLOSE_UP, Framing.CLOSE_UP)
    holds = None if close else _held_by(reading, person, person is main)
    seen_whole = framing in (
        Framing.MEDIUM,
        Framing.MEDIUM_WIDE,
        Framing.FULL,
        Framing.WIDE,
        Framing.VERY_WIDE,
    )
    if framing in (Framing.EXTREME_CLOSE_UP,):
        turn = turn * 0.3
    said = person.bearing
    arms = said.arms or _arms(reading, person)
    if holds:
        arms = said.arms if said.arms in HOLDING else "carry" if holds in HUNG_FROM_HAND else "raised"
    elif said.stance == "sit" and not said.arms:
        arms = "lap"
    bowed = said.bowed or (person.expression in ("shy", "sad") and rng.random() < 0.4)
    pose = Pose(
        turn=turn,
        expression=person.expression,
        speaks=person.speaks,
        arms=arms,
        back=reading.back_view and seen_whole,
        gaze=0.35,
        stance=said.stance,
        tilt=rng.uniform(-0.045, 0.06) + (0.07 if bowed else 0.0),
        lean=0.05 if said.stance == "walk" else 0.03 if arms == "reach" else 0.0,
        bowed=bowed,
    )
    return Placed(person, spot, pose, holds=holds)


HOLDING = ("lift", "carry", "reach", "chest", "offer")
HUNG_FROM_HAND = ("bag", "box", "lantern", "bell")
"""Things carried by a handle or a cord, at the side."""


def _held_by(reading: Reading, person: Person, main: bool) -> str | None:
    """The main person holds what the shot names; everybody else, and who has nothing new, what they always carry."""
    return (held_thing(reading) if main else None) or person.carries or None


def held_thing(reading: Reading) -> str | None:
    if reading.dropped:
        return None
    never = (*NEVER_HELD, "torch") if reading.crowd else NEVER_HELD
    return next((thing for thing in reading.things if STANDS[thing] == "held" and thing not in never), None)


NEVER_HELD = ("plaque",)
"""Things that hang or lie where a description names them beside people; a crowd's torches are the crowd's."""

_SPOKEN: dict[str, tuple[str, ...]] = {
    "angry": ("point", "fist", "hip"), "crying": ("chest", "reach"), "sad": ("clasped", "chest", "rest"),
    "afraid": ("chest", "reach"), "surprised": ("chest", "open"), "laughing": ("open", "offer"),
    "happy": ("offer", "open", "clasped"), "cold": ("folded", "behind"), "shy": ("clasped", "chest"),
    "determined": ("fist", "offer"), "worried": ("clasped", "offer", "chest"), "tired": ("rest",), "calm": ("offer",
        "rest", "clasped"),
}  # fmt: skip
"""Gestures while speaking, by feeling."""


def _arms(reading: Reading, person: Person) -> str:
    rng = dice("arms", reading.seed, person.name)
    female, ancient = person.look.get("gender") == "female", person.look.get("era") == "ancient"
    if person.speaks and rng.random() < 0.75:
        return rng.choice(_SPOKEN.get(person.expression, ("rest",)))
    if person.expression in ("surprised", "afraid", "shy", "crying") and rng.random() < 0.7:
        return "chest"
    if person.expression in ("cold", "determined") and rng.random() < 0.5:
        return "folded"
    if ancient:
        return rng.choice(("clasped", "clasped", "rest")) if female else rng.choice(("behind", "rest", "folded"))
    return rng.choice(("rest", "rest", "clasped", "chest")) if female else rng.choice(("rest", "folded", "hip"))


def _over_shoulder(reading: Reading, people: list[Person], width: int, height: int) -> list[Placed]:
    """The speaker faces the viewer; the other one's back is large, dark and soft in front."""
    main = people[0]
    listener = people[1] if len(people) > 1 else anonymous(reading, main)
    left = (
        digest_number("side", listener.name) < digest_number("side", main.name)
        if len(people) > 1
        else bool(reading.seed % 2)
    )
    upright = height > width
    head = head_height(Framing.OVER_SHOULDER, width, height, reading.wishes.distance)
    tallest = max(stature(main), stature(listener))
    size = head * head_scale(main)
    facing = Spot(
        width * ((0.66 if upright else 0.62) if left else (0.34 if upright else 0.38)),
        _head_place(main, Framing.OVER_SHOULDER, height, head * 0.6, size, tallest),
        size,
        mirror=left,
    )
    big = min(0.70 * height, 0.66 * width) * head_scale(listener)
    x = width * (0.05 if upright else 0.17) if left else width * (0.95 if upright else 0.83)
    low = min(0.22, 0.10 * max(0.0, tallest - stature(listener)))
    back = Spot(x, height * ((0.68 if upright else 0.60) + low), big, mirror=not left)
    placed = _posed(reading, Framing.OVER_SHOULDER, main, facing, 0.55, main)
    return [replace(placed, holds=None), Placed(listener, back, Pose(back=True), blur=height * 0.006, shadow=0.42)]


def anonymous(reading: Reading, beside: Person) -> Person:
    """Somebody who is spoken to but not named: dark, plain, of the scene's era."""
    look: dict[str, object] = {
        "gender": "male" if beside.look.get("gender") == "female" else "female", "age": "young", "era": reading.era,
        "skin": "efc6a8",
        "hair": {"colour": "24222c", "style": "half_up" if reading.era == "ancient" else "short", "bangs": "swept"},
        "outfit": {"kind": "hanfu" if reading.era == "ancient" else "coat", "main": "3c4456", "second": "5a6070",
        "accent": "6a5a50"},
        "build": {"heads": 6.7, "shoulders": 0.82, "frame": "usual"}, "accessories": [],
    }  # fmt: skip
    return Person("", look, "calm", False)


def _close_with_listener(reading: Reading, people: list[Person], width: int, height: int) -> list[Placed]:
    """One face near, the other smaller and out of focus behind."""
    main, other = people[0], people[1]
    right = digest_number("side", main.name) > digest_number("side", other.name)
    head = head_height(Framing.CLOSE_UP, width, height, reading.wishes.distance)
    rng = dice("close", reading.seed)
    x = width * ((0.60 if right else 0.40) + rng.uniform(-0.03, 0.03))
    near = Spot(x, head_middle(Framing.CLOSE_UP, height, head, 6.6), head, mirror=right)
    far = Spot(width * (0.16 if right else 0.84), height * 0.46, head * 0.56 * head_scale(other), mirror=not right)
    placed = _posed(reading, Framing.CLOSE_UP, main, near, rng.uniform(0.45, 0.65), main)
    return [
        Placed(other, far, Pose(turn=0.7, expression=other.expression), depth=0.16, blur=height * 0.006),
        placed,
    ]
