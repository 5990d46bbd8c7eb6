"""The second gate: a converted file is as good as Keras at what it is for."""

from convert.gates.result import Result
from convert.reference import Reference, score
from lapx_tf.runtime.sessions import Session

LARGEST_LOSS = {"float32": 0.1, "float16": 0.1, "dynamic": 0.5, "int8": 0.5, "int16x8": 0.5}
"""Points (hundredths of the score's range) that a file may lose against Keras."""

NO_PEOPLE = "no people to score on: --data DIR names a data set with a val split"


def check(session: Session, reference: Reference) -> Result:
    """Scores a file on the people that Keras was scored on."""
    task = reference.task
    if task is None:
        return Result(note=NO_PEOPLE)
    converted, points = score(session, task), 1.0 if task.key.startswith("PCK") else 100.0
    lost, bound = points * (task.score - converted), LARGEST_LOSS[session.spec.precision]
    failures = ()
    if not lost <= bound:
        failures = (
            f"{task.key} falls by {lost:.2f} points from Keras' {points * task.score:.2f} to {points * converted:.2f},"
            f" accepted is {bound:g}",
        )
    measured = {
        "measure": task.key,
        "dataset": task.people.dataset,
        "split": "val",
        "persons": len(task.people),
        "keras": task.score,
        "converted": converted,
        "lost_points": lost,
    }
    return Result(measured, {"lost_points": bound}, failures)
