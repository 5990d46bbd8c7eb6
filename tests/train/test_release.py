"""From a network to the package: every file made, scored and timed, the card filled, what is bad refused."""

import json
from dataclasses import replace

import pytest

import convert.__main__ as convert
from lapx_tf import LAPX, pretrained
from lapx_tf.errors import GateError, InputError
from lapx_tf.models import storage
from lapx_tf.runtime import cli
from lapx_tf.skeletons import MPII_16
from tests.helpers import TINY, randomize, write_lsp
from train import evaluate, sheet
from train.release import __main__ as command
from train.release import card, figures
from train.release.figures import Figures, Row

PLACES = "".join(f"<!-- {name} -->\nold\n<!-- end of {name} -->\n" for name in ("score", "files", "joints"))
COMMANDS = {
    "convert": convert.main,
    "train.evaluate": evaluate.main,
    "train.sheet": sheet.main,
    "lapx_tf.runtime.cli": cli.main,
}


@pytest.fixture
def steps(monkeypatch):
    """The commands that a release runs; here in this process."""
    run = []

    def step(_, module, *arguments):
        words = [str(word) for word in arguments]
        if module == "lapx_tf.runtime.cli":
            words += ["--runs", "2", "--rounds", "1", "--warmup", "0"]
        run.append(module)
        assert COMMANDS[module]([*words, *(["--samples", "4"] if module == "convert" else [])]) == 0

    for place in ("train.release.__main__", "train.release.files"):
        monkeypatch.setattr(f"{place}.step", step)
    return run


def test_a_network_comes_into_the_package_with_its_card(steps, tmp_path, monkeypatch):
    write_lsp(tmp_path / "lsp", count=12)
    monkeypatch.setattr("lapx_tf.data.lsp.TRAIN_IMAGES", 6)
    monkeypatch.setattr(figures, "TOLERANCE", 100)  # random weights
    monkeypatch.setattr(pretrained, "FOLDER", tmp_path / "package")
    model, page = tmp_path / "best.keras", tmp_path / "docs" / "tiny.md"
    storage.save(randomize(LAPX(**TINY, skeleton=MPII_16)), model)
    page.parent.mkdir()
    page.write_text(PLACES)
    asked = ["--name", "tiny", "--data", str(tmp_path / "lsp"), "--card", str(page), "--licence", "none"]
    assert command.main([str(model), *asked, "--workdir", str(tmp_path / "work")]) == 0

    for kind in pretrained.KINDS:
        assert pretrained.file_of("tiny", kind, tmp_path / "package").name.startswith("tiny")
    (told,) = figures.read_all(page.parent)
    assert [(row.kind, row.stacks) for row in told.rows] == [
        ("keras", 2), ("float32", 2), ("float16", 2), ("int8", 2), ("float32", 1), ("int8", 1),
    ]  # fmt: skip
    assert all(row.milliseconds for row in told.rows[1:])
    assert told.rows[0].plain == pytest.approx(told.rows[1].plain, abs=0.5)
    assert "old" not in page.read_text()
    assert (page.parent / "tiny" / "failures.jpg").is_file()
    assert (page.parent / "speed.png").is_file()

    steps.clear()
    assert command.main([str(model), *asked, "--workdir", str(tmp_path / "work")]) == 0
    assert steps == ["train.sheet"]  # what was measured is not measured again


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
        with pytest.raises(GateError, match=r"tiny with 1 stacks loses 0\.60 points in int8"):
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
