"""A workflow with slots: read from its file and looked at, and filled with a request's values. Pure but for the file.

Every mistake of the configuration is told by the name of the slot, because a workflow that was saved anew often has
other ids.
"""

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aianime_pipeline.errors import BadSettingError
from aianime_pipeline.providers.adapters.options import Options
from aianime_pipeline.providers.capabilities import Capability, ImageRequest, VideoRequest
from aianime_pipeline.providers.vendor import Model
from aianime_pipeline.providers.wording import image_prompt, references, video_prompt

OPTIONS = ("workflow", "slots", "output")
SLOTS = ("prompt", "negative", "seed", "width", "height", "frames", "rate", "first_frame", "last_frame")
_REFERENCE = re.compile(r"reference_([1-9]\d?)")

NEEDED = {Capability.IMAGE: "prompt", Capability.VIDEO: "first_frame"}
"""Without it, every shot would get the same."""

Nodes = Mapping[str, Mapping[str, Any]]
"""A graph in API form: node id → `class_type` and `inputs`."""


@dataclass(frozen=True)
class Workflow:
    """`slots`: name → node id and input's name, both there in `nodes`."""

    nodes: Nodes
    slots: Mapping[str, tuple[str, str]]

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The graph with those of the values that it has a slot for."""
        graph = copy.deepcopy(dict(self.nodes))
        for slot, (node, name) in self.slots.items():
            if slot in values:
                graph[node]["inputs"][name] = values[slot]
        return graph

    @property
    def reference_slots(self) -> tuple[str, ...]:
        """In their order."""
        return tuple(sorted(filter(_REFERENCE.fullmatch, self.slots), key=lambda slot: int(slot.rpartition("_")[2])))


def read_workflow(provider_options: Mapping[str, Any], model: Model) -> Workflow:
    """Raises BadSettingError naming the option, the file or the slot."""
    options = Options({**provider_options, **model.options}, model.name, OPTIONS)
    name = options.word("workflow", "")
    if not name:
        raise BadSettingError(f"{model.name}: the option workflow names a JSON file; there is none.")
    nodes = _read_nodes(Path(name).expanduser(), model.name)
    slots = {slot: _place(slot, said, nodes, model.name) for slot, said in options.table("slots").items()}
    needed = NEEDED.get(model.capability)
    if needed is not None and needed not in slots:
        raise BadSettingError(f"{model.name}: the option slots has no {needed!r}, so every shot would get the same.")
    output = options.word("output", "")
    if output and output not in nodes:
        raise BadSettingError(f"{model.name}: the option output is {output!r}; the workflow has no such node.")
    return Workflow(nodes, slots)


def output_node(provider_options: Mapping[str, Any], model: Model) -> str:
    """The id of the node whose files count; empty for the first that has some. The workflow's file is not needed."""
    return Options({**provider_options, **model.options}, model.name, OPTIONS).word("output", "")


def _read_nodes(path: Path, place: str) -> Nodes:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadSettingError(f"{place}: the workflow {path} cannot be read: {error}.", path=str(path)) from error
    if isinstance(found, dict) and isinstance(found.get("nodes"), list):
        raise BadSettingError(f"{place}: the workflow {path} is not in API form; save it with «Export (API)».")
    fits = isinstance(found, dict) and found and all(_is_node(node) for node in found.values())
    if not fits:
        raise BadSettingError(
            f"{place}: {path} is no workflow: it takes an object of nodes with class_type and inputs."
        )
    return dict(found)


def _is_node(found: Any) -> bool:
    return (
        isinstance(found, dict) and isinstance(found.get("class_type"), str) and isinstance(found.get("inputs"), dict)
    )


def _place(slot: str, said: Any, nodes: Nodes, place: str) -> tuple[str, str]:
    if slot not in SLOTS and not _REFERENCE.fullmatch(slot):
        raise BadSettingError(
            f"{place}: there is no slot {slot!r}; there are {', '.join(SLOTS)}, reference_1, reference_2 and so on."
        )
    node, dot, name = said.partition(".") if isinstance(said, str) else ("", "", "")
    if not dot or not name:
        raise BadSettingError(f"{place}: the slot {slot} is {said!r}; it takes «node_id.input_name».")
    if node not in nodes:
        raise BadSettingError(f"{place}: the slot {slot} is {said!r}; the workflow has no node {node!r}.")
    if name not in nodes[node]["inputs"]:
        there_are = ", ".join(nodes[node]["inputs"]) or "none"
        raise BadSettingError(
            f"{place}: the slot {slot} is {said!r}; node {node} ({nodes[node]['class_type']}) has no input {name!r}, "
            f"it has {there_are}."
        )
    return node, name


def asked_values(workflow: Workflow, request: ImageRequest | VideoRequest) -> tuple[dict[str, Any], dict[str, Path]]:
    """What a request has for each slot: values to be written as they are, and pictures to be uploaded first."""
    values: dict[str, Any] = {
        "negative": request.negative_prompt,
        "seed": request.seed,
        "width": request.width,
        "height": request.height,
    }
    if isinstance(request, ImageRequest):
        shown = references(request, len(workflow.reference_slots))
        values["prompt"] = image_prompt(request, shown)
        return values, {slot: one.path for slot, one in zip(workflow.reference_slots, shown, strict=False)}
    whole = request.rate.denominator == 1
    values |= {
        "prompt": video_prompt(request),
        "frames": request.frames,
        "rate": int(request.rate) if whole else float(request.rate),
    }
    frames = {"first_frame": request.first_frame, "last_frame": request.last_frame}
    return values, {slot: path for slot, path in frames.items() if path is not None and slot in workflow.slots}
