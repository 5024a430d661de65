"""What the directory takes from elsewhere is as it is there."""

from lotse.rooms.directory.content import choices


def test_sections_are_those_of_the_classification() -> None:
    """The titles stand in the code to save memory; they are those of the WZ 2008."""
    from wz_code import WZ

    official = WZ(version="2008")
    for letter, title in choices.sectors("de").items():
        assert title == official.get(letter).title
        assert choices.section_of(letter) == letter
    assert choices.sectors("en").keys() == choices.sectors("de").keys()
