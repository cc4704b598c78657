"""ComfyUI: pictures and clips by any workflow of your own server, with named slots for what changes.

The workflow is a JSON file in API form (in ComfyUI: «Save (API Format)» or «Export (API)»). Slots say where in it a
request's values go, as `node_id.input_name`:

    [providers.studio.models.keyframes]
    capability = "image"
    model = "keyframes"                    # a name for your eyes; the workflow says what is used
    options.workflow = "workflows/keyframes.json"
    options.slots = { prompt = "6.text", negative = "7.text", seed = "3.seed", width = "5.width", height = "5.height",
                      reference_1 = "12.image" }

Slots: prompt, negative, seed, width, height, frames, rate (frames per second), reference_1, reference_2 …, first_frame,
last_frame. A slot that a request has nothing for keeps what the workflow has there, so put a neutral picture at a
reference. `output` is the id of the node whose files count; unless said, it is the first with a fitting file. All
options may stand at the provider too, for all its models.

Paths and words were taken from the program's documentation and source, and were not tried against a live server.
"""

from aianime_pipeline.providers.adapters.comfyui.adapter import ComfyUi

__all__ = ["ComfyUi"]
