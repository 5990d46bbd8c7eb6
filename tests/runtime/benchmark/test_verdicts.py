import pytest

from lapx_tf.runtime.benchmark import measurement_of
from lapx_tf.runtime.benchmark.throttling import Reading
from lapx_tf.runtime.benchmark.verdicts import names_of, ratio_of, slowdowns, verdicts
from tests.runtime.benchmark.samples import measured, told, watched


def test_two_that_differ_in_every_round_are_told_apart():
    assert verdicts([measured([10, 30, 11]), measured([20, 61, 22.5], model="b.tflite")]) == []


def test_noise_is_called_by_its_name():
    (sentence,) = verdicts([measured([10, 11, 10]), measured([12, 9, 11], model="b.tflite")])
    assert sentence.startswith("Too noisy to tell a.tflite from b.tflite at 1 thread: the ratio is ")
    assert "--rounds" in sentence


def test_two_that_are_known_to_be_alike_are_no_noise():
    (sentence,) = verdicts([measured([10, 20, 10]), measured([10.01, 20.03, 9.98], model="b.tflite")])
    assert "are as fast as each other at 1 thread" in sentence


def test_one_round_has_no_verdict():
    (sentence,) = verdicts([measured([10]), measured([20], model="b.tflite")])
    assert "two rounds or more" in sentence


def test_only_neighbours_at_one_number_of_threads_are_compared():
    noisy = [
        measured([10, 14, 10], threads=threads, model=name) for threads in (1, 2) for name in ("a.tflite", "b.tflite")
    ]
    slow = measured([90, 95, 92], threads=1, model="c.tflite")
    first, second = verdicts([*noisy, slow])
    assert "a.tflite" in first
    assert "at 1 thread:" in first
    assert "at 2 threads:" in second


def test_one_file_in_two_runtimes_is_told_by_them():
    (sentence,) = verdicts([measured([10, 14, 10]), measured([14, 10, 11], runtime="tflite-runtime 2.14.0")])
    assert "a.tflite in r 1" in sentence
    assert "a.tflite in tflite-runtime 2.14.0" in sentence


def test_files_of_one_name_and_other_content_are_told_apart_by_their_digest():
    one, other = measured([1], model="x/a.tflite", sha256="1" * 64), measured([1], model="y/a.tflite", sha256="2" * 64)
    assert names_of([one, other]) == ["a.tflite (11111111)", "a.tflite (22222222)"]
    assert names_of([one, one]) == ["a.tflite", "a.tflite"]


def test_a_ratio_has_the_interval_of_the_rounds():
    ratio, interval = ratio_of(measured([10, 20, 30]), measured([20, 40.5, 59]))
    assert ratio == 2
    assert 2 in interval
    assert interval.spread < 1.15


COOL, HOT = Reading(2400.0, 55.0, 0), Reading(1500.0, 84.5, 0b1110)


def test_a_clock_that_falls_under_load_is_noticed():
    clocked = [measured([10, 10], watch=watched(COOL, after)) for after in (HOT, COOL)]
    assert slowdowns(clocked[1:]) == []
    said = " ".join(slowdowns(clocked))
    assert "between 1500 and 2400 MHz" in said
    assert "up to 84 °C" in said
    assert "a capped clock, throttling, the soft limit of the temperature" in said
    assert "under-voltage" not in said


def test_more_threads_at_a_lower_clock_are_no_slowdown():
    turbo, all_cores = Reading(3700.0), Reading(3100.0)
    found = [measured([10, 10], threads=n, watch=watched(one, one)) for n, one in ((1, turbo), (8, all_cores))]
    assert slowdowns(found) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [(0x50000, 0x50000, ""), (0, 0x10000, "under-voltage"), (0x40000, 0xC0000, "the soft limit of the temperature")],
)
def test_of_what_has_been_since_the_start_only_what_is_new_counts(before, after, said):
    watch = watched(Reading(2400.0, 55.0, before), Reading(2400.0, 55.0, after))
    found = slowdowns([measured([10, 10], watch=watch)])
    assert found == ([f"The Raspberry Pi reported {said} during the runs"] if said else [])


def test_runs_that_get_slower_in_every_process_are_noticed():
    growing = [measured([10, 10, 10], watch=watched(slowdown=ratio)) for ratio in (1.1, 1.12, 1.08)]
    assert any("the last third took 1.10 times as long as the first" in one for one in slowdowns(growing))
    scattered = [measured([10, 10, 10], watch=watched(slowdown=ratio)) for ratio in (1.3, 0.8, 1.1)]
    assert slowdowns(scattered) == []


def test_rounds_that_get_slower_for_all_are_noticed():
    assert any("every configuration" in one for one in slowdowns([measured([10, 11, 12]), measured([20, 23, 25])]))
    assert slowdowns([measured([10, 11, 12]), measured([20, 20, 20])]) == []


@pytest.mark.parametrize(("cpu", "said"), [(9.9, False), (5.0, True)])
def test_a_machine_with_other_work_is_noticed(cpu, said):
    found = slowdowns([measurement_of([told(times=[10.0], cpu_times=[cpu])])])
    assert ("busy with other work" in " ".join(found)) == said
