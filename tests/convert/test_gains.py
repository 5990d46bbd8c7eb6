import json

import pytest

from convert import bench_files, gains, jobs
from convert.gains import choices
from convert.graph.options import FOR_FLOAT, FOR_INT8, Rewrite
from tests.convert.conftest import in_this_process


@pytest.mark.parametrize(("precision", "suited"), [("float32", FOR_FLOAT), ("int8", FOR_INT8)])
def test_each_rewrite_is_tried_alone_and_left_out_of_all(precision, suited):
    sets = choices(precision)
    assert sets["none"] == frozenset()
    assert sets["all that suit"] == suited
    for one in Rewrite:
        assert sets[f"only {one.value}"] == {one}
        other = f"all but {one.value}" if one in suited else f"all and {one.value}"
        assert sets[other] == suited ^ {one}


def test_the_command_tells_what_the_rewrites_gain(keras_file, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(jobs, "run", in_this_process)
    monkeypatch.setattr(bench_files, "SAMPLES", 2)
    monkeypatch.setattr(gains, "choices", lambda precision: {"none": frozenset(), "all that suit": FOR_FLOAT})
    out, document = tmp_path / "gains.json", tmp_path / "gains.md"
    options = ["--runs", "2", "--rounds", "1", "--json", str(out), "--markdown", str(document)]
    assert gains.main([str(keras_file), *options]) == 0
    plain, none, rewritten = json.loads(out.read_text())["rows"]
    assert [row["rewrites"] for row in (plain, none, rewritten)] == ["plain conversion", "none", "all that suit"]
    assert plain["times_plain"] == 1
    assert plain["partitions"] >= none["partitions"] > rewritten["partitions"] == 1
    assert none["operations"] < plain["operations"]
    assert min(row["cpu_ms"] for row in (plain, none, rewritten)) > 0
    assert document.read_text().count("\n| ") == 5
    assert "all that suit" in capfd.readouterr().out


def test_a_missing_network_is_told_before_anything_is_made(tmp_path, capfd):
    assert gains.main([str(tmp_path / "none.keras")]) == 2
    assert "no such file" in capfd.readouterr().err
