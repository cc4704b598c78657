"""The edit of an episode: the model, how it is built from shots, and the arithmetic of editing it."""

from aianime_pipeline.film.timeline.build import (
    LEAD_IN_SAMPLES,
    TAIL_SAMPLES,
    BuiltTimeline,
    Picture,
    TimelineShot,
    VoiceFile,
    build_timeline,
    default_transition,
    transition_of,
)
from aianime_pipeline.film.timeline.document import (
    from_document,
    to_document,
    with_files,
)
from aianime_pipeline.film.timeline.edits import (
    ShotParts,
    add_marker,
    insert,
    move,
    remove,
    remove_marker,
    shot_parts,
)
from aianime_pipeline.film.timeline.limits import (
    TransitionLimits,
    transition_limits,
)
from aianime_pipeline.film.timeline.merge import (
    Merged,
    merge,
)
from aianime_pipeline.film.timeline.model import (
    GrownShot,
    PlacedSound,
    Timeline,
    milliseconds,
    samples_at,
    transition_frames,
    without_files,
)
from aianime_pipeline.film.timeline.parts import (
    OVERLAPPING,
    SAMPLE_RATE,
    Clip,
    ClipTransition,
    Marker,
    Music,
    PictureKind,
    SoundClip,
    SubtitleLine,
    SubtitleTrack,
    TrackGains,
)
from aianime_pipeline.film.timeline.retime import (
    resized,
    retimed,
)
from aianime_pipeline.film.timeline.rough import (
    Edited,
)
from aianime_pipeline.film.timeline.sound_edits import (
    add_effect,
    move_speech,
    remove_effect,
    set_music,
    set_music_fades,
    set_own_gain,
    set_own_sound,
    set_sound_fades,
    set_sound_gain,
    set_track_gain,
)
from aianime_pipeline.film.timeline.subtitle_edits import (
    add_subtitle,
    remove_subtitle,
    set_subtitle_text,
    set_subtitle_times,
)
from aianime_pipeline.film.timeline.transition_edits import (
    set_transition,
)
from aianime_pipeline.film.timeline.trims import (
    roll,
    set_frames,
    set_hold,
    slip,
    trim,
)

__all__ = [
    "LEAD_IN_SAMPLES",
    "OVERLAPPING",
    "SAMPLE_RATE",
    "TAIL_SAMPLES",
    "BuiltTimeline",
    "Clip",
    "ClipTransition",
    "Edited",
    "GrownShot",
    "Marker",
    "Merged",
    "Music",
    "Picture",
    "PictureKind",
    "PlacedSound",
    "ShotParts",
    "SoundClip",
    "SubtitleLine",
    "SubtitleTrack",
    "Timeline",
    "TimelineShot",
    "TrackGains",
    "TransitionLimits",
    "VoiceFile",
    "add_effect",
    "add_marker",
    "add_subtitle",
    "build_timeline",
    "default_transition",
    "from_document",
    "insert",
    "merge",
    "milliseconds",
    "move",
    "move_speech",
    "remove",
    "remove_effect",
    "remove_marker",
    "remove_subtitle",
    "resized",
    "retimed",
    "roll",
    "samples_at",
    "set_frames",
    "set_hold",
    "set_music",
    "set_music_fades",
    "set_own_gain",
    "set_own_sound",
    "set_sound_fades",
    "set_sound_gain",
    "set_subtitle_text",
    "set_subtitle_times",
    "set_track_gain",
    "set_transition",
    "shot_parts",
    "slip",
    "to_document",
    "transition_frames",
    "transition_limits",
    "transition_of",
    "trim",
    "with_files",
    "without_files",
]
