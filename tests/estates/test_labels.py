import pytest

from estates import labels


@pytest.mark.parametrize(
    ("door", "label"),
    [
        (("3栋", "2单元", "1201"), "3-2-1201"),
        (("3号楼", "", "1201室"), "3-1201"),
        (("A座", "1", "501"), "A-1-501"),
        (("３栋", "２单元", "１２０１"), "3-2-1201"),
    ],
)
def test_a_door_has_a_short_label(door, label):
    assert labels.label(*door) == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("3-2-1201", "3-2-1201"),
        ("3-2", "3-2"),
        ("3栋2单元1201", "3-2-1201"),
        ("3号楼2单元1201室", "3-2-1201"),
        ("3栋", "3-"),
        ("３－２－１２０１", "3-2-1201"),
        ("1201", ""),
        ("zw", ""),
        ("张伟", ""),
    ],
)
@pytest.mark.row("IN-03")
def test_what_is_typed_for_a_door_is_the_beginning_of_a_label(text, label):
    assert labels.spoken_label(text) == label


def test_a_bare_number_gets_its_word():
    assert (labels.building_name("3"), labels.entrance_name("2"), labels.building_name("3栋")) == (
        "3栋",
        "2单元",
        "3栋",
    )
