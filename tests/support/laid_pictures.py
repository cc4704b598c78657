"""Overlays as a viewer sees them: on a frame of one colour, and through ffmpeg's own overlay filter."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from aianime_pipeline.film.drawing import Overlay
from aianime_pipeline.film.ffmpeg import run_ffmpeg

RGB = tuple[int, int, int]


def opened(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png))
    picture.load()
    return picture


def on_frame(overlays: list[Overlay], size: tuple[int, int], colour: RGB = (0, 0, 0)) -> NDArray[np.int64]:
    """The frame, as rows of pixels of red, green and blue."""
    frame = Image.new("RGBA", size, (*colour, 255))
    for overlay in overlays:
        frame.alpha_composite(opened(overlay.png), (overlay.x, overlay.y))
    return np.asarray(frame.convert("RGB")).astype(np.int64)


def ink(overlay: Overlay) -> NDArray[np.bool_]:
    """Where the overlay's own picture is more than half opaque."""
    return np.asarray(opened(overlay.png).getchannel("A")) > 127


def columns(marked: NDArray[np.bool_]) -> tuple[int, int]:
    """The first and the last column with a mark."""
    found = np.flatnonzero(marked.any(axis=0))
    return int(found[0]), int(found[-1])


def rows(marked: NDArray[np.bool_]) -> tuple[int, int]:
    found = np.flatnonzero(marked.any(axis=1))
    return int(found[0]), int(found[-1])


def fits(overlay: Overlay, size: tuple[int, int]) -> bool:
    """Even in place and size, inside the frame, something drawn in the first and last two rows and columns."""
    width, height = overlay.size
    alpha = np.asarray(opened(overlay.png).getchannel("A")) > 0
    cut = all(edge.any() for edge in (alpha[:2], alpha[-2:], alpha[:, :2], alpha[:, -2:]))
    even = not any(number % 2 for number in (overlay.x, overlay.y, width, height))
    inside = overlay.x >= 0 and overlay.y >= 0 and overlay.x + width <= size[0] and overlay.y + height <= size[1]
    return even and cut and inside and overlay.png[25] == 6  # colour type 6: RGBA


def luma_through_ffmpeg(overlay: Overlay, size: tuple[int, int], colour: str, folder: Path) -> NDArray[np.int64]:
    """The Y plane (limited range) of a yuv420p frame over which ffmpeg laid the picture."""
    (folder / "overlay.png").write_bytes(overlay.png)
    width, height = size
    run_ffmpeg(
        [
            *("-f", "lavfi", "-i", f"color={colour}:s={width}x{height}:r=1:d=1"),
            *("-i", str(folder / "overlay.png")),
            "-filter_complex",
            "[0]scale=out_color_matrix=bt709:out_range=tv,format=yuv420p[a];"
            "[1]scale=out_color_matrix=bt709:out_range=tv,format=yuva420p[b];"
            f"[a][b]overlay={overlay.x}:{overlay.y}:format=yuv420[c]",
            *("-map", "[c]", "-frames:v", "1", "-f", "rawvideo", str(folder / "frame.yuv")),
        ],
        doing="lay a picture over a frame",
    )
    return np.fromfile(folder / "frame.yuv", np.uint8)[: width * height].reshape(height, width).astype(np.int64)
