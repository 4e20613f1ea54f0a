"""What the tests ask of every page finds what is wrong with one."""

import pytest

from tests import browsers

pytestmark = pytest.mark.browser
# Grey on white is too faint; in the dark the first paragraph is white on black.
PAGE = """
<!doctype html><html lang="zh-CN"><title>房修</title><meta name="color-scheme" content="light dark">
<style>
  body {{ background: {light}; color: #000 }}
  p {{ color: {text} }}
  @media (prefers-color-scheme: dark) {{ body {{ background: #000; color: #fff }} p {{ color: {dark} }} }}
</style>
<main><h1>报修</h1><p>厨房龙头关不紧</p><section><p>一直滴水</p></section></main></html>
"""
WORDS = ["#fff", "rgb(0 0 0 / 0.5)", "rgba(255, 255, 255, 0.93)", "hsl(0.5turn 50% 50%)", "transparent"]
WORDS += ["color(srgb 0.2 0.4 0.6 / 0.7)", "oklab(0.6 0.1 0.1)", "color(display-p3 1 0 0)", "rebeccapurple"]


@pytest.fixture
def page(browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("light", "text", "dark", "faults"),
    [
        ("#fff", "#000", "#fff", []),
        ("#fff", "color-mix(in srgb, #000 40%, #fff)", "#fff", ["light: color-contrast"]),
        ("#fff", "#000", "rgb(255 255 255 / 0.3)", ["dark: color-contrast"]),
        ("rgb(0 0 0 / 0.6)", "#000", "#333", ["dark: color-contrast", "light: color-contrast"]),
    ],
)
def test_a_faint_text_is_found_in_the_theme_where_it_is_faint(page, light, text, dark, faults):
    page.set_content(PAGE.format(light=light, text=text, dark=dark))

    assert browsers.faults_of(page) == faults


def test_one_faint_text_among_clear_ones_of_the_same_words_is_found(page):
    page.set_content(PAGE.format(light="#fff", text="#555", dark="#fff"))
    page.add_style_tag(content="@media (prefers-color-scheme: light) { section { background: #bbb } }")

    assert browsers.faults_of(page) == ["light: color-contrast"]


def test_a_colour_read_again_is_the_colour_that_axe_reads(page):
    read = """words => words.map(each => {
        const colour = new axe.commons.color.Color(1, 2, 3, 0.4).parseString(each);
        return JSON.stringify([colour.toJSON(), colour.r, colour.g, colour.b]);
    })"""
    page.evaluate(browsers.AXE_SCRIPT)
    plain = page.evaluate(read, WORDS)
    page.evaluate(browsers.KEPT_COLOURS)

    assert [page.evaluate(read, WORDS) for _ in range(2)] == [plain, plain]


def test_words_that_are_no_colour_are_refused_each_time(page):
    page.evaluate(f"{browsers.AXE_SCRIPT};{browsers.KEPT_COLOURS}")
    page.evaluate(
        "window.asked = () => { try { new axe.commons.color.Color().parseString('grün') }"
        " catch (error) { return error.message } }"
    )

    assert [page.evaluate("asked()") for _ in range(2)] == ['Unable to parse color "grün"'] * 2
