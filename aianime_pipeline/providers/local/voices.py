"""Which voice a character has: a frozen, JSON-ready choice made once, from the name and the description.

A voice holds `engine`, `variant` (espeak-ng's name for the timbre), `pitch` (0–100), `rate` (words a minute),
`gender` and `age`. The last two are for people, and for providers with voices of their own to choose from.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from aianime_pipeline.providers.local.looks import look_for

Gender = Literal["female", "male"]
Age = Literal["child", "young", "adult", "elder"]

ENGINE = "espeak-ng"

VARIANTS: Mapping[Gender, tuple[str, ...]] = {
    "female": ("f3", "f2", "f5", "belinda", "f1", "Annie", "Alicia", "f4", "linda"),
    "male": ("m3", "m7", "Gene2", "michel", "m5", "Alex", "miguel", "m1", "Nguyen", "m6"),
}
"""Timbres of espeak-ng 1.52 that speak Mandarin with all its tones, no echo and no clipping, the clearest first."""

_ELDERS: Mapping[Gender, tuple[str, ...]] = {
    "female": ("grandma", "aunty", "f1", "f4"),
    "male": ("grandpa", "m8", "m2", "m6"),
}
_CHILD_VARIANTS = ("linda", "belinda", "f5", "Alicia", "f3")

TIMBRES: frozenset[str] = frozenset(
    (*(name for of in (VARIANTS, _ELDERS) for names in of.values() for name in names), *_CHILD_VARIANTS, "m2")
)
"""Every one that a voice may have, the narrator's too."""

NARRATOR: Mapping[str, Any] = {
    "engine": ENGINE,
    "variant": "m2",
    "pitch": 50,
    "rate": 172,
    "gender": "male",
    "age": "adult",
}
"""Speaks what belongs to no character. No character gets its variant at this pitch."""

_PITCH: Mapping[tuple[Gender, Age], int] = {
    ("female", "child"): 72,
    ("male", "child"): 64,
    ("female", "young"): 58,
    ("male", "young"): 70,
    ("female", "adult"): 48,
    ("male", "adult"): 58,
    ("female", "elder"): 34,
    ("male", "elder"): 42,
}
_RATE: Mapping[Age, int] = {"child": 190, "young": 186, "adult": 180, "elder": 152}

_PITCH_STEPS = (0, 7, -7, 14, -12)
"""Tried in this order once every timbre is taken; seven steps are about a whole tone and a quarter."""


def voice_for(
    name: str,
    description: str = "",
    *,
    look: Mapping[str, Any] | None = None,
    taken: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """A voice for a character, of the gender and age that its look has: the frozen `look` where there is one, else the
    look that the same name and description would give, so that face and voice always agree.

    The same words give the same voice. It differs from every voice in `taken` by its timbre, and by its pitch when
    all the timbres are taken.
    """
    seen = look if look and "gender" in look and "age" in look else look_for("character", name, description)
    gender: Gender = seen["gender"]
    age: Age = seen["age"]
    offset = _chance(name, "variant")
    pool = _CHILD_VARIANTS if age == "child" else _ELDERS[gender] if age == "elder" else VARIANTS[gender]
    others = [(voice.get("variant"), int(voice.get("pitch", 0))) for voice in (*taken, NARRATOR)]
    usage = [variant for variant, _ in others]
    own = _PITCH[gender, age] + _chance(name, "pitch") % 9 - 4
    choices = [(pool[(offset + turn) % len(pool)], own + step) for step in _PITCH_STEPS for turn in range(len(pool))]

    def alike(choice: tuple[str, int]) -> tuple[bool, int]:
        variant, pitch = choice
        same = any(variant == other and abs(pitch - height) < 5 for other, height in others)
        return same, usage.count(variant)

    variant, pitch = min(choices, key=alike)
    rate = _RATE[age] + (-6, 0, 6)[_chance(name, "rate") % 3]
    return {"engine": ENGINE, "variant": variant, "pitch": pitch, "rate": rate, "gender": gender, "age": age}


def _chance(name: str, purpose: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{purpose}:{name}".encode()).digest()[:4], "big")
