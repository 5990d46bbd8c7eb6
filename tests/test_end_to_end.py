"""The whole chain on synthetic people, small: train, convert, score each file, draw."""

import csv
import json

import cv2
import pytest

import convert.__main__ as convert
import train.__main__ as train
from train import baselines, evaluate, sheet
from train import recipe as recipes
from train.recipe import Recipe


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A short training on few synthetic people; the folder with `best.keras`."""
    folder = tmp_path_factory.mktemp("run")
    tiny = Recipe("tiny", 32, 1, (1,), (64, 64), epochs=6, batch_size=8, learning_rate=5e-3, depth=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lapx_tf.data.sources.SYNTHETIC_SIZES", {"train": 96, "val": 24})
        patch.setattr(recipes, "find", lambda name: tiny)
        assert train.main(["tiny", "--workdir", str(folder)]) == 0
        yield folder


def score(model, out, *options) -> dict:
    written = out / f"score_{model.name}.json"
    assert evaluate.main([str(model), "--dataset", "synthetic", "--json", str(written), *options]) == 0
    return json.loads(written.read_text())


def test_all_formats_score_alike_after_a_training_that_learns(run):
    losses = [float(row["val_loss"]) for row in csv.DictReader((run / "log.csv").open())]
    assert losses[-1] < 0.95 * losses[0]
    for options in (["--to", "tflite"], ["--to", "onnx"]):
        assert convert.main([str(run / "best.keras"), *options, "--samples", "8", "--out", str(run)]) == 0
    of_keras = score(run / "best.keras", run)
    assert of_keras["images"] == 24
    assert of_keras["input_size"] == [64, 64]
    assert len(of_keras["PCK@0.2 per joint"]) == 14
    for file in ("best_float32.tflite", "best.onnx"):
        assert score(run / file, run)["PCK@0.2"] == pytest.approx(of_keras["PCK@0.2"], abs=0.5)
    assert score(run / "best.keras", run, "--flip-test")["flip_test"] is True

    assert baselines.main([str(run / "best.keras"), "--json", str(run / "baselines.json")]) == 0
    found = json.loads((run / "baselines.json").read_text())
    assert found["untrained"]["PCK@0.2"] != of_keras["PCK@0.2"]
    assert found["mean_pose"]["PCK@0.2"] > of_keras["PCK@0.2"] / 10
    assert found["keras_median_ms"] > 0
    # The score of `fit` is that of the evaluation: other code, same measure.
    notes = json.loads((run / "best_float32.tflite.json").read_text())["training"]
    assert 100 * notes["best_score"] == pytest.approx(of_keras["PCK@0.2"], abs=1.0)


def test_a_score_does_not_take_the_place_of_the_model_s_own_json(run, capsys):
    sidecar = run / "best_float32.tflite.json"
    before = sidecar.read_bytes()
    assert evaluate.main([str(run / "best_float32.tflite"), "--dataset", "synthetic", "--json", str(sidecar)]) == 2
    assert "describes the model" in capsys.readouterr().err
    assert sidecar.read_bytes() == before


def test_sheets_show_the_people_asked_for_with_found_or_true_joints(run, tmp_path, capsys):
    found, true = tmp_path / "found.png", tmp_path / "true.png"
    assert sheet.main([str(run / "best.keras"), "--count", "8", "--out", str(found)]) == 0
    assert sheet.main(["--count", "8", "--out", str(true)]) == 0
    pictures = [cv2.imread(str(path)) for path in (found, true)]
    assert pictures[0].shape == pictures[1].shape
    assert pictures[0].shape[1] == 6 * 256
    assert pictures[0].shape[0] > 2 * 256
    assert (pictures[0] != pictures[1]).any()
    assert sheet.main(["--out", str(tmp_path / "sheet.pdf")]) == 2
    assert "must end in .png or .jpg" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("model", "options", "sentence"),
    [
        ("none.keras", [], "no such file"),
        ("best.keras", ["--dataset", "lsp"], "--data DIR"),
        ("text.tflite", [], "text.tflite"),
        ("text.onnx", [], "text.onnx"),
        ("text.keras", [], "not a whole Keras model"),
        ("text.pdf", [], "accepted are .tflite, .onnx"),
    ],
)
def test_what_can_not_be_scored_is_one_sentence(run, tmp_path, model, options, sentence, capsys):
    path = tmp_path / model if model != "best.keras" else run / model
    if model.startswith("text"):
        path.write_text("no model")
    assert evaluate.main([str(path), "--dataset", "synthetic", *options, "--json", str(tmp_path / "out.json")]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out.json").exists()
