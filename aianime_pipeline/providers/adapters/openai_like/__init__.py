"""OpenAI and whatever speaks like it: text, a look at a picture, pictures, speech (all at once) and clips (as jobs).

With `base_url` it reaches the look-alikes: DeepSeek, Kimi, Doubao, Ollama, vLLM, LocalAI and gateways. Paths, fields,
words and codes were taken from documentation and from public clients, and were not tried against a live service. They
stand in `wire`. The key may be left out, for servers that ask for none.

Options of a model; sizes are lists of texts such as `["1536x1024", "1024x1536"]`:

- all: `extra` (a table of further fields, sent as they are, such as `{ temperature = 0.3, max_tokens = 4000 }` or
  `{ quality = "medium" }`; one that the adapter sends too is replaced, but not the request itself)
- text: `structured`, how an answer is made to fit a schema: `json_schema` (the server sees to it; unless said),
  `json_object` (the server sees that it is JSON, the model is told the schema) or `plain` (the model is told)
- picture_review: none of its own
- image: `sizes` that the model makes (the request's own unless said), `references` (how many pictures it takes, 16
  unless said; 0 for a server without edits), `seed` (true for a server that takes one)
- speech: `voices` (a table: a speaker's name, `female-young`, `female` or `default` → the voice's name), `format` (wav,
  mp3, flac or opus), `instructions` (true for a model that can be told how to speak)
- video: `sizes` and `durations` (seconds) that the model makes, `seed`
"""

from aianime_pipeline.providers.adapters.openai_like.adapter import OpenAiLike

__all__ = ["OpenAiLike"]
