import pytest

from tests.conftest import NO_CHROMIUM, find_chromium


def test_a_named_browser_is_taken(monkeypatch, tmp_path):
    browser = tmp_path / "browser"
    browser.touch()
    monkeypatch.setenv("CHROMIUM", str(browser))

    assert find_chromium() == str(browser)


def test_without_a_browser_its_tests_are_skipped_and_say_how_to_get_one(monkeypatch):
    monkeypatch.setenv("CHROMIUM", "nowhere/chromium")
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception) as skipped:
        find_chromium()

    assert str(skipped.value) == NO_CHROMIUM


def test_without_a_browser_its_tests_fail_in_ci(monkeypatch):
    monkeypatch.setenv("CHROMIUM", "nowhere/chromium")
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception) as failed:
        find_chromium()

    assert str(failed.value) == NO_CHROMIUM
