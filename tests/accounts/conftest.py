from collections.abc import Iterator

import pytest
from support.accounts import Clock, turned_clock


@pytest.fixture
def time() -> Iterator[Clock]:
    """The clock of this process, which the test turns."""
    with turned_clock() as own:
        yield own
