"""All gates on one file."""

from pathlib import Path

from convert.gates import artifact, description, numbers, task
from convert.gates.result import Result, Results
from convert.reference import Reference
from lapx_tf.errors import GateError, InputError
from lapx_tf.runtime.sessions import open_session


def check(file: Path, reference: Reference) -> Results:
    """Opens a file as a user would, with the JSON beside it, and runs each gate.

    Args:
        file: the converted model.
        reference: Keras' answers for the cut, the size and the flip test of this file.
    """
    try:
        session = open_session(file)
        answers = session.run(session.spec.prepare(reference.crops.check_pixels))
    except (InputError, ValueError, RuntimeError) as error:
        # What the runtime can't do with a file that was just described is the file's fault, not the user's.
        return {"numbers": Result(failures=(f"the file does not run: {error}",))}
    return {
        "numbers": numbers.check(answers, session.spec, reference),
        "task": task.check(session, reference),
        "artifact": artifact.check(file, session.spec, reference.parameters).joined(description.check(file)),
    }


def require(results: Results) -> None:
    """Raises a GateError with all that failed."""
    failures = [failure for result in results.values() for failure in result.failures]
    if failures:
        raise GateError("; ".join(failures))
