"""Claims and tests of requirements belong together."""

import textwrap

from tests import rows


def checkout(tmp_path, page: str, source: str) -> rows.Rows:
    (tmp_path / "docs").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "docs" / "features.md").write_text(page)
    (tmp_path / "tests" / "row_ids.txt").write_text("IN-01\nIN-02\n")
    (tmp_path / "tests" / "test_a.py").write_text(textwrap.dedent(source))
    return rows.read(tmp_path)


def test_every_claim_of_this_project_has_a_test():
    assert rows.read().faults() == []


def test_a_claim_without_a_test_and_an_unknown_id_are_faults(tmp_path):
    found = checkout(
        tmp_path,
        "| IN-01 | works | all |\n| IN-02 | part | some |\n| IN-03 | planned | none |\n",
        """
        import pytest
        @pytest.mark.row("IN-01", "XX-99")
        def test_one(): ...
        """,
    )

    assert found.faults() == [
        "IN-02: claimed, but no test carries it",
        "XX-99: no such row in tests/row_ids.txt",
    ]


def test_marks_of_module_class_and_function_are_found(tmp_path):
    found = checkout(
        tmp_path,
        "",
        """
        import pytest
        pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-01")]
        def test_one(): ...
        @pytest.mark.row("IN-02")
        class Test:
            def test_two(self): ...
        def helper(): ...
        """,
    )

    assert found.tests == {
        "IN-01": ["tests/test_a.py::test_one", "tests/test_a.py::Test::test_two"],
        "IN-02": ["tests/test_a.py::Test::test_two"],
    }
