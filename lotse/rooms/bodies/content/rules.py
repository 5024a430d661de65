"""By which numbers a body can decide, and whether a vote carried: pure arithmetic.

Association law is the default (§ 32 (1) BGB): abstentions are not counted, a motion is adopted when
yes is more than no. What a body's own rules say otherwise stands in its charter.
"""

from lotse.rooms.bodies.models import Charter


def quorum_needed(charter: Charter, entitled: int) -> int | None:
    """How many seats with a vote must be there, or None where the body has no such rule.

    Fifty percent means more than half; any other share is reached by the share itself. A body
    without seats never has a quorum: the least that is needed is one.
    """
    if charter.quorum == Charter.Quorum.NONE:
        return None
    if charter.quorum == Charter.Quorum.COUNT:
        return max(1, charter.quorum_value)
    if charter.quorum_value == 50:
        return entitled // 2 + 1
    return max(1, -(-entitled * charter.quorum_value // 100))


def has_quorum(charter: Charter, entitled: int, present: int) -> bool | None:
    """Whether so many seats with a vote are enough; None where the body has no such rule."""
    needed = quorum_needed(charter, entitled)
    return None if needed is None else present >= needed


def is_adopted(
    charter: Charter, *, yes: int | None, no: int | None, abstain: int | None, present: int | None
) -> bool | None:
    """Whether the counts carry by the rule of the body; None where a needed count is missing.

    Nothing is adopted without a vote for it. The majority of those present needs `present`, the
    seats with a vote that were there; every other rule needs yes and no, and the abstentions only
    where the body counts them.
    """
    if charter.majority == Charter.Majority.ABSOLUTE:
        return None if yes is None or present is None else 2 * yes > present
    if yes is None or no is None:
        return None
    if charter.majority == Charter.Majority.CONSENSUS:
        return yes > 0 and no == 0
    against = no
    if charter.abstentions_count:
        if abstain is None:
            return None
        against += abstain
    if charter.majority == Charter.Majority.SIMPLE:
        return yes > against
    for_, of = (2, 3) if charter.majority == Charter.Majority.TWO_THIRDS else (3, 4)
    return yes > 0 and of * yes >= for_ * (yes + against)
