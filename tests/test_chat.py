"""`navicert chat` with the lines of a conversation on standard input."""

from tests.conftest import TODAY, Command

OXIDE = "5 kg dysprosium oxide from Shanghai to Stuttgart"


def turns(navicert: Command, *lines: str) -> list[str]:
    """What the chat says after each line; the greeting comes first."""
    run = navicert("chat", "--on", TODAY, stdin="\n".join(lines) + "\n")
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr
    return [part.strip() for part in run.stdout.split("\n> ")]


def test_a_follow_up_changes_one_slot(navicert: Command) -> None:
    said = turns(navicert, OXIDE, "and to Vietnam?", "/quit")
    assert "China → Germany" in said[1]
    assert "China → Vietnam" in said[2]
    assert "1C905.b" in said[2]


def test_undo_takes_the_last_message_back(navicert: Command) -> None:
    said = turns(navicert, OXIDE, "and to Vietnam?", "/undo", "make that 10 kg", "/quit")
    assert said[3] == "Taken back; the case is as it was before."
    assert "China → Germany" in said[4]
    assert "1C905.b" in said[4]


def test_undo_of_the_only_message_is_a_new_case(navicert: Command) -> None:
    said = turns(navicert, OXIDE, "/undo", "and to Vietnam?", "/quit")
    assert said[2] == "A new case."
    assert "1C905.b" not in said[3]


def test_new_drops_the_case(navicert: Command) -> None:
    said = turns(navicert, OXIDE, "/new", "and to Vietnam?", "/quit")
    assert said[2] == "A new case."
    assert "1C905.b" not in said[3]


def test_why_shows_the_rules_tried(navicert: Command) -> None:
    said = turns(navicert, "/why", OXIDE, "/why", "/quit")
    assert said[1] == "Nothing has been answered yet."
    assert said[3].startswith("CN: licence_required")
    assert "1C905.b: yes" in said[3]


def test_quit_leaves_the_rest_unread(navicert: Command) -> None:
    said = turns(navicert, "/quit", OXIDE)
    assert len(said) == 2
    assert "1C905" not in "".join(said)


def test_the_end_of_input_and_odd_lines(navicert: Command) -> None:
    said = turns(navicert, "/fly", "", "\u200f", OXIDE)
    assert said[1].startswith("Known commands:")
    assert "Licence required" in said[4]
