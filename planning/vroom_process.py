"""Runs VROOM in a process of its own: JSON in, JSON out (`python -m planning.vroom_process`).

The solver holds the interpreter for seconds and brings numpy and pandas along; the house stays free of
both. Needs no Django.
"""

import json
import sys
from datetime import timedelta
from typing import Any


def solve(content: dict[str, Any]) -> dict[str, Any]:
    """Routes as lists of [job or null for the break, minute], by vehicle."""
    import numpy
    import vroom

    problem = vroom.Input()
    problem.set_durations_matrix("car", numpy.array(content["matrix"], dtype=numpy.uint32))
    for each in content["jobs"]:
        problem.add_job(
            vroom.Job(
                id=each["id"],
                location=each["place"],
                default_service=each["minutes"],
                delivery=vroom.Amount(each["amount"]),
                skills={each["skill"]},
                priority=each["priority"],
                time_windows=[vroom.TimeWindow(*window) for window in each["windows"]],
            )
        )
    for each in content["vehicles"]:
        problem.add_vehicle(_vehicle(vroom, each))
    found = problem.solve(
        exploration_level=content["exploration"],
        nb_threads=content["threads"],
        timeout=timedelta(seconds=content["seconds"]),
    ).to_dict()
    return {
        "routes": {str(route["vehicle"]): _steps(route["steps"]) for route in found["routes"]},
        "unassigned": [each["id"] for each in found.get("unassigned", [])],
    }


def _vehicle(vroom: Any, each: dict[str, Any]) -> Any:
    lunch = each["lunch"]
    breaks = [vroom.Break(0, [vroom.TimeWindow(*lunch["window"])], service=lunch["minutes"])] if lunch else []
    return vroom.Vehicle(
        each["id"],
        start=each["start"],
        end=each["end"],
        capacity=each["capacity"],
        skills=set(each["skills"]),
        time_window=vroom.TimeWindow(*each["window"]),
        breaks=breaks,
    )


def _steps(steps: list[dict[str, Any]]) -> list[list[int | None]]:
    return [
        [step["id"] if step["type"] == "job" else None, step["arrival"] + step.get("waiting_time", 0)]
        for step in steps
        if step["type"] in {"job", "break"}
    ]


if __name__ == "__main__":
    json.dump(solve(json.load(sys.stdin)), sys.stdout)
