"""DashScope (Alibaba's Bailian): pictures and speech in one answer, video as a task.

Paths, fields, words and codes were taken from the vendor's documentation and from public clients, and were not tried
against the live service; all of them stand in `wire`. What goes out is made in `pictures`, `speech` and `clips`, each
pure but for reading the pictures; `adapter` asks. Language models go through the OpenAI-like adapter and DashScope's
compatible address.
"""

from aianime_pipeline.providers.adapters.dashscope.adapter import DashScope

__all__ = ["DashScope"]
