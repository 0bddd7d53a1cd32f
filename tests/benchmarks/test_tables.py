from __future__ import annotations

from tables import Table, show_number, show_share

TABLE = Table("Errors", ("angle", "MAE"), (("knee", "2.5"), ("ankle", "12.5")), ("A note.",))


def test_words_stand_to_the_left_and_numbers_to_the_right():
    assert TABLE.render() == "\n".join(["Errors", "  angle   MAE", "  knee    2.5", "  ankle  12.5", "A note."])


def test_markdown_has_the_same_cells():
    lines = TABLE.render(markdown=True).splitlines()
    assert lines[2:6] == ["| angle | MAE |", "| --- | ---: |", "| knee | 2.5 |", "| ankle | 12.5 |"]
    assert lines[0] == "**Errors**"
    assert lines[-1] == "A note."


def test_the_unknown_is_shown_as_such():
    assert (show_number(float("nan")), show_number(-0.25, "+.1f"), show_share(0.505)) == ("–", "-0.2", "50%")
