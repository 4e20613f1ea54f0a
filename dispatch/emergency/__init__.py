"""Emergency mode 应急预案 (DI-09).

`reach` says what an activation is about, `activation` holds the verbs of the commander, `holds` pauses
and lets go in batches, `telling` writes to the owners, `equipment` keeps squad, supplies and checks,
`progress` reads for the pages, `record` keeps what came of it, `beat` is what happens each minute.
"""

from dispatch.emergency.reach import active_for, priority_faults

__all__ = ["active_for", "priority_faults"]
