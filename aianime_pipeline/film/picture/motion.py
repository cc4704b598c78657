"""A camera move over a still picture: where the camera stands in every frame, and the frames themselves.

The path is pure arithmetic on `CameraPose`; `MovingStill` warps the Y, U and V planes of the picture along it, so
that no frame is ever converted between colour spaces. Positions are sub-pixel: a crop filter in whole pixels
trembles visibly at the speeds of a slow push. OpenCV is imported where it works: a film of videos does without its
fifteen megabytes.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.film.stills import opened_still
from aianime_pipeline.storyboard.model import CameraMove

Plane = NDArray[np.uint8]

_RAMP = 0.3
"""Share of the shot in which the camera gets up to speed, and the same again in which it comes to rest."""

_DENSITY = 1.5
"""Pixels of the working picture for one pixel of the frame. With 1, linear interpolation lets lines go soft and sharp
again as they drift across pixels; 2 costs half as much time again and trembles more (0.12 px against 0.05)."""

_NEARLY = 1.1
"""A picture whose shape differs by less than this factor is cropped a little rather than given thin bars."""

_BLACK, _NEUTRAL = 16, 128
"""Luma and chroma of black in tv range."""


@dataclass(frozen=True)
class CameraPose:
    """Where the camera stands. `x`, `y` is the centre of the frame, from the picture's centre, in widths and heights
    of the largest crop (right and down are positive); `zoom` 1 shows the largest crop; `degrees` turn clockwise."""

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0
    degrees: float = 0.0


@dataclass(frozen=True)
class CameraPath:
    """From pose to pose; `arc` lifts the middle of the way by that many heights of the largest crop."""

    start: CameraPose
    end: CameraPose
    arc: float = 0.0

    def at(self, progress: float) -> CameraPose:
        """The pose after `progress` (0 to 1, already eased) of the way. Zoom grows by equal factors, as the eye
        reads speed from the factor and not from the difference."""
        start, end = self.start, self.end
        return CameraPose(
            x=start.x + (end.x - start.x) * progress,
            y=start.y + (end.y - start.y) * progress - self.arc * 4 * progress * (1 - progress),
            zoom=start.zoom * (end.zoom / start.zoom) ** progress,
            degrees=start.degrees + (end.degrees - start.degrees) * progress,
        )


def eased(time: float) -> float:
    """Share of the way at a share of the time, 0 to 1: at rest at both ends, an even speed between."""
    if time > 0.5:
        return 1.0 - eased(1.0 - time)
    speed = 1.0 / (1.0 - _RAMP)
    if time >= _RAMP:
        return speed * (time - _RAMP / 2)
    ramp = max(time, 0.0) / _RAMP
    return speed * _RAMP * (ramp**3 - ramp**4 / 2)


def camera_path(move: CameraMove, *, seed: int = 0, travel: float = 1.0) -> CameraPath:
    """The way of a camera move. `travel` 1 is the usual length of way, 0.5 half of it (0.1 to 2 is used).

    The seed varies the length by a tenth and chooses the side where the move itself names none, so that neighbouring
    shots with one move are not copies of each other. HOLD drifts by 0.3 % over the whole shot: at 1080p an edge moves
    by three pixels, which is felt and not seen.
    """
    chance = random.Random(f"{move.value}:{seed}")
    way = min(max(travel, 0.1), 2.0) * chance.uniform(0.9, 1.1)
    side = chance.choice((-1.0, 1.0))
    near = 1.0 + 0.16 * way
    shift = 0.075 * way
    # A shift needs that much of the picture left over on both sides.
    roomy = 1.0 / (1.0 - 2 * shift) + 0.005
    match move:
        case CameraMove.HOLD:
            return CameraPath(CameraPose(zoom=1.008), CameraPose(zoom=1.008 * (1 + 0.003 * way)))
        case CameraMove.PUSH:
            return CameraPath(CameraPose(zoom=1.004), CameraPose(side * 0.01 * way, -0.02 * way, near))
        case CameraMove.PULL:
            return CameraPath(CameraPose(side * 0.01 * way, -0.02 * way, near), CameraPose(zoom=1.004))
        case CameraMove.PAN_LEFT:
            return CameraPath(CameraPose(x=shift, zoom=roomy), CameraPose(x=-shift, zoom=roomy))
        case CameraMove.PAN_RIGHT:
            return CameraPath(CameraPose(x=-shift, zoom=roomy), CameraPose(x=shift, zoom=roomy))
        case CameraMove.TILT_UP:
            return CameraPath(CameraPose(y=shift, zoom=roomy), CameraPose(y=-shift, zoom=roomy))
        case CameraMove.TILT_DOWN:
            return CameraPath(CameraPose(y=-shift, zoom=roomy), CameraPose(y=shift, zoom=roomy))
        case CameraMove.FOLLOW:
            near = roomy * (1 + 0.05 * way)
            return CameraPath(CameraPose(x=-side * shift, zoom=roomy), CameraPose(x=side * shift, zoom=near))
        case CameraMove.ORBIT:
            turn = 1.4 * way
            return CameraPath(
                CameraPose(-side * shift / 2, 0.0, roomy * 1.04, -side * turn),
                CameraPose(side * shift / 2, 0.0, roomy * 1.07, side * turn),
                arc=0.012 * way,
            )
        case CameraMove.RISE:
            return CameraPath(CameraPose(y=shift, zoom=roomy * (1 + 0.07 * way)), CameraPose(y=-shift, zoom=roomy))
        case CameraMove.LOWER:
            return CameraPath(CameraPose(y=-shift, zoom=roomy * (1 + 0.07 * way)), CameraPose(y=shift, zoom=roomy))


def frame_matrix(pose: CameraPose, source: tuple[int, int], frame: tuple[int, int]) -> NDArray[np.float64]:
    """The 2×3 matrix from a point of the frame to its point in the picture, both in pixels counted from the middle of
    the first one. `source` and `frame` are (width, height). A pose that would show an edge is moved and brought
    nearer just as much as needed."""
    scale = min(source[0] / frame[0], source[1] / frame[1])
    angle = math.radians(pose.degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    # Half the box that the turned frame takes up in the picture.
    half_x = scale * (abs(cos) * frame[0] + abs(sin) * frame[1]) / 2
    half_y = scale * (abs(sin) * frame[0] + abs(cos) * frame[1]) / 2
    zoom = max(pose.zoom, 2 * half_x / source[0], 2 * half_y / source[1])
    half_x, half_y, step = half_x / zoom, half_y / zoom, scale / zoom
    middle_x = source[0] / 2 + pose.x * scale * frame[0]
    middle_y = source[1] / 2 + pose.y * scale * frame[1]
    middle_x = min(max(middle_x, half_x), source[0] - half_x)
    middle_y = min(max(middle_y, half_y), source[1] - half_y)
    a, b = step * cos, -step * sin
    offset_x, offset_y = (frame[0] - 1) / 2, (frame[1] - 1) / 2
    return np.array(
        [
            [a, b, middle_x - 0.5 - a * offset_x - b * offset_y],
            [-b, a, middle_y - 0.5 + b * offset_x - a * offset_y],
        ]
    )


@dataclass(frozen=True)
class MovingStill:
    """A camera move of `frames` frames over a picture that is read once, however many pieces show a part of it.
    `box` is where the picture lies in the frame: left, top, width, height; bars are black."""

    planes: tuple[Plane, Plane, Plane]
    path: CameraPath
    width: int
    height: int
    frames: int
    box: tuple[int, int, int, int]

    def shown(self, first: int = 0, count: int | None = None) -> Iterator[memoryview]:
        """`count` frames of the move from `first` on, one at a time: yuv420p, BT.709, limited ("tv") range. However
        the move is cut into parts, they fit together."""
        last = self.frames - 1
        for index in range(first, self.frames if count is None else first + count):
            yield self._frame(self.path.at(eased(min(index / last, 1.0) if last else 0.0)))

    def _frame(self, pose: CameraPose) -> memoryview:
        luma, *chroma = self.planes
        left, top, width, height = self.box
        matrix = frame_matrix(pose, (luma.shape[1], luma.shape[0]), (width, height))
        size = self.width * self.height
        if (width, height) == (self.width, self.height):
            frame = np.empty(size * 3 // 2, np.uint8)
        else:
            frame = np.full(size * 3 // 2, _NEUTRAL, np.uint8)
            frame[:size] = _BLACK
        whole = frame[:size].reshape(self.height, self.width)
        _warp(luma, matrix, whole[top : top + height, left : left + width])
        half = (slice(top // 2, (top + height) // 2), slice(left // 2, (left + width) // 2))
        for index, plane in enumerate(chroma):
            begin = size + index * size // 4
            whole = frame[begin : begin + size // 4].reshape(self.height // 2, self.width // 2)
            _warp(plane, _chroma_matrix(matrix), whole[half])
        return frame.data


def open_still(
    picture: Path,
    move: CameraMove,
    *,
    width: int,
    height: int,
    frames: int,
    seed: int = 0,
    travel: float = 1.0,
    bars: bool = False,
) -> MovingStill:
    """Read a picture for a camera move of `frames` frames. One of another shape is cropped to fill the frame; with
    `bars`, one whose shape is far from the frame's is shown whole between bars.

    Raises BadInputError for a size that 4:2:0 cannot have and for less than one frame, UnreadableMediaError for a
    picture that cannot be read.
    """
    if width < 2 or height < 2 or width % 2 or height % 2:
        raise BadInputError(
            f"A video of {width}×{height} pixels cannot be made: both numbers must be even and at least 2.",
            width=width,
            height=height,
        )
    if frames < 1:
        raise BadInputError(f"A camera move of {frames} frames cannot be made: it needs at least 1.", frames=frames)
    path = camera_path(move, seed=seed, travel=travel)
    rgb = _read(picture)
    box = _box(rgb.shape[1], rgb.shape[0], width, height) if bars else (0, 0, width, height)
    planes = _planes(rgb, box[2], box[3], nearest=max(path.start.zoom, path.end.zoom))
    return MovingStill(planes, path, width, height, frames, box)


def moving_still(
    picture: Path, move: CameraMove, *, width: int, height: int, frames: int, seed: int = 0, travel: float = 1.0
) -> Iterator[memoryview]:
    """All frames of a camera move over `picture`, as `MovingStill.shown` gives them. Raises as `open_still` does."""
    return open_still(picture, move, width=width, height=height, frames=frames, seed=seed, travel=travel).shown()


def _box(has_width: int, has_height: int, width: int, height: int) -> tuple[int, int, int, int]:
    """Where a picture lies whole in the frame, on even pixels; the frame itself where the shapes nearly agree."""
    shape = has_width * height / (has_height * width)
    if 1 / _NEARLY < shape < _NEARLY:
        return 0, 0, width, height
    wide, high = (width, round(height / shape)) if shape > 1 else (round(width * shape), height)
    wide, high = max(2, wide // 2 * 2), max(2, high // 2 * 2)
    return (width - wide) // 4 * 2, (height - high) // 4 * 2, wide, high


def _chroma_matrix(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """From a chroma sample of the frame (MPEG siting: on every second luma column, between two rows) to one of the
    picture (in the middle of four pixels)."""
    linear, offset = matrix[:, :2], matrix[:, 2]
    moved = linear @ np.array([0.0, 0.5]) + offset
    return np.column_stack([linear, (moved - 0.5) / 2])


def _warp(plane: Plane, matrix: NDArray[np.float64], into: Plane) -> None:
    import cv2

    cv2.warpAffine(
        plane,
        matrix,
        (into.shape[1], into.shape[0]),
        dst=into,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )


def _planes(rgb: Plane, width: int, height: int, *, nearest: float) -> tuple[Plane, Plane, Plane]:
    """Y of the picture and U, V at half its size, brought to `_DENSITY` where the camera is nearest."""
    import cv2

    kept = _DENSITY * nearest * max(width / rgb.shape[1], height / rgb.shape[0])
    size = (max(round(rgb.shape[1] * kept), 2), max(round(rgb.shape[0] * kept), 2))
    rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if kept < 1 else cv2.INTER_CUBIC), np.uint8)
    # Even sides, so that every chroma sample has four pixels under it.
    rgb = np.pad(rgb, ((0, rgb.shape[0] % 2), (0, rgb.shape[1] % 2), (0, 0)), mode="edge")
    luma, *chroma = (np.ascontiguousarray(plane) for plane in cv2.split(cv2.transform(rgb, RGB_TO_YCC)))
    half = (rgb.shape[1] // 2, rgb.shape[0] // 2)
    blue, red = (np.asarray(cv2.resize(plane, half, interpolation=cv2.INTER_AREA), np.uint8) for plane in chroma)
    return np.asarray(luma, np.uint8), blue, red


def _read(picture: Path) -> Plane:
    with opened_still(picture) as opened:
        upright = ImageOps.exif_transpose(opened)
        if not upright.has_transparency_data:
            return np.asarray(upright.convert("RGB"))
        # What lies under a transparent pixel is anything; on black it is nothing.
        ground = Image.new("RGBA", upright.size, (0, 0, 0, 255))
        return np.asarray(Image.alpha_composite(ground, upright.convert("RGBA")).convert("RGB"))


def _bt709() -> NDArray[np.float32]:
    """RGB 0–255 to Y 16–235 and Cb, Cr 16–240, as ITU-R BT.709 defines them; the last column is the offset."""
    red, blue = 0.2126, 0.0722
    luma = np.array([red, 1 - red - blue, blue])
    cb = (np.array([0, 0, 1]) - luma) / (2 * (1 - blue))
    cr = (np.array([1, 0, 0]) - luma) / (2 * (1 - red))
    rows = [np.append(luma * 219 / 255, 16), np.append(cb * 224 / 255, 128), np.append(cr * 224 / 255, 128)]
    return np.array(rows, np.float32)


RGB_TO_YCC = _bt709()
