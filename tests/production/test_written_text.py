"""What is stored of an error names no folder of the machine."""

import pytest

from aianime_pipeline.production.written_text import reason_of

SAID = [
    (
        "It is not in the store at /srv/studio/.aianime/objects.",
        "It is not in the store at …/objects.",
    ),
    ("[Errno 28] No space left on device: '/home/li/out/e001.mp4'", "[Errno 28] No space left on device: '…/e001.mp4'"),
    ("ffmpeg: /tmp/x-1/in.mp4: Invalid data", "ffmpeg: …/in.mp4: Invalid data"),
    ("see https://vendor.example/docs/errors/429 for it", "see https://vendor.example/docs/errors/429 for it"),
    ("16/9 and 24000/1001, images/videos and a/b/c", "16/9 and 24000/1001, images/videos and a/b/c"),
    ("雨夜：太暗/太亮/太远", "雨夜：太暗/太亮/太远"),
    ("nothing", "nothing"),
]


@pytest.mark.parametrize(("said", "stored"), SAID)
def test_a_reason_keeps_its_words_and_loses_the_machines_folders(said: str, stored: str) -> None:
    assert reason_of(ValueError(said)) == stored
