"""How long a model takes and what it needs, measured so that the figures can be compared.

Every configuration (model x runtime x threads) runs in processes of its own: a runtime that was used before in the same process
has warm caches, a grown heap and threads of its own. The rounds alternate between the configurations, so that a machine that
gets slower meanwhile (heat, other work) slows all of them. Compare only figures of one run.
"""

from lapx_tf.runtime.benchmark.machine import cpu_name, peak_memory
from lapx_tf.runtime.benchmark.measurement import Measurement, measurement_of, steady_ms
from lapx_tf.runtime.benchmark.timing import time_calls, time_session
from lapx_tf.runtime.benchmark.turns import Configuration, Turns, Worker, measure, take_turns

__all__ = [
    "Configuration",
    "Measurement",
    "Turns",
    "Worker",
    "cpu_name",
    "measure",
    "measurement_of",
    "peak_memory",
    "steady_ms",
    "take_turns",
    "time_calls",
    "time_session",
]
