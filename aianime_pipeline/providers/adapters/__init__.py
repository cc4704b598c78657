"""One module per vendor's interface; the configuration names them by `kind`. How to add one: docs/add-a-provider.md."""

ADAPTERS = {
    "openai": "aianime_pipeline.providers.adapters.openai_like:OpenAiLike",
    "ark": "aianime_pipeline.providers.adapters.ark:Ark",
    "dashscope": "aianime_pipeline.providers.adapters.dashscope:DashScope",
    "kling": "aianime_pipeline.providers.adapters.kling:Kling",
    "minimax": "aianime_pipeline.providers.adapters.minimax:MiniMax",
    "comfyui": "aianime_pipeline.providers.adapters.comfyui:ComfyUi",
}
"""`kind` in the configuration → module:class."""
