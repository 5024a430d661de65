"""Quorum and majority: arithmetic that must hold for all numbers."""

from hypothesis import given
from hypothesis import strategies as st

from lotse.rooms.bodies.content import rules
from lotse.rooms.bodies.models import Charter

seats = st.integers(min_value=0, max_value=400)
votes = st.integers(min_value=0, max_value=400)
maybe = st.none() | votes
majorities = st.sampled_from(list(Charter.Majority))


def share(percent: int) -> Charter:
    return Charter(quorum=Charter.Quorum.SHARE, quorum_value=percent)


@given(entitled=seats, present=seats)
def test_without_a_rule_there_is_no_quorum_to_reach(entitled: int, present: int) -> None:
    charter = Charter(quorum=Charter.Quorum.NONE)

    assert rules.quorum_needed(charter, entitled) is None
    assert rules.has_quorum(charter, entitled, present) is None


@given(entitled=seats, present=seats)
def test_half_means_more_than_half(entitled: int, present: int) -> None:
    assert rules.has_quorum(share(50), entitled, present) is (2 * present > entitled)


@given(
    entitled=st.integers(1, 400), present=seats,
    percent=st.integers(1, 100).filter(lambda value: value != 50),
)  # fmt: skip
def test_another_share_is_reached_by_itself(entitled: int, present: int, percent: int) -> None:
    reached = rules.has_quorum(share(percent), entitled, present)

    assert reached is (100 * present >= percent * entitled)


@given(entitled=seats, percent=st.integers(0, 100), present=seats)
def test_the_needed_number_is_exactly_where_it_turns(
    entitled: int, percent: int, present: int
) -> None:
    needed = rules.quorum_needed(share(percent), entitled)

    assert needed is not None
    assert needed >= 1
    assert rules.has_quorum(share(percent), entitled, needed) is True
    assert rules.has_quorum(share(percent), entitled, needed - 1) is False
    assert rules.has_quorum(share(percent), entitled, present) is (present >= needed)


@given(entitled=seats, present=seats, value=st.integers(0, 400))
def test_a_number_of_seats_does_not_depend_on_how_many_there_are(
    entitled: int, present: int, value: int
) -> None:
    charter = Charter(quorum=Charter.Quorum.COUNT, quorum_value=value)

    assert rules.has_quorum(charter, entitled, present) is (present >= max(1, value))


@given(yes=votes, no=votes, abstain=maybe)
def test_association_law_leaves_abstentions_out(yes: int, no: int, abstain: int | None) -> None:
    found = rules.is_adopted(Charter(), yes=yes, no=no, abstain=abstain, present=None)

    assert found is (yes > no)


@given(majority=majorities, counted=st.booleans(), yes=votes, no=votes, abstain=votes)
def test_one_more_vote_for_it_never_loses(
    majority: str, counted: bool, yes: int, no: int, abstain: int
) -> None:
    charter = Charter(majority=majority, abstentions_count=counted)
    present = yes + no + abstain
    before = rules.is_adopted(charter, yes=yes, no=no, abstain=abstain, present=present)
    after = rules.is_adopted(charter, yes=yes + 1, no=no, abstain=abstain, present=present + 1)

    assert before is not None
    assert after is not None
    assert after or not before


@given(majority=majorities, counted=st.booleans(), no=votes, abstain=votes)
def test_nothing_is_adopted_without_a_vote_for_it(
    majority: str, counted: bool, no: int, abstain: int
) -> None:
    charter = Charter(majority=majority, abstentions_count=counted)

    found = rules.is_adopted(charter, yes=0, no=no, abstain=abstain, present=no + abstain)

    assert found is False


@given(yes=votes, no=votes, abstain=votes)
def test_rules_follow_their_wording(yes: int, no: int, abstain: int) -> None:
    def adopted(majority: str, counted: bool = False) -> bool | None:
        return rules.is_adopted(
            Charter(majority=majority, abstentions_count=counted),
            yes=yes, no=no, abstain=abstain, present=yes + no + abstain,
        )  # fmt: skip

    kind, cast, every = Charter.Majority, yes + no, yes + no + abstain
    assert adopted(kind.SIMPLE, True) is (yes > no + abstain)
    assert adopted(kind.ABSOLUTE) is (2 * yes > every)
    assert adopted(kind.TWO_THIRDS) is (yes > 0 and 3 * yes >= 2 * cast)
    assert adopted(kind.TWO_THIRDS, True) is (yes > 0 and 3 * yes >= 2 * every)
    assert adopted(kind.THREE_QUARTERS) is (yes > 0 and 4 * yes >= 3 * cast)
    assert adopted(kind.CONSENSUS) is (yes > 0 and no == 0)


@given(majority=majorities, counted=st.booleans(), abstain=maybe, present=maybe)
def test_a_missing_count_decides_nothing(
    majority: str, counted: bool, abstain: int | None, present: int | None
) -> None:
    charter = Charter(majority=majority, abstentions_count=counted)

    assert rules.is_adopted(charter, yes=None, no=1, abstain=abstain, present=present) is None
    if majority == Charter.Majority.ABSOLUTE:
        assert rules.is_adopted(charter, yes=1, no=1, abstain=abstain, present=None) is None
    else:
        assert rules.is_adopted(charter, yes=1, no=None, abstain=1, present=present) is None
    if counted and majority in (Charter.Majority.SIMPLE, Charter.Majority.TWO_THIRDS):
        assert rules.is_adopted(charter, yes=1, no=1, abstain=None, present=2) is None
