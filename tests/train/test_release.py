"""From a network to the package: every file made, scored and timed, the card filled, what is bad refused."""

import json
import shutil
from dataclasses import replace

import pytest

import convert.__main__ as convert
from convert.graph.options import GraphOptions
from convert.request import variants_of
from lapx_tf import LAPX, pretrained
from lapx_tf.errors import GateError, InputError
from lapx_tf.models import storage
from lapx_tf.pretrained import INT8
from lapx_tf.runtime import cli
from lapx_tf.skeletons import MPII_16
from lapx_tf.spec import sidecar_of
from tests.helpers import TINY, randomize, write_lsp
from train import evaluate, sheet
from train.release import __main__ as command
from train.release import card, figures, history
from train.release.figures import Figures, Row
from train.release.files import make

PLACES = "".join(f"<!-- {name} -->\nold\n<!-- end of {name} -->\n" for name in ("score", "files", "joints"))


@pytest.fixture
def steps(monkeypatch):
    """The commands that a release runs; here in this process."""
    run = []

    def step(_, module, *arguments):
        words = [str(word) for word in arguments]
        if module == "lapx_tf.runtime.cli":
            words += ["--runs", "2", "--rounds", "1", "--warmup", "0"]
        run.append(module)
        assert COMMANDS[module](words) == 0

    for place in ("train.release.__main__", "train.release.files"):
        monkeypatch.setattr(f"{place}.step", step)
    return run


def stand_in(words: list[str]) -> int:
    """Takes what a conversion takes and names its files alike; for they take a minute, each holds a network of the package."""
    asked = convert.parser().parse_args(words)
    graph = GraphOptions(stacks=asked.stacks)
    for variant in variants_of(asked.to, asked.precision, graph, "nhwc", None, asked.keep_float):
        file, source = asked.out / variant.file_name(asked.model.stem), pretrained.find("lapx_small_lsp", INT8)
        shutil.copy(source, file)
        shutil.copy(sidecar_of(source), sidecar_of(file))
    return 0


COMMANDS = {
    "convert": stand_in,
    "train.evaluate": evaluate.main,
    "train.sheet": sheet.main,
    "lapx_tf.runtime.cli": cli.main,
}


def test_the_log_to_be_written_is_not_joined_with_itself(tmp_path, capsys):
    page = tmp_path / "tiny.md"
    asked = ["lapx_small_lsp", "--name", "tiny", "--data", "lsp", "--card", str(page), "--licence", "none"]
    assert command.main([*asked, "--logs", str(tmp_path / "tiny" / "log.csv")]) == 2
    assert "give --logs a copy of it" in capsys.readouterr().err


def test_a_log_that_was_joined_before_counts_as_its_runs(tmp_path):
    before, new = tmp_path / "before.csv", tmp_path / "new.csv"
    before.write_text("run,epoch,loss\n1,1,0.5\n2,2,0.4\n2,3,0.3\n")
    new.write_text("epoch,loss\n0,0.2\n1,0.1\n")
    rows = history.joined([before, new])
    assert [(row["run"], row["epoch"], row["loss"]) for row in rows] == [
        ("1", "1", "0.5"),
        ("2", "2", "0.4"),
        ("2", "3", "0.3"),
        ("3", "4", "0.2"),
        ("3", "5", "0.1"),
    ]


def test_a_network_comes_into_the_package_with_its_card(steps, tmp_path, monkeypatch):
    write_lsp(tmp_path / "lsp", count=12)
    monkeypatch.setattr("lapx_tf.data.lsp.TRAIN_IMAGES", 6)
    monkeypatch.setattr(figures, "TOLERANCE", 100)  # random weights
    package = tmp_path / "package"
    monkeypatch.setattr(command, "PACKAGE", package)
    model, page = tmp_path / "best.keras", tmp_path / "docs" / "tiny.md"
    storage.save(randomize(LAPX(**TINY, skeleton=MPII_16, training_notes={"recipe": "of a test"})), model)
    page.parent.mkdir()
    page.write_text(PLACES)
    log = tmp_path / "log.csv"
    log.write_text("epoch,loss,val_pck,gamma_1\n1,0.5,0.1,0\n2,0.4,0.2,0.1\n")
    asked = [
        "--logs",
        str(log),
        str(log),
        "--name",
        "tiny",
        "--data",
        str(tmp_path / "lsp"),
        "--card",
        str(page),
        "--licence",
        "none",
    ]
    assert command.main([str(model), *asked, "--workdir", str(tmp_path / "work")]) == 0

    for kind in pretrained.KINDS:
        assert pretrained.file_of("tiny", kind, package).name.startswith("tiny")
    assert (package / "tiny.keras").stat().st_size < 0.9 * model.stat().st_size
    (told,) = figures.read_all(page.parent)
    assert [(row.kind, row.stacks) for row in told.rows] == [
        ("keras", 2), ("float32", 2), ("float16", 2), ("int8", 2), ("float32", 1), ("int8", 1),
    ]  # fmt: skip
    assert all(row.milliseconds for row in told.rows[1:])
    assert "old" not in page.read_text()
    assert (page.parent / "tiny" / "failures.jpg").is_file()
    assert (page.parent / "speed.png").is_file()
    assert (page.parent / "tiny" / "curves.png").is_file()
    assert (page.parent / "tiny" / "log.csv").read_text().splitlines()[3] == "2,3,0.5,0.1,0"
    assert json.loads((page.parent / "tiny" / "recipe.json").read_text()) == {"recipe": "of a test"}

    steps.clear()
    assert command.main([str(model), *asked, "--workdir", str(tmp_path / "work")]) == 0
    assert steps == ["train.sheet"]  # what was measured is not measured again


@pytest.mark.parametrize("mixed", [False, True])
def test_int8_leaves_in_float_what_it_hurts_most_where_that_is_asked(mixed, steps, tmp_path):
    model = tmp_path / "tiny.keras"
    storage.save(LAPX(**TINY), model)
    made = make(model, tmp_path, "none", mixed=mixed)
    assert [one.file.name for one in made if one.kind == INT8] == (
        ["tiny_int8_mixed.tflite", "tiny_int8_mixed_s1.tflite"]
        if mixed
        else ["tiny_int8.tflite", "tiny_int8_s1.tflite"]
    )
    assert all(one.file.is_file() for one in made)


def found(**rows: float) -> Figures:
    """Figures of a network whose files score as given."""
    made = [Row("keras", 1, True, 60.0, 61.0, None, 1.0)]
    made += [Row(kind, 1, True, score, score, 2.0, 1.0) for kind, score in rows.items()]
    conditions = {
        "images": 5, "joints": "14", "reference": "torso", "crop": "square", "decoder": "quarter", "input_size": [8, 8],
    }  # fmt: skip
    return Figures("tiny", "0", made, {"left_knee": (50.0, 51.5)}, conditions, "a machine")


@pytest.mark.parametrize(("int8", "refused"), [(59.6, False), (60.4, False), (59.4, True)])
def test_int8_that_loses_more_than_half_a_point_is_not_released(int8, refused):
    network = found(float32=60.0, int8=int8)
    if refused:
        with pytest.raises(GateError, match=r"tiny loses 0\.60 points in int8"):
            figures.check(network)
    else:
        figures.check(network)


def test_the_card_s_tables_say_what_was_measured(tmp_path):
    page = tmp_path / "tiny.md"
    page.write_text(f"# Tiny\n{PLACES}the end\n")
    card.write(page, found(float32=60.0, int8=59.75))
    text = page.read_text()
    assert "| **TFLite int8** | 59.8 | 59.8 | 2.0 | 1.0 |" in text
    assert "| TFLite float32 | 60.0 | 60.0 | 2.0 | 1.0 |" in text
    assert "| left knee | 50.0 | 51.5 |" in text
    assert text.startswith("# Tiny\n")
    assert text.endswith("the end\n")
    assert json.loads(page.with_suffix(".json").read_text())["rows"][0]["kind"] == "keras"


def test_a_card_without_places_is_left_as_it_is(tmp_path):
    page = tmp_path / "tiny.md"
    page.write_text("# Tiny\n")
    with pytest.raises(InputError, match="needs one <!-- score -->"):
        card.write(page, replace(found(float32=60.0), name="tiny"))
    assert page.read_text() == "# Tiny\n"
