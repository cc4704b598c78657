"""The technical look: whether a file can be used at all, whatever it shows.

It rejects what is certainly broken, since that is final and saves the next reviewer; what may be meant so only takes
from the score. Thresholds lie between what the built-in provider made of two whole episodes (40 pictures, 40 clips, 19
lines), which has to pass, and the same broken on purpose, which has not; each says what was measured.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.reviewing.clips import ClipLook
from aianime_pipeline.reviewing.lettering import Line, lettering_in
from aianime_pipeline.reviewing.opinion import FATAL, Finding, Opinion, opinion_of
from aianime_pipeline.reviewing.pictures import PictureLook, Pixels, look_at
from aianime_pipeline.reviewing.voices import VoiceLook
from aianime_pipeline.storyboard.speech_length import speech_ms

TECHNICAL = "technical"

MOST_OFF_SHAPE = 1.35
"""Times that the sides' ratio is off. 3:2 for 16:9, as vendors make it, is 1.19; a square is 1.78."""
LEAST_OF_SIDE = 1 / 3
"""Of the wanted side: 480p for 1080p, which people choose, is 0.44."""
BLACK_LUMA, BLACK_BRIGHTEST = 10.0, 40.0
"""Of 255. The darkest night of the two episodes: 38 and 93."""
LEAST_SPREAD = 3.0
"""Standard deviation of luma. The plainest of the pictures: 13."""
LEAST_SHARPNESS, SOFT = 0.22, 0.30
"""See PictureLook. The pictures: 0.93 to 1, their clips 0.69 to 1; blurred by a Gauss of 6 pixels 0.14 to 0.18, of 4
0.17 to 0.24; made from a quarter of the pixels a side 0.30 to 0.42."""
WIDE_LETTERING = 0.25
"""Of the picture's width: a line that is wider is no sign in the scene."""
MOST_BLACK = 0.5
"""Of a clip's frames."""
MOST_STILL, STILL_SECONDS = 0.6, 1.5
"""Share of a clip, and seconds, in which nothing moves. The slowest held camera: 0.24 and 0.83 s."""
LEAST_STEPS = 5.0
"""Pictures a second: drawn animation changes 8 times and more."""
LEAST_LENGTH, SHORT = 0.75, 0.95
"""Of the planned length. A vendor's longest clip may be short of the longest shot (10 s of 12: 0.83)."""
LEAST_DECODED = 0.9
"""Of the frames that the file says it has."""
LEAST_HEARD = 0.25
"""Of a line. The lines: 0.73 to 0.94."""
MOST_OVERDRIVEN = 0.01
"""Of the samples. The lines: none."""
SPOKEN = (0.4, 3.0)
"""Times the length that the text is expected to take. The lines: 0.67 to 1.48."""
_LONGER_BY_MS = 1500
_CUT_OFF_DB = 12.0
"""An ending that is so near the line's loudest is in the middle of a word. The lines end in silence."""

_MEANT_DARK = re.compile(r"黑屏|黑场|全黑|漆黑|black screen|fade to black|pitch[- ]dark|total darkness", re.IGNORECASE)
_MEANT_WRITTEN = re.compile(
    r"字幕|招牌|牌匾|匾额|告示|信纸|书页|碑|屏幕|横幅|海报|写着|刻着|"
    r"\b(?:caption|sign|plaque|letter|page|screen|banner|poster|headline|written|inscription)s?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Wanted:
    """What was asked for: sides in pixels, the planned length in seconds (0 for a picture), what is to be seen, in
    words."""

    width: int
    height: int
    seconds: float = 0.0
    description: str = ""

    @property
    def dark(self) -> bool:
        return _MEANT_DARK.search(self.description) is not None

    @property
    def written(self) -> bool:
        """Whether words may be in the picture."""
        return _MEANT_WRITTEN.search(self.description) is not None


def judge_picture(pixels: Pixels, wanted: Wanted) -> Opinion:
    look = look_at(pixels)
    findings = [*_sides(look.width, look.height, wanted), *_plain(look, wanted)]
    if not any(finding.fatal for finding in findings):
        findings += [*_sharpness(look.sharpness), *_lettering(lettering_in(pixels), wanted)]
    return opinion_of(TECHNICAL, findings)


def judge_video(look: ClipLook, wanted: Wanted, image: Pixels | None, sound: VoiceLook | None = None) -> Opinion:
    """`image` is the shot's image, from which the video comes: what is in it already is no fault of the video. `sound`
    is the clip's own, which many have none of: the film can do without it, so it never rejects."""
    findings = [*_sides(look.width, look.height, wanted), *_length(look, wanted)]
    if sound is not None and sound.overdriven > MOST_OVERDRIVEN:
        findings.append(Finding("distorted", _overdriven(sound), "no distortion in the sound", 25))
    begins_black = image is not None and _is_black(look_at(image))
    if look.black > MOST_BLACK and not (wanted.dark or begins_black):
        words = f"{look.black:.0%} of its frames are black"
        findings.append(Finding("black", words, "show the shot, do not fade to black", FATAL, fatal=True))
    elif not begins_black:
        findings += _movement(look)
    if not any(finding.fatal for finding in findings):
        findings += [*_sharpness(_usual_sharpness(look)), *_lettering(_new_lines(look, image), wanted)]
    return opinion_of(TECHNICAL, findings)


def judge_voice(look: VoiceLook | None, text: str) -> Opinion:
    """`text` is what is to be spoken; no look: there is no sound in the file."""
    if look is None or look.heard < LEAST_HEARD:
        heard = 0.0 if look is None else look.heard
        words = f"a voice is heard in {heard:.0%} of it"
        return opinion_of(TECHNICAL, [Finding("silent", words, "speak the line aloud", FATAL, fatal=True)])
    findings = []
    expected, least, most = speech_ms(text), SPOKEN[0], SPOKEN[1]
    seconds = f"it takes {look.milliseconds / 1000:.1f} s, {expected / 1000:.1f} s are usual for the text"
    if look.milliseconds < expected * least:
        findings.append(Finding("too_short", seconds, "speak the whole line, and slower", FATAL, fatal=True))
    elif look.milliseconds > expected * most and look.milliseconds > expected + _LONGER_BY_MS:
        findings.append(Finding("too_long", seconds, "speak faster, without long pauses", FATAL, fatal=True))
    if look.overdriven > MOST_OVERDRIVEN:
        changes = "speak less loud, without distortion"
        findings.append(Finding("distorted", _overdriven(look), changes, FATAL, fatal=True))
    if look.loudest - look.end < _CUT_OFF_DB:
        findings.append(Finding("cut_off", "it ends while somebody speaks", "let the last word end", 15))
    return opinion_of(TECHNICAL, findings)


def _overdriven(look: VoiceLook) -> str:
    return f"{look.overdriven:.0%} of the sound is overdriven"


def unreadable(error: UnreadableMediaError) -> Opinion:
    """Of a file that does not open."""
    return opinion_of(TECHNICAL, [Finding("unreadable", error.message, "make the file anew", 100, fatal=True)])


def _sides(width: int, height: int, wanted: Wanted) -> Iterator[Finding]:
    found, asked = f"{width}x{height}", f"{wanted.width}x{wanted.height}"
    shape, right = width / height, wanted.width / wanted.height
    if max(shape / right, right / shape) > MOST_OFF_SHAPE:
        yield Finding("wrong_shape", f"it is {found}, asked for was {asked}", f"fill {asked}", FATAL, fatal=True)
    elif min(width / wanted.width, height / wanted.height) < LEAST_OF_SIDE:
        yield Finding("too_small", f"it is {found}, asked for was {asked}", f"make it {asked}", FATAL, fatal=True)


def _plain(look: PictureLook, wanted: Wanted) -> Iterator[Finding]:
    if wanted.dark:
        return
    if _is_black(look):
        yield Finding("black", "it is black", "show the shot, with more light", FATAL, fatal=True)
    elif look.spread < LEAST_SPREAD:
        yield Finding("blank", "it is one plain colour", "draw the shot", FATAL, fatal=True)


def _is_black(look: PictureLook) -> bool:
    return look.luma < BLACK_LUMA and look.brightest < BLACK_BRIGHTEST


def _sharpness(sharpness: float | None) -> Iterator[Finding]:
    """Where there is no strong edge, as in mist, nothing is said."""
    if sharpness is None:
        return
    words = f"its edges are soft: a sharpness of {sharpness:.2f} of 1"
    if sharpness < LEAST_SHARPNESS:
        yield Finding("blurred", words, "draw it sharp, in focus", FATAL, fatal=True)
    elif sharpness < SOFT:
        yield Finding("blurred", words, "draw it sharper", 15)


def _usual_sharpness(look: ClipLook) -> float | None:
    """Of the middle of its frames: one that is blurred by movement says nothing."""
    found = sorted(one for frame in look.shown if (one := look_at(frame).sharpness) is not None)
    return found[len(found) // 2] if found else None


def _lettering(lines: list[Line], wanted: Wanted) -> Iterator[Finding]:
    if not lines:
        return
    words = f"words are in the picture: {'; '.join(map(str, lines))}"
    change = "no captions, no watermark, no written words"
    sure = (len(lines) > 1 or any(line.width > WIDE_LETTERING for line in lines)) and not wanted.written
    yield Finding("lettering", words, change, FATAL if sure else 20, fatal=sure)


def _new_lines(look: ClipLook, image: Pixels | None) -> list[Line]:
    """Lines that stay where they are from the middle of the clip to its end, and are not in its image already."""
    there = lettering_in(image) if image is not None else []
    middle, last = look.shown[len(look.shown) // 2], look.shown[-1]
    if there or not (lines := lettering_in(middle)):
        return []
    end = lettering_in(last)
    return [line for line in lines if any(line.crosses(other) for other in end)]


def _length(look: ClipLook, wanted: Wanted) -> Iterator[Finding]:
    if look.frames < look.promised * LEAST_DECODED:
        words = f"only {look.frames} of its {look.promised} frames decode"
        yield Finding("damaged", words, "make the video anew", FATAL, fatal=True)
        return
    share = look.seconds / wanted.seconds if wanted.seconds else 1.0
    words = f"it lasts {look.seconds:.1f} s, the shot {wanted.seconds:.1f} s"
    if share < LEAST_LENGTH:
        yield Finding("too_short", words, f"make it {wanted.seconds:.1f} s long", FATAL, fatal=True)
    elif share < SHORT:
        yield Finding("too_short", words, f"make it {wanted.seconds:.1f} s long", 10)


def _movement(look: ClipLook) -> Iterator[Finding]:
    share = look.still_seconds / look.seconds
    words = f"nothing moves for {look.still_seconds:.1f} of {look.seconds:.1f} s"
    if share >= MOST_STILL:
        yield Finding("frozen", words, "let the picture move", FATAL, fatal=True)
    elif look.repeats is not None:
        words = f"the same {look.repeats:.1f} s come again and again"
        yield Finding("repeated_frames", words, "let the movement go on to the end", FATAL, fatal=True)
    elif look.steps is not None and look.steps < LEAST_STEPS:
        words = f"the picture changes {look.steps:.1f} times a second"
        yield Finding("repeated_frames", words, "let the movement flow", FATAL, fatal=True)
    elif look.still_seconds >= STILL_SECONDS:
        yield Finding("frozen", words, "let the picture move all the time", 15)
