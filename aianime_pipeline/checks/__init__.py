"""Asset checks: of the files as they lie there, of what reviewers say, and of what is broken now."""

from aianime_pipeline.checks.files import film_checks, zip_checks
from aianime_pipeline.checks.reviews import REVIEW_CHECKS
from aianime_pipeline.checks.standing import nothing_broken

ALL_CHECKS = [film_checks, zip_checks, *REVIEW_CHECKS, nothing_broken]
