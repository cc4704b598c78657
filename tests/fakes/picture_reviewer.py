"""A vision model that is not there: it judges a take by words in the shot's description.

REJECT_IT rejects, UNSURE_OF_IT cannot tell, GARBAGE_FIRST answers nonsense until its answer comes back to it, GARBAGE
answers nothing else; whatever it is shown else it approves.
"""

from typing import Any

from fakes.story_writer import parts_in

APPROVES = {"verdict": "approve", "score": 88, "problems": [], "changes": []}
REJECTS = {
    "verdict": "reject",
    "score": 35,
    "problems": [{"code": "anatomy", "text": "the left hand has six fingers"}],
    "changes": ["draw a left hand with five fingers"],
}
UNSURE = {"verdict": "unsure", "score": 50, "problems": [{"code": "other", "text": "too dark to tell"}], "changes": []}


def judge(text: str) -> dict[str, Any] | str | None:
    """The answer to a message of `reviewing`; None for any other message."""
    parts = parts_in(text)
    if "pictures" not in parts:
        return None
    description = str(parts["shot"])
    if "GARBAGE_FIRST" in description and "your_answer_before" not in parts:
        return "What a lovely picture!"
    if "GARBAGE" in description and "GARBAGE_FIRST" not in description:
        return "What a lovely picture!"
    if "REJECT_IT" in description:
        return REJECTS
    return UNSURE if "UNSURE_OF_IT" in description else APPROVES
