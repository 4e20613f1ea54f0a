import pytest

from estates import pinyin


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("张伟", "zw"),
        ("张 伟", "zw"),
        ("欧阳静", "oyj"),
        ("曾小贤", "zxx"),
        ("单雨", "sy"),
        ("尉迟恭", "ycg"),
        ("买买提·艾力", "mmtal"),
        ("Anna李", "annal"),
        ("", ""),
    ],
)
@pytest.mark.row("IN-03")
def test_initials_of_a_name_follow_its_reading_as_a_surname(name, letters):
    assert pinyin.initials(name) == letters


def test_initials_fit_their_column():
    assert len(pinyin.initials("买买提" * 20)) == 30


def test_an_estate_is_found_by_full_pinyin_and_by_initials():
    assert pinyin.place_key("滨江花园") == "binjianghuayuan bjhy"


def test_people_sort_as_in_a_phone_book():
    assert sorted(["张伟", "曾敏", "艾力", "安琪"], key=pinyin.sort_key) == ["艾力", "安琪", "曾敏", "张伟"]
