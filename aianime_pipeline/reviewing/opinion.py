"""What a reviewer says of a take, and what several of them say together. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    UNSURE = "unsure"
    """It cannot tell: a person decides."""


BUILT_IN = "built-in"
"""The reviewer that needs no key: the technical look and the likeness together."""

CODES: Mapping[str, str] = {
    # A technical look at the file.
    "unreadable": "the file does not open",
    "damaged": "frames of the video do not decode",
    "wrong_shape": "its sides are not as asked for",
    "too_small": "it has too few pixels",
    "black": "it is black",
    "blank": "it is one plain colour",
    "blurred": "it is out of focus",
    "frozen": "the video stands still",
    "repeated_frames": "the video has too few different frames, or the same ones again and again",
    "too_short": "the video ends too early, or the line cannot have been spoken whole",
    "too_long": "the line takes too long",
    "lettering": "captions or a watermark are in the picture",
    "silent": "nothing is heard",
    "distorted": "the sound is overdriven",
    "cut_off": "the sound ends in the middle of a word",
    # A comparison with pictures.
    "far_from_references": "its colours are not those of the reference pictures",
    "copied_reference": "it is the reference picture itself",
    "not_its_image": "the video does not come from the shot's image",
    # A vision model's.
    "wrong_content": "it shows something else than the shot",
    "wrong_figure": "a figure looks otherwise than in its reference picture",
    "wrong_place": "the place looks otherwise than in its reference picture",
    "anatomy": "a body or a face is malformed",
    "artifacts": "parts are broken, smeared or doubled",
    "style": "it is drawn in another style",
    "composition": "framing or composition do not serve the shot",
    "motion": "things move as they could not, or not as the shot says",
    "unsafe": "it must not be shown to this audience",
    "project_rule": "it breaks a rule of the project",
    "other": "anything else",
    # A storyboard's.
    "no_shots": "it has no shots",
    "no_description": "a shot does not say what is seen",
    "speech_too_long": "a line cannot be spoken in its shot's time",
    "shot_length": "a shot is too short or too long to be made",
    "total_length": "the episode is far shorter or longer than an episode is",
    "monotonous": "the framing hardly changes",
    "same_shot_again": "two shots in a row show the same",
    "no_asset": "somebody or something is shown of whom there is no look",
    # What several reviewers come to.
    "low_score": "the score is under the project's threshold",
    "reviewers_disagree": "the vision model approves what the built-in reviewer rejects",
    "not_judged": "the reviewer could not judge it",
}
"""Stable: people's scripts count them."""


@dataclass(frozen=True)
class Problem:
    """`code` is one of CODES; `text` says what and where, with the numbers."""

    code: str
    text: str


@dataclass(frozen=True)
class Opinion:
    """`score` from 0 to 100, None where it could not look. `changes` are what the next take should do otherwise."""

    reviewer: str
    verdict: Verdict
    score: int | None
    problems: tuple[Problem, ...] = ()
    changes: tuple[str, ...] = ()

    @property
    def reasons(self) -> str:
        return "; ".join(problem.text for problem in self.problems)

    @property
    def wishes(self) -> str:
        """What the next take is made with: what to change, else what was wrong."""
        return "; ".join(self.changes) or self.reasons

    def feedback(self) -> dict[str, Any]:
        """As a review record keeps it."""
        problems = [{"code": problem.code, "text": problem.text} for problem in self.problems]
        return {"problems": problems, "changes": list(self.changes)}


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, what to do about it, and how much it takes from the score of 100."""

    code: str
    text: str
    change: str
    costs: int
    fatal: bool = False
    """Whatever else it is like, it cannot be used."""


FATAL = 80
"""What a fatal finding takes from the score."""


def opinion_of(reviewer: str, findings: Sequence[Finding]) -> Opinion:
    """Rejects where one is fatal; else approves, with what is wrong on record."""
    score = max(0, 100 - sum(finding.costs for finding in findings))
    return Opinion(
        reviewer,
        Verdict.REJECT if any(finding.fatal for finding in findings) else Verdict.APPROVE,
        score,
        tuple(Problem(finding.code, finding.text) for finding in findings),
        _once(finding.change for finding in findings),
    )


def not_judged(reviewer: str, why: str) -> Opinion:
    """A reviewer that failed, in its own words. It never approves."""
    return Opinion(reviewer, Verdict.UNSURE, None, (Problem("not_judged", why),))


def together(*opinions: Opinion) -> Opinion:
    """Parts of the built-in reviewer as one: the strictest verdict and the lowest score hold."""
    verdicts = {opinion.verdict for opinion in opinions}
    strictest = next(one for one in (Verdict.REJECT, Verdict.UNSURE, Verdict.APPROVE) if one in verdicts)
    scores = [opinion.score for opinion in opinions if opinion.score is not None]
    return Opinion(
        BUILT_IN,
        strictest,
        min(scores, default=None),
        tuple(problem for opinion in opinions for problem in opinion.problems),
        _once(change for opinion in opinions for change in opinion.changes),
    )


def decided(built_in: Opinion, eye: Opinion | None, threshold: int) -> Opinion:
    """What the reviewers come to. The vision model, `eye`, speaks for itself where there is one; what it approves
    though the built-in reviewer rejects it, nobody is sure of. An approval under `threshold` (0 to 100) is none."""
    found = eye if eye is not None else built_in
    if found.verdict is not Verdict.APPROVE:
        return found
    if eye is not None and built_in.verdict is Verdict.REJECT:
        words = f"{eye.reviewer} approves it, the built-in reviewer does not: {built_in.reasons}"
        return replace(eye, verdict=Verdict.UNSURE, problems=(*eye.problems, Problem("reviewers_disagree", words)))
    if found.score is not None and found.score < threshold:
        words = f"the score is {found.score}, the project wants {threshold}"
        return replace(found, verdict=Verdict.REJECT, problems=(*found.problems, Problem("low_score", words)))
    return found


def _once(changes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(change for change in changes if change))
