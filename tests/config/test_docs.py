import re

from config.processes import ROOT

READS = [
    re.compile(r"""env\.\w+\(\s*"([A-Z_]+)\""""),
    re.compile(r"""os\.environ(?:\.get|\.setdefault)?[(\[]\s*"([A-Z_]+)\""""),
]
# Python's, Django's, the desktop's: not ours to explain.
FOREIGN = {"DJANGO_SETTINGS_MODULE"}


def test_every_variable_the_program_reads_is_explained():
    sources = [path for app in ("config", "core", "notices", "demo") for path in (ROOT / app).rglob("*.py")]
    text = "\n".join(path.read_text() for path in sources)
    read = {name for pattern in READS for name in pattern.findall(text)} - FOREIGN
    explained = set(re.findall(r"`([A-Z_]+)(?:=[^`]*)?`", (ROOT / "docs" / "operations.md").read_text()))

    assert read - explained == set()


def test_the_example_environment_uses_known_variables_only():
    text = (ROOT / "deploy" / "env.example").read_text()
    used = set(re.findall(r"^(?:# )?([A-Z_]+)=", text, re.MULTILINE))
    explained = set(re.findall(r"`([A-Z_]+)(?:=[^`]*)?`", (ROOT / "docs" / "operations.md").read_text()))

    assert used - explained == set()
