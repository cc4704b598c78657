"""Which objects go. Pure."""

from collections.abc import Collection, Mapping, Set


def what_goes(
    candidates: Set[str], held: Set[str], takes: Mapping[int, str], inputs: Mapping[int, Set[str]]
) -> set[str]:
    """Of `candidates` those that nothing needs: not what is `held`, nor what a take that stays was made from.

    `takes` are the superseded ones by id with their file, which goes with them unless it is held; `inputs` what each
    was made from.
    """
    needed, going = set(held), dict(takes)
    while staying := [take for take, digest in going.items() if digest in needed]:
        for take in staying:
            needed |= inputs.get(take, frozenset())
            del going[take]
    return set(candidates) - needed


def results_first(digests: Collection[str], takes: Mapping[int, str], inputs: Mapping[int, Set[str]]) -> list[str]:
    """`digests` in an order in which the file of a take comes before what it was made from."""
    left, order = set(digests), list[str]()
    while left:
        named = {digest for take, digest in takes.items() if digest in left for digest in inputs.get(take, ())}
        # Takes that were made from each other have no order.
        first = sorted(left - named) or sorted(left)
        order += first
        left -= set(first)
    return order
