"""Asset check `nothing_broken`: what is broken now in the whole installation, and what to do about it."""

from collections.abc import Sequence

import dagster as dg

from aianime_pipeline.assets.episode_partitions import OWNERS
from aianime_pipeline.production.installation import installation
from aianime_pipeline.production.problems import Problem, standing_problems

INSTALLATION = dg.AssetSpec(
    "installation",
    group_name="operations",
    owners=OWNERS,
    description="The installation itself: nothing is made of it; its check says what is broken now.",
)
NOTHING_BROKEN = "nothing_broken"


@dg.asset_check(
    asset=INSTALLATION.key,
    name=NOTHING_BROKEN,
    description="What is broken now, of all episodes, and what to do about it. A sensor keeps it up to date.",
)
def nothing_broken() -> dg.AssetCheckResult:
    with installation().database.read() as session:
        return check_result(standing_problems(session))


def check_result(problems: Sequence[Problem]) -> dg.AssetCheckResult:
    listed = "\n".join(f"- {problem}" for problem in problems)
    return dg.AssetCheckResult(
        passed=not problems,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"problems": len(problems), "list": dg.MetadataValue.md(listed or "nothing is broken")},
    )
