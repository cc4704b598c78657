"""The numbers that a plan follows. Milliseconds, unless a name says otherwise."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PlanningRules:
    """Lengths of shots. The defaults make about 20 shots and 60 to 90 seconds of a short-drama episode."""

    establishing_min_ms: int = 2500
    establishing_max_ms: int = 4000
    """For an establishing shot with nothing happening in it; one with action or voice-over may run longer."""
    action_min_ms: int = 2000
    action_max_ms: int = 6000
    closeup_min_ms: int = 1800
    speech_min_ms: int = 1500
    speech_tail_ms: int = 700
    """For the breath before the first word, the pause after the last, and a voice that is slower than estimated."""
    shot_max_ms: int = 8000
    """Speech that takes longer is split over several shots."""
    merged_actions_max_ms: int = 4200
    """Consecutive short actions are one shot while it stays within this."""
