"""The one way in: a request for a picture becomes the picture."""

from PIL import Image

from aianime_pipeline.errors import BadInputError
from aianime_pipeline.providers.capabilities import AssetBrief, ImageRequest
from aianime_pipeline.providers.local.pictures.composition import compose
from aianime_pipeline.providers.local.pictures.sheets import draw_sheet

SMALLEST, LARGEST = 16, 8192


def draw_picture(request: ImageRequest) -> Image.Image:
    """The picture of a shot, or the reference sheet of an asset: RGB, exactly `width` × `height` pixels.

    Raises BadInputError for a size that no picture can have.
    """
    for name, value in (("width", request.width), ("height", request.height)):
        if not SMALLEST <= value <= LARGEST:
            raise BadInputError(
                f"picture {name} is {value} pixels; it must be {SMALLEST} to {LARGEST}", **{name: value}
            )
    if isinstance(request.subject, AssetBrief):
        return draw_sheet(request, request.subject)
    return compose(request, request.subject)
