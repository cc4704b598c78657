"""The usual way in Python: MoviePy 2. Runs in an environment of its own, so it imports nothing of the pipeline.

python with_moviepy.py EPISODE.json OUT.mp4 FONT
"""

import json
import sys

from moviepy import (  # type: ignore[import-not-found]
    AudioFileClip,
    CompositeAudioClip,
    CompositeVideoClip,
    TextClip,
    VideoFileClip,
    afx,
    concatenate_videoclips,
)

WIDTH, HEIGHT, RATE, SHOT_SECONDS, LINE_AT, LINE_SECONDS = 1920, 1080, 24, 5, 0.15, 2.6


def main(specification: str, output: str, font: str) -> None:
    """Burned-in subtitles, x264 veryfast at CRF 20, music turned down: no loudness is measured, nothing is ducked."""
    with open(specification, encoding="utf-8") as file:  # noqa: PTH123
        episode = json.load(file)
    shots = episode["shots"]
    seconds = len(shots) * SHOT_SECONDS
    pictures = [VideoFileClip(shot["video"]).subclipped(0, SHOT_SECONDS).resized((WIDTH, HEIGHT)) for shot in shots]
    film = concatenate_videoclips(pictures)
    texts = [
        TextClip(font=font, text=shot["text"], font_size=58, color="white", stroke_color="black", stroke_width=3)
        .with_start(number * SHOT_SECONDS + LINE_AT)
        .with_duration(LINE_SECONDS)
        .with_position(("center", 930))
        for number, shot in enumerate(shots)
    ]
    lines = [
        AudioFileClip(shot["line"]).with_start(number * SHOT_SECONDS + LINE_AT) for number, shot in enumerate(shots)
    ]
    music = AudioFileClip(episode["music"]).with_effects([afx.AudioLoop(duration=seconds), afx.MultiplyVolume(0.3)])
    whole = CompositeVideoClip([film, *texts]).with_duration(seconds)
    whole = whole.with_audio(CompositeAudioClip([film.audio, *lines, music]).with_duration(seconds))
    whole.write_videofile(
        output,
        fps=RATE,
        codec="libx264",
        audio_codec="aac",
        preset="veryfast",
        threads=2,
        ffmpeg_params=["-crf", "20", "-g", "48", "-bf", "2", "-pix_fmt", "yuv420p"],
        logger=None,
    )


if __name__ == "__main__":
    main(*sys.argv[1:4])
