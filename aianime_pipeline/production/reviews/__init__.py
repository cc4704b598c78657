"""What people decide about takes: verdicts, which take counts, locks, and shots that are left out.

Everything here is all or nothing in the caller's write transaction, and may be bound to the versions that the person
saw: a decision about something that has changed meanwhile is refused, and says who changed it.
"""

from aianime_pipeline.production.reviews.leaving_out import skip_shots as skip_shots
from aianime_pipeline.production.reviews.leaving_out import unskip_shots as unskip_shots
from aianime_pipeline.production.reviews.locking import lock_shots as lock_shots
from aianime_pipeline.production.reviews.locking import unlock_shots as unlock_shots
from aianime_pipeline.production.reviews.selecting import select_take as select_take
from aianime_pipeline.production.reviews.verdicts import review_shots as review_shots
from aianime_pipeline.production.reviews.verdicts import undo_verdicts as undo_verdicts
