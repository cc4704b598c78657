"""MiniMax: speech (T2A v2, at once), pictures (at once) and clips (Hailuo, as tasks; interface v1 or v2).

Paths, fields, words and codes were taken from the vendor's documentation and from public clients, and were not tried
against the live service. They stand in `wire`; what an emotion is called there stands in `emotions`.

Options of a model:

- speech: `voices` (a table: a speaker's name, `female-young`, `female` or `default` → the vendor's voice id), `speed`
  (0.5 to 2, the vendor's own unless said), `format` (wav, mp3 or flac)
- image: `references` (0 or 1 picture of a character), `size` (pixels, or ratio for models that take no pixels),
  `prompt_optimizer`
- video: `api` (v1 or v2), `resolution`, `durations` (seconds of the clips that it offers), `last_frame` (whether it
  takes one; v1 false, v2 true unless said), `prompt_optimizer` (v1)
"""

from aianime_pipeline.providers.adapters.minimax.adapter import MiniMax

__all__ = ["MiniMax"]
