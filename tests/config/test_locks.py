import pytest

from config import locks


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "base.in").write_text("# runs\ndjango~=5.2\n")
    (tmp_path / "dev.in").write_text("-r base.in\npytest\n")
    (tmp_path / "plan.in").write_text("-r base.in\n")
    for name in ("base", "plan"):
        (tmp_path / f"{name}.lock").write_text("django==5.2.19 \\\n    --hash=sha256:aa\n")
    (tmp_path / "dev.lock").write_text(
        "django==5.2.19 \\\n    --hash=sha256:aa\npytest==9.0 \\\n    --hash=sha256:bb\n"
    )
    locks.stamp(tmp_path)
    return tmp_path


def test_the_shipped_locks_are_fresh():
    assert list(locks.problems()) == []


def test_a_lock_made_from_its_inputs_is_accepted(folder):
    assert list(locks.problems(folder)) == []


def test_an_input_changed_after_locking_is_noticed(folder):
    (folder / "base.in").write_text("django~=5.3\n")

    assert list(locks.problems(folder)) == [
        "base.lock was not made from the present base.in: run `make lock`",
        "base.lock does not satisfy django~=5.3",
        "plan.lock was not made from the present plan.in: run `make lock`",
        "plan.lock does not satisfy django~=5.3",
        "dev.lock was not made from the present dev.in: run `make lock`",
        "dev.lock does not satisfy django~=5.3",
    ]


def test_a_pin_without_a_hash_is_noticed(folder):
    (folder / "base.lock").write_text("django==5.2.19\n")
    locks.stamp(folder)

    assert list(locks.problems(folder)) == ["base.lock has no hash for django==5.2.19"]


def test_locks_that_differ_are_noticed(folder):
    (folder / "base.lock").write_text("django==5.2.18 \\\n    --hash=sha256:cc\n")
    locks.stamp(folder)

    assert list(locks.problems(folder)) == [
        "plan.lock and base.lock differ in django",
        "dev.lock and base.lock differ in django",
    ]


def test_a_lock_with_an_address_is_noticed(folder):
    lock = folder / "base.lock"
    lock.write_text("--index-url ht" + "tp://host/\n" + lock.read_text())
    locks.stamp(folder)

    assert list(locks.problems(folder)) == ["base.lock names an address; a lock must install from any index"]
