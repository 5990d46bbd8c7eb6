import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from lapx_tf.data import lsp
from lapx_tf.evaluation.report_figures import curves_svg
from lapx_tf.models import storage
from tests.helpers import write_lsp
from train import __main__ as training
from train import recipe as recipes
from train.recipe import Recipe
from train.report import __main__ as command
from train.report import run_files
from train.report import writing as report
from train.report.curves import charts, phases
from train.report.found import find
from train.report.page import flat, machine, page, summary
from train.watching import sessions
from train.watching.environment import commit, environment
from train.watching.pace import Pace
from train.watching.sessions import SESSIONS, NoteSession

RECIPE = Recipe("tiny", 16, 1, (1,), (32, 32), epochs=9, batch_size=4, learning_rate=1e-3, depth=1)
LOG = """epoch,gamma_1,gamma_phase,learning_rate,loss,loss_stack1,pck,val_loss,val_loss_stack1,val_pck,val_PCK@0.2
0,0.0,0,0.001,0.02,0.02,0.1,0.03,0.03,0.15,nan
1,0.0,0,0.001,0.01,0.01,0.2,0.02,0.02,0.35,nan
2,0.1,1,0.0005,0.009,0.009,0.3,0.025,0.025,0.25,31.5
3,0.2,2,0.0001,0.008,0.0
"""
"""Of a run that was killed while it wrote."""


@pytest.fixture
def workdir(tmp_path) -> Path:
    """The folder of a run of four epochs in two processes."""
    folder = tmp_path / "run"
    folder.mkdir()
    settings = {"recipe": RECIPE.to_dict(), "dataset": "<lsp>", "persons": 8, "seed": 3, "weights": None}
    (folder / "recipe.json").write_text(json.dumps(settings))
    (folder / "log.csv").write_text(LOG)
    first = {"keras": "3.15", "data": ["/gone/lsp"]}
    lines = [
        {"time": 1000.0, "begins": first, "step": 0},
        {"time": 1100.0, "step": 2, "epoch": 1, "images_per_second": 10.0},
        {"time": 1160.0, "step": 3},
        {"time": 5000.0, "begins": first | {"keras": "3.16"}, "step": 3},
        {"time": 5050.0, "step": 4, "epoch": 2, "images_per_second": 20.0},
    ]
    (folder / SESSIONS).write_text("\n".join(map(json.dumps, lines)) + '\n{"time": 60')
    return folder


class Sources(HTMLParser):
    """Whatever a page would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        assert tag not in ("script", "link", "iframe")
        self.found += [value for name, value in attrs if name in ("src", "href")]


def pictures(text: str) -> int:
    """How many persons are drawn."""
    return sum(source.startswith("data:image/jpeg") for source in Sources(text).found)


def test_a_run_is_read_to_where_it_was_killed(workdir):
    run = run_files.read(workdir)
    assert run.epochs.tolist() == [1, 2, 3, 4]
    assert run.log["loss"].tolist() == [0.02, 0.01, 0.009, 0.008]
    assert np.isnan(run.log["val_pck"][3])
    assert run.data == [Path("/gone/lsp")]
    assert [(one.step, one.began, one.ended, one.rates) for one in run.sessions] == [
        (0, 1000, 1160, {1: 10}),
        (3, 5000, 5050, {2: 20}),
    ]
    found = summary(run)
    assert found["epochs"] == "4 of 9"
    assert found["best"] == "PCK@0.2 35.0 in validation after epoch 2"
    assert found["duration"] == "3 min 30 s"
    assert found["images a second"] == "15.0 (median of 2 epochs)"
    assert found["resumed"] == "from step 3"
    assert machine(run) == {"keras": "3.15; then 3.16"}


def test_the_charts_are_those_that_there_are_figures_for(workdir):
    run = run_files.read(workdir)
    found = {chart.title: [curve.label for curve in chart.curves] for chart in charts(run)}
    assert found == {
        "Loss": ["validation", "training", "validation, stack 1", "training, stack 1"],
        "Score": ["validation, PCK@0.2", "training, PCK@0.2", "full evaluation, PCK@0.2"],
        "Learning rate": ["learning rate"],
        "Gamma of the NonLocal modules": ["stack 1"],
        "Speed": ["images a second"],
    }
    score = charts(run)[1]
    assert np.asarray(score.curves[0].y)[:3].tolist() == [15, 35, 25]  # all in per cent
    assert np.asarray(score.curves[2].y)[2] == 31.5
    assert [(span.label, span.start, span.end) for span in phases(run)] == [
        ("frozen", 1, 2.5), ("ramp", 2.5, 3.5), ("released", 3.5, 4)
    ]  # fmt: skip
    gamma = curves_svg(charts(run)[3])
    assert gamma.count(b"<!-- ramp -->") == 1


def test_a_run_of_one_epoch_or_none_has_a_report_too(workdir):
    (workdir / SESSIONS).unlink()
    (workdir / "log.csv").write_text("\n".join(LOG.splitlines()[:2]))
    assert "PCK@0.2 15.0 in validation after epoch 1" in page(run_files.read(workdir), "")
    (workdir / "log.csv").unlink()
    text = page(run_files.read(workdir), "nothing yet")
    assert "no epoch has ended yet" in text
    assert Sources(text).found == []


def test_the_page_is_one_file_with_recipe_machine_and_curves(workdir):
    text = page(run_files.read(workdir), "There is <nothing>.")
    assert len(Sources(text).found) == 5
    assert all(source.startswith("data:image/svg+xml;base64,") for source in Sources(text).found)
    assert "tiny on &lt;lsp&gt;" in text
    assert "There is &lt;nothing&gt;." in text
    assert "augmentation.rotation" in text
    assert "3.15; then 3.16" in text


def test_nested_values_have_dotted_names():
    assert flat({"a": 1, "b": {"c": 2, "d": {"e": [3]}}}) == {"a": 1, "b.c": 2, "b.d.e": [3]}


def test_the_best_and_the_worst_persons_are_drawn(workdir, tmp_path, tiny_network):
    write_lsp(tmp_path / "lsp", count=5)
    people = lsp.load(tmp_path / "lsp", "all")
    storage.save(tiny_network, workdir / "best.keras")
    (tmp_path / "lsp" / "images" / "im0002.jpg").write_bytes(b"no picture")
    text = page(run_files.read(workdir), find(workdir, people))
    assert pictures(text) == 2 * 4
    assert re.search(r'class="headline">PCK@0.2 \d', text)
    best, worst = (re.findall(r"<figcaption>(\S+):", part) for part in text.split("The worst 4 of 4 persons"))
    assert best == worst[::-1]
    assert "Each joint" in text


def test_without_a_network_or_the_data_the_command_draws_the_curves(workdir, capsys):
    assert command.main([str(workdir)]) == 0
    assert capsys.readouterr().out.strip() == str(workdir / "report.html")
    assert "no such file or folder: /gone/lsp; --data names" in (workdir / "report.html").read_text()
    (workdir / SESSIONS).unlink()
    assert command.main([str(workdir)]) == 0  # and the synthetic people, which no path means, are not taken
    assert "does not say where the data is; --data names" in (workdir / "report.html").read_text()
    assert command.main([str(workdir), "--no-predictions"]) == 0
    assert command.main([str(workdir), "--data", "/gone/lsp"]) == 2
    assert "there is no best.keras" in str(find(workdir, lsp_people(workdir)))


def lsp_people(folder: Path):
    write_lsp(folder / "lsp", count=2)
    return lsp.load(folder / "lsp", "all")


def test_a_folder_without_a_run_is_refused(tmp_path, capsys):
    assert command.main([str(tmp_path)]) == 2
    assert command.main([str(tmp_path / "none")]) == 2
    error = capsys.readouterr().err
    assert "holds no run" in error
    assert "no such folder" in error
    assert error.count("\n") == 2


def test_a_run_that_stops_has_its_report_and_stops_all_the_same(workdir, monkeypatch):
    monkeypatch.setattr(report, "find", lambda folder, people: "predicted")
    people = lsp_people(workdir)
    with pytest.raises(KeyboardInterrupt, match="by hand"), report.at_end(workdir, people):
        raise KeyboardInterrupt("by hand")
    assert "because the run was stopped" in (workdir / "report.html").read_text()
    with report.at_end(workdir, people):
        pass
    assert "predicted" in (workdir / "report.html").read_text()


def test_a_report_that_can_not_be_written_does_no_harm(workdir, monkeypatch, capsys):
    def full(folder, found):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report, "write", full)
    monkeypatch.setattr(report, "find", lambda folder, people: "predicted")
    with report.at_end(workdir, lsp_people(workdir)):
        pass
    assert "no report: [Errno 28]" in capsys.readouterr().err


def test_a_process_notes_where_it_began_that_it_lives_and_each_epoch(tmp_path):
    pace = Pace(batch_size=4)
    pace.set_params({"steps": 3, "epochs": 2, "first_step": 1})
    note = NoteSession(tmp_path, pace, {"keras": "3.15"}, beat_seconds=0)
    for callback in (pace, note):
        callback.on_epoch_begin(0)
    for batch in (1, 2):
        for callback in (pace, note):
            callback.on_train_batch_end(batch)
    note.on_epoch_end(0)
    note.on_epoch_begin(1)
    assert len((tmp_path / SESSIONS).read_text().splitlines()) == 4
    (session,) = sessions.read(tmp_path)
    assert session.step == 1
    assert session.facts == {"keras": "3.15"}
    assert list(session.rates) == [1]
    assert session.ended >= session.began


def test_the_environment_names_what_a_result_depends_on(tmp_path):
    found = environment()
    assert {"lapx_tf", "backend", "keras", "numpy", "python", "system", "processor", "device"} <= found.keys()
    assert all(found.values())
    assert commit(tmp_path) == ""  # outside of a checkout


def test_a_training_ends_with_its_report(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("lapx_tf.data.lsp.TRAIN_IMAGES", 6)
    monkeypatch.setattr(recipes, "names", lambda: ["tiny"])
    monkeypatch.setattr(recipes, "find", lambda name: RECIPE)
    write_lsp(tmp_path / "lsp", count=8)
    workdir = tmp_path / "run"
    assert training.main(["tiny", "--data", str(tmp_path / "lsp"), "--workdir", str(workdir), "--epochs", "2"]) == 0
    assert "epoch 2 of 2: " in capsys.readouterr().out
    text = (workdir / "report.html").read_text()
    assert pictures(text) == 2 * 2
    assert text.count("data:image/svg+xml") == 6
    assert {path.name for path in (workdir / "tensorboard").iterdir()} == {"train", "validation"}
    assert run_files.read(workdir).data == [tmp_path / "lsp"]
