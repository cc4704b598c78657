"""Arithmetic with colours, as plain tuples of red, green and blue from 0 to 255."""

RGB = tuple[int, int, int]


def from_hex(text: str) -> RGB:
    """Six hexadecimal digits, with or without `#`. Raises ValueError."""
    digits = text.removeprefix("#")
    if len(digits) != 6:
        raise ValueError(f"not a colour: {text!r}")
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def mix(a: RGB, b: RGB, share: float) -> RGB:
    """`share` 0 gives `a`, 1 gives `b`."""
    t = min(1.0, max(0.0, share))
    return (round(a[0] + (b[0] - a[0]) * t), round(a[1] + (b[1] - a[1]) * t), round(a[2] + (b[2] - a[2]) * t))


def scaled(colour: RGB, factor: float) -> RGB:
    return tinted(colour, (factor, factor, factor))


def tinted(colour: RGB, factors: tuple[float, float, float]) -> RGB:
    r, g, b = (min(255, max(0, round(c * f))) for c, f in zip(colour, factors, strict=True))
    return r, g, b


def shade(colour: RGB, amount: float = 0.3) -> RGB:
    """Darker and a little cooler, as cel shadows are painted."""
    return mix(tinted(colour, (1 - amount, 1 - amount, 1 - amount * 0.75)), (46, 34, 78), amount * 0.35)


def line_of(colour: RGB) -> RGB:
    """The colour of the line around a surface: its own hue, nearly black."""
    return mix(tinted(colour, (0.38, 0.34, 0.40)), (28, 20, 38), 0.45)


def brightness(colour: RGB) -> float:
    """Perceived, 0 to 255 (Rec. 601 weights)."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def distance(a: RGB, b: RGB) -> float:
    """How unlike two colours look, weighted for the eye; 0 to about 765."""
    mean = (a[0] + b[0]) / 2
    dr, dg, db = a[0] - b[0], a[1] - b[1], a[2] - b[2]
    return float(((2 + mean / 256) * dr * dr + 4 * dg * dg + (2 + (255 - mean) / 256) * db * db) ** 0.5)
