"""The level of a coded film: the promise to players about how large and how fast its pictures are. Pure.

The tables are those of the standards, from the level on that 1080p at 24 frames a second needs; lower ones gain
nothing today. SVT-AV1 finds its level itself and must only be kept from what no level allows.
"""

from fractions import Fraction

from aianime_pipeline.errors import BadSettingError

H264_LEVELS = (
    # level, macroblocks a second, macroblocks a frame: ITU-T H.264, table A-1.
    ("4.1", 245_760, 8_192),
    ("4.2", 522_240, 8_704),
    ("5.0", 589_824, 22_080),
    ("5.1", 983_040, 36_864),
    ("5.2", 2_073_600, 36_864),
    ("6.0", 4_177_920, 139_264),
    ("6.1", 8_355_840, 139_264),
    ("6.2", 16_711_680, 139_264),
)
H265_LEVELS = (
    # level, luma samples a second, luma samples a frame: ITU-T H.265, tables A.8 and A.9 (main tier).
    ("4.0", 66_846_720, 2_228_224),
    ("4.1", 133_693_440, 2_228_224),
    ("5.0", 267_386_880, 8_912_896),
    ("5.1", 534_773_760, 8_912_896),
    ("5.2", 1_069_547_520, 8_912_896),
    ("6.0", 1_069_547_520, 35_651_584),
    ("6.1", 2_139_095_040, 35_651_584),
    ("6.2", 4_278_190_080, 35_651_584),
)
AV1_LEVELS = (
    # level, luma samples a second, luma samples a frame, width and height at most: AV1 specification, annex A.3.
    ("4.0", 70_778_880, 2_359_296, 6_144, 3_456),
    ("4.1", 141_557_760, 2_359_296, 6_144, 3_456),
    ("5.0", 267_386_880, 8_912_896, 8_192, 4_352),
    ("5.1", 534_773_760, 8_912_896, 8_192, 4_352),
    ("5.2", 1_069_547_520, 8_912_896, 8_192, 4_352),
    ("6.0", 1_069_547_520, 35_651_584, 16_384, 8_704),
    ("6.1", 2_139_095_040, 35_651_584, 16_384, 8_704),
    ("6.2", 4_278_190_080, 35_651_584, 16_384, 8_704),
)


def level_for(width: int, height: int, rate: Fraction) -> str:
    """The lowest H.264 level from 4.1 up that allows this size at this rate. Raises BadSettingError if none does."""
    across, down = -(-width // 16), -(-height // 16)
    for level, per_second, per_frame in H264_LEVELS:
        if _allows(across, down, rate, per_second, per_frame):
            return level
    raise _too_large("H.264", width, height, rate)


def h265_level_for(width: int, height: int, rate: Fraction) -> str:
    """The lowest H.265 level from 4.0 up that allows this size at this rate. Raises BadSettingError if none does."""
    # Samples are counted in whole blocks of 8, the smallest that the coded picture may be made of.
    across, down = -(-width // 8) * 8, -(-height // 8) * 8
    for level, per_second, per_frame in H265_LEVELS:
        if _allows(across, down, rate, per_second, per_frame):
            return level
    raise _too_large("H.265", width, height, rate)


def av1_level_for(width: int, height: int, rate: Fraction) -> str:
    """The lowest AV1 level from 4.0 up that allows this size at this rate. Raises BadSettingError if none does."""
    for level, per_second, per_frame, widest, highest in AV1_LEVELS:
        small = width <= widest and height <= highest and width * height <= per_frame
        if small and width * height * rate <= per_second:
            return level
    raise _too_large("AV1", width, height, rate)


def _allows(across: int, down: int, rate: Fraction, per_second: int, per_frame: int) -> bool:
    """Both standards bound the picture, the pictures of a second, and its longer side: by the root of 8 pictures."""
    longest_side = max(across, down) ** 2 <= 8 * per_frame
    return across * down <= per_frame and across * down * rate <= per_second and longest_side


def _too_large(standard: str, width: int, height: int, rate: Fraction) -> BadSettingError:
    return BadSettingError(
        f"No {standard} level allows {width}x{height} at {rate} frames a second; take a smaller size or a lower rate."
    )
