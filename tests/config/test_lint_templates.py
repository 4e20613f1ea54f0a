import pytest

from config.lint_templates import findings


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<script>go()</script>", "inline script: move it to static/js"),
        ("<STYLE>p{}</STYLE>", "inline style sheet: move it to static/css"),
        ('<p\n style="color:red">', "style attribute: use a class"),
        ('<button onclick="go()">', "event attribute: listen in static/js"),
        ('<button hx-on:click="go()">', "script in an attribute: listen in static/js"),
        ('<a href="javascript:go()">', "javascript: address"),
        ('<link href="https://cdn.example/x.css">', "foreign resource"),
        ("{{ note|safe }}", "|safe: let Django escape it"),
        ("{% autoescape off %}", "autoescape off: let Django escape it"),
    ],
)
def test_what_the_policy_forbids_is_found(text, reason):
    assert list(findings(f"\n{text}", fragment=False)) == [(2, reason)]


@pytest.mark.parametrize(
    "text",
    [
        '<script type="module" src="{% static "js/app.js" %}"></script>',
        "{# <script>never rendered</script> #}",
        "{% comment %}<p style=''>{% endcomment %}",
        '<a href="https://example.com/">',
        '<p data-style="x" class="style">on a = b</p>',
    ],
)
def test_what_is_allowed_is_left_alone(text):
    assert list(findings(text, fragment=False)) == []


def test_a_fragment_says_what_it_expects():
    reason = "fragment without a first line that names what it expects"

    assert list(findings("<p>{{ ticket }}</p>", fragment=True)) == [(1, reason)]
    assert list(findings("{# ticket #}\n<p>{{ ticket }}</p>", fragment=True)) == []
