"""One run of the benchmark: configurations and ceilings in the same rounds."""

from collections.abc import Callable, Sequence
from datetime import date

from lapx_tf.runtime.benchmark import ceiling
from lapx_tf.runtime.benchmark.ceiling import Ceiling
from lapx_tf.runtime.benchmark.machine import this_machine
from lapx_tf.runtime.benchmark.measurement import measurement_of
from lapx_tf.runtime.benchmark.report import CeilingFound, Report
from lapx_tf.runtime.benchmark.turns import Configuration, Turns, take_turns
from lapx_tf.spec import read_spec


def ceilings_for(configurations: Sequence[Configuration]) -> list[Ceiling]:
    """What to measure beside configurations: the convolutions of each precision and number of threads; none without LiteRT."""
    if not ceiling.is_installed():
        return []
    pairs = ((ceiling.ceiling_of(read_spec(one.model).precision), one.threads) for one in configurations)
    return [Ceiling(precision, threads) for precision, threads in dict.fromkeys(pairs) if precision is not None]


def processes(configurations: Sequence[Configuration], turns: Turns) -> int:
    """How many processes `run` starts."""
    return (len(configurations) + len(ceilings_for(configurations))) * turns.rounds


def run(configurations: Sequence[Configuration], turns: Turns, on_process: Callable[[], None] = lambda: None) -> Report:
    """Measures configurations on this machine.

    Args:
        configurations: what to measure.
        turns: how often.
        on_process: is called when a process is done; there are `processes` of them.

    Raises:
        InputError: a model can't be used, or its process failed.
    """
    ceilings = ceilings_for(configurations)
    told = take_turns([*configurations, *ceilings], turns.runs, turns.warmup, turns.rounds, on_process)
    of_ceilings = zip(ceilings, told[len(configurations) :], strict=True)
    return Report(
        machine=this_machine(),
        date=date.today().isoformat(),
        turns=turns,
        measurements=tuple(measurement_of(rounds) for rounds in told[: len(configurations)]),
        ceilings=tuple(CeilingFound(one.precision, one.threads, one.gmac_per_second(of)) for one, of in of_ceilings),
    )
