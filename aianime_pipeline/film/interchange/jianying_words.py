"""What a JianYing draft is written with: the empty draft, and the entries of its lists.

The format is not published. These are the fields that version 5.9 writes itself and reads back; later versions read
them too, and encrypt only what they save. Times are whole microseconds.
"""

import json
import uuid
from collections.abc import Sequence
from typing import Any

from aianime_pipeline.film.interchange.media import MediaFile

DRAFT_FOLDER_WORD = "##_draftpath_placeholder_0E685133-18CE-45ED-8CB8-2904A212EC80_##"
"""Stands in a draft's paths for the folder that the draft lies in."""

STILL_DURATION = 10_800_000_000
"""How long JianYing takes a picture to be: three hours."""

APP_VERSION = "5.9.0"
_NAMESPACE = uuid.UUID("5ee3bc4a-5c0d-4f0e-9f29-1d0a2f9ae1b7")

Json = dict[str, Any]

_LISTS = (
    "ai_translates",
    "audio_balances",
    "audio_effects",
    "audio_fades",
    "audio_track_indexes",
    "audios",
    "beats",
    "canvases",
    "chromas",
    "color_curves",
    "digital_humans",
    "drafts",
    "effects",
    "flowers",
    "green_screens",
    "handwrites",
    "hsl",
    "images",
    "log_color_wheels",
    "loudnesses",
    "manual_deformations",
    "masks",
    "material_animations",
    "material_colors",
    "multi_language_refs",
    "placeholders",
    "plugin_effects",
    "primary_color_wheels",
    "realtime_denoises",
    "shapes",
    "smart_crops",
    "smart_relights",
    "sound_channel_mappings",
    "speeds",
    "stickers",
    "tail_leaders",
    "text_templates",
    "texts",
    "time_marks",
    "transitions",
    "video_effects",
    "video_trackings",
    "videos",
    "vocal_beautifys",
    "vocal_separations",
)

_KEYFRAMES = ("adjusts", "audios", "effects", "filters", "handwrites", "stickers", "texts", "videos")


def identity(*what: object) -> str:
    """The same id for the same thing at each export, so that equal timelines give equal drafts."""
    return uuid.uuid5(_NAMESPACE, "/".join(map(str, what))).hex


def empty_draft(name: str, width: int, height: int, fps: float, duration: int) -> Json:
    platform = {"app_id": 3704, "app_source": "lv", "app_version": APP_VERSION, "os": "windows"}
    return {
        "canvas_config": {"width": width, "height": height, "ratio": "original"},
        "color_space": 0,
        "config": {"maintrack_adsorb": True, "material_save_mode": 0, "subtitle_sync": True, "video_mute": False},
        "create_time": 0,
        "duration": duration,
        "fps": fps,
        "free_render_index_mode_on": False,
        "id": identity("draft", name).upper(),
        "keyframes": {kind: [] for kind in _KEYFRAMES},
        "last_modified_platform": platform,
        "materials": {name: [] for name in _LISTS},
        "name": name,
        "new_version": "110.0.0",
        "platform": dict(platform),
        "relationships": [],
        "source": "default",
        "tracks": [],
        "update_time": 0,
        "version": 360000,
    }


def draft_facts(name: str, duration: int) -> Json:
    """`draft_meta_info.json`: what the list of drafts shows."""
    return {
        "draft_fold_path": "",
        "draft_id": identity("draft", name).upper(),
        "draft_is_invisible": False,
        "draft_materials": [{"type": kind, "value": []} for kind in (0, 1, 2, 3, 6, 7, 8)],
        "draft_name": name,
        "draft_root_path": "",
        "draft_type": "",
        "tm_draft_removed": 0,
        "tm_duration": duration,
    }


def picture_material(identifier: str, file: MediaFile, name: str, duration: int) -> Json:
    corners = {
        f"{side}_{axis}": float((axis == "x" and "right" in side) or (axis == "y" and "lower" in side))
        for side in ("upper_left", "upper_right", "lower_left", "lower_right")
        for axis in ("x", "y")
    }
    return {
        "id": identifier,
        "material_id": identifier,
        "local_material_id": "",
        "material_name": name,
        "media_path": "",
        "path": f"{DRAFT_FOLDER_WORD}/media/{name}",
        "type": "photo" if duration == STILL_DURATION else "video",
        "width": file.width,
        "height": file.height,
        "duration": duration,
        "has_audio": bool(file.channels),
        "audio_fade": None,
        "category_id": "",
        "category_name": "local",
        "check_flag": 63487,
        "crop": corners,
        "crop_ratio": "free",
        "crop_scale": 1.0,
    }


def sound_material(identifier: str, file: MediaFile, duration: int) -> Json:
    return {
        "id": identifier,
        "music_id": identifier,
        "local_material_id": identifier,
        "name": file.name,
        "path": f"{DRAFT_FOLDER_WORD}/media/{file.name}",
        "type": "extract_music",
        "duration": duration,
        "app_id": 0,
        "category_id": "",
        "category_name": "local",
        "check_flag": 3,
        "copyright_limit_type": "none",
        "effect_id": "",
        "formula_id": "",
        "source_platform": 0,
        "wave_points": [],
    }


def text_material(identifier: str, text: str) -> Json:
    """The text in the style of a subtitle; its range counts UTF-16 units."""
    fill = {"alpha": 1.0, "content": {"render_type": "solid", "solid": {"alpha": 1.0, "color": [1.0, 1.0, 1.0]}}}
    stroke = {"content": {"solid": {"alpha": 1.0, "color": [0.0, 0.0, 0.0]}}, "width": 0.08}
    style = {
        "fill": fill,
        "range": [0, len(text.encode("utf-16-le")) // 2],
        "size": 5.0,
        "bold": False,
        "italic": False,
        "underline": False,
        "strokes": [stroke],
    }
    return {
        "id": identifier,
        "content": json.dumps({"styles": [style], "text": text}, ensure_ascii=False),
        "type": "subtitle",
        "alignment": 1,
        "check_flag": 7 | 8,
        "global_alpha": 1.0,
        "letter_spacing": 0.0,
        "line_feed": 1,
        "line_max_width": 0.82,
        "line_spacing": 0.02,
        "typesetting": 0,
    }


def segment(
    identifier: str,
    material: str,
    placed: tuple[int, int],
    source: tuple[int, int] | None,
    *,
    volume: float = 1.0,
    extras: Sequence[str] = (),
    seen: bool = False,
    height: float = 0.0,
) -> Json:
    """`placed` and `source` are (start, end); `height` is where a text stands, in half heights of the picture."""
    made: Json = {
        "id": identifier,
        "material_id": material,
        "target_timerange": _timerange(placed),
        "source_timerange": None if source is None else _timerange(source),
        "speed": 1.0,
        "volume": volume,
        "last_nonzero_volume": volume or 1.0,
        "extra_material_refs": list(extras),
        "is_tone_modify": False,
        "reverse": False,
        "visible": True,
        "track_attribute": 0,
        "track_render_index": 0,
        "common_keyframes": [],
        "keyframe_refs": [],
        "enable_adjust": True,
        "enable_lut": True,
        "clip": None,
    }
    if seen:
        made["clip"] = {
            "alpha": 1.0,
            "flip": {"horizontal": False, "vertical": False},
            "rotation": 0.0,
            "scale": {"x": 1.0, "y": 1.0},
            "transform": {"x": 0.0, "y": height},
        }
        made["uniform_scale"] = {"on": True, "value": 1.0}
    return made


def _timerange(span: tuple[int, int]) -> Json:
    return {"start": span[0], "duration": span[1] - span[0]}
