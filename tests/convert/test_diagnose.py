"""`python -m convert.diagnose`: what int8 costs, layer by layer."""

import json
from collections.abc import Collection
from typing import Any, ClassVar

import numpy as np
import pytest

from convert import diagnose
from convert.int8_noise import Int8Noise
from lapx_tf.models.lapx import LAPX

NOISE = {"stem": 1e-4, "stack1/conv": 1e-2, "heatmaps": 1e-3}
"""Of each layer, relative to the heat maps."""


class KnownNoise:
    """Layers whose noises are known and add up."""

    layers: ClassVar = list(NOISE)

    def signal_to_noise(self, int8: Collection[str]) -> float:
        return float(-10 * np.log10(sum(NOISE[layer] for layer in int8)))


def test_the_noisiest_layer_is_named_first():
    known: Any = KnownNoise()
    done = []
    report = diagnose.diagnose("a.keras", "synthetic people", known, lambda: done.append(1))
    assert [row.layer for row in report.layers] == ["stack1/conv", "heatmaps", "stem"]
    assert [row.signal_to_noise_db for row in report.layers] == pytest.approx([20, 30, 40])
    assert [row.share for row in report.layers] == pytest.approx([100 / 111, 10 / 111, 1 / 111])
    assert report.signal_to_noise_db == pytest.approx(-10 * np.log10(0.0111))
    assert report.without_worst == pytest.approx({1: -10 * np.log10(0.0011), 2: 40})
    assert len(done) == 3


@pytest.fixture(scope="module")
def crops() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 1, (6, 64, 64, 3)).astype(np.float32)


def test_a_layer_with_weights_that_int8_cannot_tell_apart_is_found(network, crops):
    spoilt = LAPX.from_config(network.get_config())
    spoilt.set_weights(network.get_weights())
    kernel = spoilt.stacks[0].conv.kernel
    value = np.array(kernel)
    # One input of each output counts a hundred times the others, but a batch normalisation makes it nearly constant.
    value[..., 0, :] *= 100
    kernel.assign(value)
    noise = Int8Noise(spoilt, crops[:4], crops[4:], depth=2)
    alone = {layer: noise.signal_to_noise({layer}) for layer in ("stack1/conv", "stem/conv", "stack1/heatmaps")}
    assert min(alone, key=alone.__getitem__) == "stack1/conv"


def test_nothing_in_int8_is_float_and_everything_is_worst(network, crops):
    noise = Int8Noise(network, crops[:4], crops[4:], depth=1)
    assert set(noise.layers) >= {"stem", "stack1"}
    assert noise.signal_to_noise(set()) > 100
    everything = noise.signal_to_noise(set(noise.layers))
    assert everything <= min(noise.signal_to_noise({layer}) for layer in noise.layers) + 1


def test_the_command_prints_a_table_and_writes_all_of_it(keras_file, pictures, tmp_path, capsys):
    out = tmp_path / "report.json"
    arguments = ["--data", pictures, "--samples", "4", "--checked", "2", "--depth", "1", "--json", out]
    assert diagnose.main([str(argument) for argument in (keras_file, *arguments)]) == 0
    report = json.loads(out.read_text())
    assert report["model"] == "tiny.keras"
    assert report["crops"].startswith("pictures in")
    assert {row["layer"] for row in report["layers"]} == {"stem", "stack1", "heatmaps"}
    assert sum(row["share"] for row in report["layers"]) == pytest.approx(1)
    printed = capsys.readouterr().out
    assert "alone in int8" in printed
    assert report["layers"][0]["layer"] in printed


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["missing.keras"], "no such file: missing.keras"), ([], "model"), (["a.keras", "--depth", "0"], "--depth")],
)
def test_wrong_use_is_one_sentence(arguments, sentence, capsys):
    assert diagnose.main(arguments) == 2
    error = capsys.readouterr().err
    assert sentence.lower() in error.lower()
    assert error.count("\n") == 1
