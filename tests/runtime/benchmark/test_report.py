import json
import math
from dataclasses import replace

import pytest

from lapx_tf.errors import InputError
from lapx_tf.runtime.benchmark import html, sharing
from lapx_tf.runtime.benchmark.bars import Bar, Part, bars
from lapx_tf.runtime.benchmark.comparing import compare
from lapx_tf.runtime.benchmark.intervals import Interval
from lapx_tf.runtime.benchmark.report import Report, read_report
from lapx_tf.runtime.benchmark.tables import (
    Table,
    frames_table,
    markdown,
    profile_table,
    tables_of,
    times_table,
    work_table,
)
from tests.runtime.benchmark.samples import FRAMES, MACHINE, PROFILE, measured, report, watched

HOSTILE = "<script>alert(1)&|.tflite"


def full():
    """A report with all that there may be, NaN included."""
    one = measured([10, 11, 12], macs=400_000_000, parameters=2_000_000, partitions=1, beside=0, watch=watched())
    untold = measured([20, 22, 23], model="/home/somebody/b.tflite", sha256="b")
    untold = replace(untold, p90_ms=math.nan, p99_ms=math.nan, cpu_ms=math.nan)
    return report(replace(one, frames=FRAMES, sha256="a"), untold, profiles=(PROFILE,))


def cells(table, row=0):
    """A row by its columns; of two columns of one name the first."""
    return dict(zip(table.header[::-1], table.rows[row][::-1], strict=True))


def test_a_report_survives_json(tmp_path):
    path = tmp_path / "b.json"
    path.write_text(json.dumps(full().to_dict(), allow_nan=False))
    found = read_report(path)
    assert found.measurements[0] == full().measurements[0]
    assert math.isnan(found.measurements[1].p90_ms)
    assert (found.machine, found.turns, found.ceilings, found.profiles) == (
        full().machine, full().turns, full().ceilings, full().profiles)  # fmt: skip
    assert found.to_dict() == full().to_dict()


NO_REPORTS = (
    "",
    "{",
    "[]",
    "{}",
    "[" * 100_000,
    "\xff",
    '{"format": "lapx benchmark 0"}',
    '{"format": "lapx benchmark 1"}',
    '{"format": "lapx benchmark 1", "machine": {"cpu": 1}}',
)


@pytest.mark.parametrize("content", NO_REPORTS)
def test_a_file_that_is_no_report_is_told_in_one_sentence(tmp_path, content):
    path = tmp_path / "b.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(InputError, match=r"b.json is no report of `lapx benchmark --json`"):
        read_report(path)


def test_a_missing_baseline_is_told_in_one_sentence(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_report(tmp_path / "none.json")


def test_what_is_reached_of_the_ceiling_is_of_the_same_precision_and_threads():
    one, other = measured([10], macs=500_000_000), measured([10], macs=500_000_000, precision="float32")
    found = report(one, other)
    assert found.of_ceiling(one) == 0.5
    assert found.of_ceiling(other) is None
    assert report(measured([10])).of_ceiling(measured([10])) is None


def test_the_tables_hold_the_figures():
    found = full()
    times, work, frames = times_table(found), work_table(found), frames_table(found)
    assert cells(times)["median"] == "11.0"
    assert (cells(times)["x first"], cells(times, 1)["x first"]) == ("1", "0.50")
    assert (cells(times, 1)["p90"], cells(times, 1)["CPU"]) == ("-", "-")
    assert (cells(work)["GMAC/s"], cells(work)["of ceiling"], cells(work)["parameters"]) == ("36.4", "36%", "2.000")
    assert (cells(work, 1)["GMAC"], cells(work, 1)["parts"]) == ("-", "-")
    assert (cells(frames)["crop"], cells(frames)["frames/s"]) == ("2.00", "50.0")
    assert len(frames.rows) == 1
    assert len(tables_of(found)) == 4
    assert len(tables_of(report(measured([1])))) == 2


def test_a_profile_that_is_not_known_says_why():
    silent = replace(PROFILE, operations=(), note="no profiler here")
    assert profile_table(silent).note == "no profiler here"
    assert profile_table(PROFILE).rows[0] == ("stem|<conv>", "Conv", "1.50", "75.0%")


def test_markdown_keeps_its_columns_whatever_is_in_a_cell():
    lines = markdown(Table("T", ("a", "b"), (("x|y", "1"),), "note", words=1)).splitlines()
    assert lines == ["**T**", "", "| a | b |", "| --- | ---: |", "| x\\|y | 1 |", "", "note"]


def test_the_shared_block_has_machine_versions_conditions_and_tables_and_no_path():
    found = full()
    block = sharing.block(found, tables_of(found), ["A remark"])
    for part in ("Raspberry Pi 5", "Cortex-A76", "ondemand", "Debian 12", "Python: 3.11.2", "2026-11-30", "lapx-tf: 0.1",
                 "9 runs of each configuration after 2 untimed ones, in 3", "| a.tflite |", "50.0"):  # fmt: skip
        assert part in block
    assert block.endswith("\n\n- A remark.\n")
    assert "somebody" not in block
    assert "home" not in block


def test_the_page_holds_everything_and_escapes_it():
    found = full()
    hostile = replace(found.measurements[0], model=f"/home/somebody/{HOSTILE}")
    found = replace(found, measurements=(hostile, *found.measurements[1:]), machine=replace(MACHINE, board="<b>Pi"))
    page = html.page(found, tables_of(found), [])
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<b>Pi" not in page
    assert "stem|&lt;conv&gt;" in page
    assert "somebody" not in page
    assert page.count("<svg") == page.count("</svg>") == 2
    for part in ("Cortex-A76", "Latency, batch 1", "Work, size and memory", "From a picture", "95%", "50.0 frames/s"):
        assert part in page
    assert not any(part in page for part in ("://", "url(", "src=", "href="))


def test_the_page_says_what_the_report_says_in_words():
    noisy = report(measured([10, 14, 10]), measured([14, 10, 11], model="b.tflite"))
    assert "Too noisy to tell" in html.page(noisy, tables_of(noisy), noisy.notes)
    plain = report(measured([10, 10.1]))
    assert "What to know" not in html.page(plain, tables_of(plain), plain.notes)


def test_bars_name_the_runtime_only_where_a_model_has_several():
    one, other = measured([10, 10.1]), measured([20, 20.1], runtime="r 2")
    assert ">a.tflite, r 2, 1 thread<" in html.page(report(one, other), [], [])
    elsewhere = measured([20, 20.1], runtime="r 2", model="b.onnx", threads=2)
    assert ">b.onnx, 2 threads<" in html.page(report(one, elsewhere), [], [])


def test_bars_are_as_long_as_their_values_and_a_boundless_interval_stays_in_the_drawing():
    short, long = (
        Bar("a", (Part(1, "red"),), "1"),
        Bar("b" * 60, (Part(1, "red"), Part(1, "blue")), "2", Interval(1, 1e9)),
    )
    drawn = bars([short, long], "lengths")
    widths = [float(part.split('"')[0]) for part in drawn.split(' width="')[1:]]
    assert widths[0] == widths[1] == widths[2] > 0
    assert max(float(part.split('"')[0]) for part in drawn.split("H")[1:]) <= 900
    assert "…" in drawn


def test_a_baseline_is_found_by_digest_then_by_name():
    before = report(
        measured([20, 22, 21], sha256="1", model="old/was.tflite"), measured([9, 9, 9], sha256="2", model="b.tflite")
    )
    now = report(
        measured([10, 11, 10.5], sha256="1", model="is.tflite"),
        measured([9, 9.02, 8.98], sha256="3", model="b.tflite", runtime="r 2"),
        measured([5, 5], sha256="4", model="new.tflite"),
        measured([5, 5], threads=2, sha256="1"),
    )
    table, said = compare(now, before)
    by_digest, by_name, new, threads = (cells(table, row) for row in range(4))
    assert (by_digest["x baseline"], by_digest["baseline"], by_digest["now"]) == ("2.00", "21.0", "10.5")
    assert by_digest[""] == ""
    assert by_name[""] == "another file, was r 1, as fast as before"
    assert new[""] == threads[""] == "not in the baseline"
    assert said == ["The ceiling (int8, threads: 1) is 1.00 times the baseline's"]


def test_noise_between_runs_is_called_so():
    table, _ = compare(report(measured([10, 14, 10])), report(measured([11, 13, 9])))
    assert cells(table)[""] == "too noisy to tell"


def test_another_machine_is_told_loudly_and_another_governor_too():
    one = report(measured([10, 10]))
    other = replace(one, machine=replace(MACHINE, board="Raspberry Pi 4 Model B"))
    loud = "THE BASELINE WAS MEASURED ON ANOTHER MACHINE: Raspberry Pi 4 Model B, 4 cores"
    assert compare(one, other)[1][0].startswith(loud)
    governed = replace(one, machine=replace(MACHINE, governor="performance"))
    assert "governor was performance and is ondemand" in compare(one, governed)[1][0]


def test_from_dict_takes_nothing_else():
    for content in (None, 3, {"format": None}):
        with pytest.raises(ValueError, match="format"):
            Report.from_dict(content)
