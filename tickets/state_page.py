"""The page docs/states.md: the machine of a ticket as tables and two pictures, printed from the code."""

from collections import defaultdict

from tickets import kinds
from tickets.models import Ticket
from tickets.models.machine import ORDER
from tickets.states import HOLDABLE, HOLDER, PAUSABLE, Desk, Status

ASIDE = {"suspend", "resume", "defer", "undefer", "cancel", "merge", "transfer"}
HEAD = """# The states of a ticket

Printed from the code by `manage.py print_states`; a test fails when this page is older than the machine.
Steps are taken through `tickets.workflow` alone, which locks the row, checks who may, and writes the event.
"""
KINDS = "What each kind of ticket asks, what its steps wait for, and which it never takes (`tickets.kinds`)."
NEEDS = "A step that needs something has a form of its own; one that asks why is refused without a reason."


def render() -> str:
    """The whole page."""
    steps = _steps()
    way = [step for step in steps if step.name not in ASIDE]
    aside = [step for step in steps if step.name in ASIDE]
    parts = [
        HEAD,
        "## The way\n",
        _picture(way),
        "## Aside and out\n",
        f"Work can be suspended from {_list(PAUSABLE)}, and resumes where it was.\n"
        f"The emergency mode alone also holds what nobody has gone to yet: {_list(HOLDABLE)}.\n",
        _picture([step for step in aside if step.name not in {"suspend", "resume"}]),
        "## States\n",
        _states(),
        "## Steps\n",
        NEEDS + "\n",
        _table(steps),
        "\n## Kinds\n",
        KINDS + "\n",
        _kinds(steps),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _kinds(steps) -> str:
    names = list(dict.fromkeys(step.name for step in steps))
    words = {step.name: step.custom["label"] for step in steps}
    lines = ["| kind | asks at registration | before a step | has no step |", "|---|---|---|---|"]
    for kind, policy in kinds.POLICIES.items():
        opening, gated = kinds.opening_sheet(kind), [sheet for sheet in policy.sheets if sheet.before]
        asked = [*policy.needs, *(ask.label for ask in (opening.asks if opening else ()) if ask.required)]
        before = [f"{sheet.label}（{words[sheet.before]}前）" for sheet in gated]
        before += ["联系核实（答复前）"] if policy.contact_first else []
        without = [words[name] for name in names if name not in policy.steps]
        cells = [kinds.Kind(kind).label, *("、".join(cell) or "—" for cell in (asked, before, without))]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _steps():
    """Every transition in the order of the machine, one for each source."""
    order = {status: number for number, status in enumerate(Status.values)}
    steps = list(Ticket().get_all_status_transitions())
    steps.sort(key=lambda step: (ORDER.index(step.name), order[step.source]))
    return steps


def _list(states) -> str:
    return "、".join(Status(state).label for state in states)


def _targets(step) -> list[str]:
    return [step.target] if isinstance(step.target, str) else list(step.target.allowed_states)


def _picture(steps) -> str:
    labels = defaultdict(list)
    for step in steps:
        for target in _targets(step):
            labels[step.source, target].append(step.custom["label"])
    used = {state for edge in labels for state in edge}
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{status.label}" as {status.value}' for status in Status if status.value in used]
    lines += [f"    {source} --> {target}: {' / '.join(words)}" for (source, target), words in labels.items()]
    return "\n".join([*lines, "```", ""])


def _states() -> str:
    lines = ["| state | name | held by |", "|---|---|---|"]
    for status in Status:
        desk = HOLDER.get(status)
        lines.append(f"| {status.value} | {status.label} | {Desk(desk).label if desk else '—'} |")
    return "\n".join([*lines, ""])


def _table(steps) -> str:
    rows = defaultdict(list)
    for step in steps:
        rows[step.name].append(step)
    lines = ["| step | button | from | to | who may | needs | asks why |", "|---|---|---|---|---|---|---|"]
    for name, same in rows.items():
        words = same[0].custom
        target = "where it was" if name == "resume" else _list(_targets(same[0]))
        sources = _list(dict.fromkeys(step.source for step in same))
        who = same[-1].permission.__name__.replace("is_", "").replace("_", " ")
        needs, why = words["needs"].replace("_", " ") or "—", "yes" if words["reason"] else "—"
        lines.append(f"| {name} | {words['label']} | {sources} | {target} | {who} | {needs} | {why} |")
    return "\n".join(lines)
