"""docs/states.md is what the machine says today."""

from tickets import state_page
from tickets.management.commands.print_states import PAGE


def test_the_page_of_states_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == state_page.render()
