"""How a line is said: what an emotion, and a reviewer's words on the take before, change in a voice. Data and a lookup.

| emotion (any of its words, Chinese or English) | rate | pitch | range | level |
| --- | --- | --- | --- | --- |
| angry | ×1.10 | +5 | ×1.25 | +2 dB |
| afraid | ×1.12 | +8 | ×0.9 | −1 dB |
| excited, happy | ×1.06 | +6 | ×1.2 | +1 dB |
| surprised | ×1.04 | +9 | ×1.3 | +1 dB |
| sad | ×0.86 | −6 | ×0.7 | −2 dB |
| whispering | ×0.92 | −4 | ×0.6 | −4 dB |
| cold, stern | ×0.95 | −5 | ×0.75 | 0 dB |
| gentle, calm | ×0.94 | −1 | ×0.9 | −1 dB |

Pitch counts in espeak-ng's steps (ten are about two semitones); range is how far the melody goes up and down.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Delivery:
    """`rate` and `range` are factors, `pitch` is added, `level_db` is added to the loudness."""

    rate: float = 1.0
    pitch: int = 0
    range: float = 1.0
    level_db: float = 0.0
    name: str = "neutral"


_EMOTIONS: tuple[tuple[str, Delivery], ...] = (
    (
        r"低声|小声|轻声|耳语|悄|喃喃|whisper|murmur|quietly|under (?:his|her) breath",
        Delivery(0.92, -4, 0.6, -4, "whispering"),
    ),
    (r"怒|气愤|愤|吼|咆哮|咬牙|暴躁|angr|furious|rage|shout|yell", Delivery(1.10, 5, 1.25, 2, "angry")),
    (
        r"恐|惧|害怕|惊慌|慌|颤|紧张|afraid|scared|fear|panic|terrif|nervous|trembl",
        Delivery(1.12, 8, 0.9, -1, "afraid"),
    ),
    (r"惊讶|吃惊|震惊|惊|诧|surpris|shock|astonish|amaz", Delivery(1.04, 9, 1.3, 1, "surprised")),
    (
        r"悲|伤|哀|哭|泣|哽咽|难过|失落|绝望|疲惫|sad|cry|sob|grie|sorrow|tear|tired|despair",
        Delivery(0.86, -6, 0.7, -2, "sad"),
    ),
    (
        r"喜|高兴|开心|快乐|欢|笑|兴奋|激动|得意|happy|joy|glad|laugh|excit|cheer|smil",
        Delivery(1.06, 6, 1.2, 1, "happy"),
    ),
    (r"冷|严肃|严厉|威严|平淡|cold|stern|serious|flat|solemn", Delivery(0.95, -5, 0.75, 0, "stern")),
    (r"温柔|柔|平静|温和|安慰|calm|gentl|soft|tender|warm|sooth", Delivery(0.94, -1, 0.9, -1, "gentle")),
)

_WISHES: tuple[tuple[str, Delivery], ...] = (
    (r"太快|慢一?[点些]|放慢|语速慢|too fast|slower|slow down", Delivery(rate=0.85)),
    (r"太慢|快一?[点些]|加快|语速快|too slow|faster|speed up", Delivery(rate=1.15)),
    (r"太尖|太高|低沉|声音低|too high|lower|deeper", Delivery(pitch=-10)),
    (r"太低|太沉|声音高|too low|higher|brighter", Delivery(pitch=10)),
    (r"太平|没有?感情|平淡|flat|monoton|lifeless|more emotion|expressive", Delivery(range=1.3)),
    (r"太夸张|夸张|exaggerat|overact|too dramatic|less emotion", Delivery(range=0.7)),
)


def delivery_of(emotion: str, feedback: str = "") -> Delivery:
    """The delivery for an emotion in free words (the first row that any word fits; neutral for others), changed by
    what a reviewer asked for."""
    said = next((delivery for words, delivery in _EMOTIONS if re.search(words, emotion, re.IGNORECASE)), Delivery())
    for words, wish in _WISHES:
        if re.search(words, feedback, re.IGNORECASE):
            said = Delivery(
                said.rate * wish.rate, said.pitch + wish.pitch, said.range * wish.range, said.level_db, said.name
            )
    return said
