"""Reference sheets: a character all round, a place and its colours, a thing."""

from collections.abc import Mapping

from PIL import Image, ImageDraw

from aianime_pipeline.providers.capabilities import AssetBrief, ImageRequest
from aianime_pipeline.providers.local.looks import complete_look
from aianime_pipeline.providers.local.pictures.backdrops.painting import PAINTERS, paint_backdrop
from aianime_pipeline.providers.local.pictures.colours import RGB, brightness, from_hex, mix
from aianime_pipeline.providers.local.pictures.figures.cutout import Spot, place_person
from aianime_pipeline.providers.local.pictures.figures.person import Pose, figure_of
from aianime_pipeline.providers.local.pictures.lettering import write
from aianime_pipeline.providers.local.pictures.light import Light, graded, light_for
from aianime_pipeline.providers.local.pictures.places import ANCIENT, INDOOR, MODERN
from aianime_pipeline.providers.local.pictures.props import DRAWERS, place_thing
from aianime_pipeline.providers.local.pictures.reading import Reading
from aianime_pipeline.providers.local.pictures.seeding import digest_number
from aianime_pipeline.providers.local.pictures.shapes import Brush, Sheet, vertical
from aianime_pipeline.providers.local.pictures.wishes import read_wishes

INK: RGB = (52, 46, 62)
STUDIO = Light(
    sky=((250, 248, 244),) * 3, haze=(246, 244, 240), ambient=(1.0, 1.0, 1.0), key=(255, 255, 250), key_strength=0.25
)


def draw_sheet(request: ImageRequest, asset: AssetBrief) -> Image.Image:
    look = complete_look(asset.kind, asset.name, asset.description, asset.sheet, project=request.style)
    wishes = read_wishes(request.feedback)
    if asset.kind == "location":
        return _location_sheet(request, asset, look)
    picture = _paper(request.width, request.height, request.seed)
    if asset.kind == "character":
        _character_sheet(picture, asset.name, look, request.seed)
    else:
        _prop_sheet(picture, asset.name, look, request.seed)
    return graded(picture, Light(**{**STUDIO.__dict__, "vignette": 0.05}), "calm", wishes)


def _paper(width: int, height: int, seed: int) -> Image.Image:
    tints: tuple[RGB, ...] = ((232, 236, 244), (244, 236, 230), (232, 242, 236), (240, 234, 244))
    tint = tints[digest_number("paper", seed) % len(tints)]
    return vertical((width, height), [(0.0, (250, 249, 247)), (1.0, tint)])


def _character_sheet(picture: Image.Image, name: str, look: Mapping[str, object], seed: int) -> None:
    """Turnaround above or to the left, faces and colours where room is left."""
    w, h = picture.size
    upright = h > w * 1.1
    title = max(1, round(min(w, h) * 0.05))
    area = (0.0, title * 2.2, w * 1.0, h * 0.62) if upright else (0.0, title * 2.2, w * 0.60, h * 0.97)
    _turnaround(picture, look, area, seed)
    faces = (w * 0.02, h * 0.66, w * 0.98, h * 0.88) if upright else (w * 0.60, h * 0.10, w * 0.99, h * 0.80)
    _faces(picture, look, faces, 5 if upright else 2)
    chips = (w * 0.05, h * 0.905, w * 0.95, h * 0.965) if upright else (w * 0.62, h * 0.84, w * 0.97, h * 0.93)
    _chips(picture, _character_colours(look), chips)
    _title(picture, name, title)


def _title(picture: Image.Image, name: str, size: int) -> None:
    pen = ImageDraw.Draw(picture)
    w = picture.width
    write(pen, w * 0.03, size * 0.5, name, size, INK, w * 0.9)
    pen.line((w * 0.03, size * 1.95, w * 0.03 + size * 3, size * 1.95), fill=INK, width=max(1, size // 14))


def _turnaround(
    picture: Image.Image, look: Mapping[str, object], area: tuple[float, float, float, float], seed: int
) -> None:
    x0, y0, x1, y1 = area
    heads = figure_of(look, Brush(Sheet(1, 1), 0, 0, 1), Pose()).heads
    head = max(1.0, min((y1 - y0) / (heads + 0.75), (x1 - x0) / 6.4))
    mirror = bool(digest_number("turn", seed) % 2)
    feet = y1 - head * 0.15
    pen = ImageDraw.Draw(picture, "RGBA")
    poses = (Pose(), Pose(turn=0.9), Pose(back=True))
    for k, pose in enumerate(poses):
        x = x0 + (x1 - x0) * (k + 0.5) / 3
        pen.ellipse((x - head * 1.1, feet - head * 0.16, x + head * 1.1, feet + head * 0.10), fill=(*INK, 40))
        place_person(picture, look, pose, Spot(x, feet - (heads - 0.42) * head, head, mirror), STUDIO)


def _faces(
    picture: Image.Image, look: Mapping[str, object], area: tuple[float, float, float, float], columns: int
) -> None:
    x0, y0, x1, y1 = area
    wanted = ("happy", "angry", "sad", "surprised") if columns == 2 else ("happy", "angry", "sad", "surprised", "shy")
    rows = -(-len(wanted) // columns)
    cw, ch = (x1 - x0) / columns, (y1 - y0) / rows
    head = min(cw * 0.52, ch * 0.56)
    for k, feeling in enumerate(wanted):
        cx, cy = x0 + cw * (k % columns + 0.5), y0 + ch * (k // columns + 0.5)
        tile = Image.new(
            "RGB", (max(2, round(cw * 0.92)), max(2, round(ch * 0.94))), mix((226, 232, 242), (246, 240, 236), k / 4)
        )
        place_person(
            tile,
            look,
            Pose(turn=0.5 if k % 2 else 0.2, expression=feeling),
            Spot(tile.width / 2, tile.height * 0.56, head, bool(k % 2)),
            STUDIO,
        )
        picture.paste(tile, (round(cx - tile.width / 2), round(cy - tile.height / 2)))


def _character_colours(look: Mapping[str, object]) -> list[RGB]:
    figure = figure_of(look, Brush(Sheet(1, 1), 0, 0, 1), Pose())
    return [figure.skin.base, figure.hair.base, figure.eyes, figure.main.base, figure.second.base, figure.accent.base]


def _chips(picture: Image.Image, colours: list[RGB], area: tuple[float, float, float, float]) -> None:
    x0, y0, x1, y1 = area
    pen = ImageDraw.Draw(picture)
    step = (x1 - x0) / len(colours)
    y1 = max(y1, y0 + 4.0)
    size = max(6, round(min((y1 - y0) * 0.30, step * 0.84 / 4.8)))
    for k, colour in enumerate(colours):
        left = x0 + step * k
        corner = min((y1 - y0) * 0.14, step * 0.3)
        pen.rounded_rectangle((left, y0, left + max(1.0, step * 0.88), y1), corner, fill=colour, outline=INK)
        ink: RGB = INK if brightness(colour) > 120 else (248, 246, 240)
        write(
            pen, left + step * 0.44, (y0 + y1) / 2, "#{:02x}{:02x}{:02x}".format(*colour), size, ink, step * 0.84, "mm"
        )


def _location_sheet(request: ImageRequest, asset: AssetBrief, look: Mapping[str, object]) -> Image.Image:
    """The place at its widest by day, with the same place at night and its colours below."""
    w, h = request.width, request.height
    place = str(look.get("place") or "")
    place = place if place in PAINTERS else "plain"
    era = "modern" if place in MODERN else "ancient" if place in ANCIENT else str(look.get("era") or "ancient")
    foot = max(2, round(h * 0.20))
    layout = look.get("layout")
    seed = digest_number("layout", layout if isinstance(layout, int) else asset.name)
    day = Reading(
        place,
        era,
        place in INDOOR,
        "day",
        frozenset(),
        "calm",
        (),
        layout=seed,
        seed=digest_number("take", request.seed),
        wishes=read_wishes(request.feedback),
    )
    light = light_for(day)
    main, _ = paint_backdrop(w, max(2, h - foot), day, light, 2)
    main = graded(main, light, "calm", day.wishes)
    picture = _paper(w, h, request.seed)
    picture.paste(main, (0, 0))
    thumb_w = max(2, round(foot * 1.5))
    night = Reading(**{**day.__dict__, "hour": "night"})
    dark, _ = paint_backdrop(thumb_w, max(2, round(foot * 0.84)), night, light_for(night), 2)
    picture.paste(
        graded(dark, light_for(night), "calm", day.wishes),
        (w - thumb_w - round(foot * 0.08), h - foot + round(foot * 0.08)),
    )
    size = max(8, round(foot * 0.26))
    pen = ImageDraw.Draw(picture)
    room = max(10.0, w - thumb_w - foot * 0.4)
    write(pen, foot * 0.2, h - foot * 0.92, asset.name, size, INK, room)
    _chips(picture, _main_colours(main), (foot * 0.2, h - foot * 0.45, max(foot * 0.3, room), h - foot * 0.12))
    return picture


def _main_colours(picture: Image.Image) -> list[RGB]:
    few = picture.resize((64, 64)).quantize(6, method=Image.Quantize.MEDIANCUT)
    palette = few.getpalette() or [0] * 18
    palette += [0] * (18 - len(palette))
    return [(palette[3 * k], palette[3 * k + 1], palette[3 * k + 2]) for k in range(6)]


def _prop_sheet(picture: Image.Image, name: str, look: Mapping[str, object], seed: int) -> None:
    w, h = picture.size
    thing = str(look.get("thing") or "box")
    thing = thing if thing in DRAWERS else "box"
    own = DRAWERS[thing][1]
    colour = str(look.get("colour")) if look.get("coloured") else "{:02x}{:02x}{:02x}".format(*own)
    size = min(w, h) * 0.62
    pen = ImageDraw.Draw(picture, "RGBA")
    mirror = bool(digest_number("turn", seed) % 2)
    upright = h > w * 1.1
    x, y = (0.5, 0.44) if upright else (0.42, 0.54)
    pen.ellipse((w * x - size * 0.5, h * y + size * 0.54, w * x + size * 0.5, h * y + size * 0.60), fill=(*INK, 36))
    flame = str(look.get("flame") or "") or None
    place_thing(picture, thing, w * x, h * y, size, STUDIO, colour=colour, mirror=mirror, flame=flame)
    x, y = (0.24, 0.82) if upright else (0.84, 0.36)
    place_thing(picture, thing, w * x, h * y, size * 0.36, STUDIO, colour=colour, mirror=not mirror, flame=flame)
    base = from_hex(colour)
    _chips(
        picture,
        [base, mix(base, (255, 255, 255), 0.4), mix(base, (20, 16, 30), 0.45)],
        (w * (0.50 if upright else 0.70), h * 0.80, w * 0.97, h * 0.88),
    )
    _title(picture, name, max(8, round(min(w, h) * 0.05)))
