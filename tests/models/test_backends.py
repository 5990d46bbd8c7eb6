import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

from tests.helpers import ROOT

PROGRAM = """
import sys, numpy, keras
from lapx_tf.models import storage
from lapx_tf import HeatmapLoss, PCK
model = storage.load(sys.argv[1])
data = numpy.load(sys.argv[2])
maps = keras.ops.convert_to_tensor(model.predict_on_batch(data["images"]))  # compiled: eager JAX takes a minute
loss = HeatmapLoss(1.5)(data["joints"], maps)
pck = PCK()
pck.update_state(keras.ops.convert_to_tensor(data["joints"]), maps)
to_numpy = keras.ops.convert_to_numpy
model.compile(keras.optimizers.SGD(0.01), HeatmapLoss(1.5), jit_compile=keras.backend.backend() == "jax")
losses = model.fit(data["images"], data["joints"], batch_size=2, epochs=2, shuffle=False, verbose=0).history["loss"]
moved = numpy.concatenate([to_numpy(weight).ravel() for weight in model.weights])
results = {"maps": maps, "loss": loss, "pck": pck.result()}
numpy.savez(sys.argv[3], losses=losses, moved=moved, **{name: to_numpy(value) for name, value in results.items()})
assert "tensorflow" not in sys.modules or keras.backend.backend() == "tensorflow"
"""


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_same_weights_give_the_same_heat_maps_score_and_training(backend, tmp_path, tiny_network):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    from lapx_tf.models import storage

    storage.save(tiny_network, tmp_path / "a.keras")
    rng = np.random.default_rng(0)
    images = rng.normal(size=(2, 64, 64, 3)).astype(np.float32)
    joints = np.concatenate([rng.uniform(0, 15, (2, 16, 2)), np.ones((2, 16, 1))], -1).astype(np.float32)
    np.savez(tmp_path / "in.npz", images=images, joints=joints)
    results = []
    for name in ("tensorflow", backend):
        out = tmp_path / f"{name}.npz"
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / "a.keras"), str(tmp_path / "in.npz"), str(out)]
        subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "KERAS_BACKEND": name})
        results.append(np.load(out))
    scale = np.abs(results[0]["maps"]).max()
    np.testing.assert_allclose(results[1]["maps"], results[0]["maps"], atol=1e-5 * scale)
    np.testing.assert_allclose(results[1]["loss"], results[0]["loss"], rtol=1e-5)
    np.testing.assert_allclose(results[1]["pck"], results[0]["pck"])
    # Two steps of training: the losses, and all weights with the statistics of the batch normalisation.
    np.testing.assert_allclose(results[1]["losses"], results[0]["losses"], rtol=1e-3)
    np.testing.assert_allclose(results[1]["moved"], results[0]["moved"], rtol=1e-3, atol=1e-3)
