"""The clean-up: what nobody needs any more goes, and what anything refers to stays.

It is safe beside everything else, because whoever refers to an object has put it, or renewed it, shortly before, and
holds its row by `remember_object` where the reference is a foreign key:

1. a look at one moment of the database finds objects that nothing refers to but what may go (objects.py);
2. one transaction locks their rows, looks at all foreign keys again, empties takes and results, and deletes the rows;
3. an object's file is removed if still no row knows it and nobody put or renewed it within a day. The store does that
   in one step beside a put. So what a document began to refer to after the look stays, too.

Killed between 2 and 3 it leaves a file that no row knows, which the next clean-up finds (strays.py).
"""

from aianime_pipeline.production.cleanup.report import CleanupReport as CleanupReport
from aianime_pipeline.production.cleanup.running import clean_up_for_task as clean_up_for_task
from aianime_pipeline.production.cleanup.running import run_cleanup as run_cleanup
