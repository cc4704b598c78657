"""The usual way: one ffmpeg with one filter graph over all shots. Writes a film of the synthetic episode.

python -m film_ways.one_graph EPISODE.json OUT.mp4
"""

import sys
from pathlib import Path

from aianime_pipeline.film.ffmpeg import run_ffmpeg
from aianime_pipeline.film.subtitles.cues import SubtitleCue, spread_line, to_srt
from aianime_pipeline.fonts import FONT_FAMILY, cjk_font_path
from film_ways.synthetic import HEIGHT, LINE_AT, LINE_SECONDS, RATE, SHOT_SECONDS, WIDTH, Episode, load


def render(episode: Episode, output: Path) -> None:
    """Burned-in subtitles, x264 veryfast at CRF 20, music ducked by the speech, -16 LUFS by one-pass loudnorm."""
    shots = episode.shots
    count, seconds = len(shots), len(shots) * SHOT_SECONDS
    script = output.with_name("lines.srt")
    script.write_text(to_srt(cues(episode)), encoding="utf-8")
    arguments: list[str] = []
    for path in [*(shot.video for shot in shots), *(shot.line for shot in shots)]:
        arguments += ["-i", path]
    arguments += ["-stream_loop", "-1", "-i", episode.music]
    chains: list[str] = []
    for number, shot in enumerate(shots):
        chains.append(
            f"[{number}:v]fps={RATE},scale={WIDTH}:{HEIGHT}:force_original_aspect_ratio=decrease,"
            f"pad={WIDTH}:{HEIGHT}:-1:-1,setsar=1,format=yuv420p,trim=duration={SHOT_SECONDS},setpts=PTS-STARTPTS[v{number}]"
        )
        source = f"[{number}:a]" if shot.has_sound else f"anullsrc=r=48000:cl=stereo:d={SHOT_SECONDS},"
        chains.append(
            f"{source}aresample=48000,aformat=channel_layouts=stereo,apad,atrim=duration={SHOT_SECONDS},"
            f"asetpts=PTS-STARTPTS[a{number}]"
        )
        delay = round((number * SHOT_SECONDS + LINE_AT) * 1000)
        chains.append(
            f"[{count + number}:a]aresample=48000,aformat=channel_layouts=stereo,adelay={delay}:all=1[s{number}]"
        )
    pairs = "".join(f"[v{number}][a{number}]" for number in range(count))
    chains.append(f"{pairs}concat=n={count}:v=1:a=1[vc][own]")
    font, _ = cjk_font_path()
    chains.append(
        f"[vc]subtitles=filename={script.name}:fontsdir={font.parent}:force_style='FontName={FONT_FAMILY},FontSize=18'[v]"
    )
    lines = "".join(f"[s{number}]" for number in range(count))
    chains.append(
        f"{lines}amix=inputs={count}:normalize=0:duration=longest,apad,atrim=duration={seconds},asplit[sp][key]"
    )
    chains.append(
        f"[{2 * count}:a]aresample=48000,aformat=channel_layouts=stereo,atrim=duration={seconds},volume=-8dB[m]"
    )
    chains.append("[m][key]sidechaincompress=threshold=0.03:ratio=6:attack=50:release=600[md]")
    chains.append("[sp][own][md]amix=inputs=3:normalize=0,loudnorm=I=-16:TP=-1.5:LRA=11,aresample=48000[a]")
    arguments += ["-filter_complex", ";".join(chains), "-map", "[v]", "-map", "[a]"]
    arguments += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-g", "48", "-bf", "2"]
    arguments += ["-c:a", "aac", "-b:a", "192k", "-t", str(seconds), "-movflags", "+faststart", str(output)]
    run_ffmpeg(arguments, doing="render the film in one graph")


def cues(episode: Episode) -> list[SubtitleCue]:
    found: list[SubtitleCue] = []
    for number, shot in enumerate(episode.shots):
        begins = round((number * SHOT_SECONDS + LINE_AT) * 1000)
        found += spread_line(shot.text, start_ms=begins, end_ms=begins + round(LINE_SECONDS * 1000))
    return found


if __name__ == "__main__":
    import os

    target = Path(sys.argv[2]).absolute()
    spec = load(Path(sys.argv[1]))
    os.chdir(target.parent)
    render(spec, target)
