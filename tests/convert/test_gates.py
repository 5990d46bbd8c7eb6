"""The gates, on heat maps whose disagreement is known and on small files made for them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from convert.agreement import compare, decided, joints_of
from convert.calibration import Crops
from convert.gates import artifact, description, gpu, nodes, numbers, task
from convert.gates.numbers import SIGNAL_TO_NOISE, judge
from convert.reference import Reference, Task
from lapx_tf import commands, geometry
from lapx_tf.data.people import People
from lapx_tf.data.synthetic import synthetic_people
from lapx_tf.errors import GateError
from lapx_tf.models.storage import KerasSession
from lapx_tf.runtime.profile import xnnpack
from lapx_tf.skeletons import MPII_16
from lapx_tf.spec import ModelSpec, TensorSpec, sidecar_of


def bumps(shift: int = 0, crops: int = 8, joints: int = 8) -> np.ndarray:
    """[N, 32, 32, K] Gaussians of height 1 at seeded places, moved to the right by `shift` heat map pixels."""
    rng = np.random.default_rng(0)
    x, y = rng.integers(4, 20, (2, crops, 1, 1, joints))
    rows, columns = np.arange(32)[:, None, None], np.arange(32)[None, :, None]
    return np.exp(-((columns - x - shift) ** 2 + (rows - y) ** 2) / 18).astype(np.float32)


def failures(keras: np.ndarray, converted: np.ndarray, precision: str, kind: str = "heatmaps") -> str:
    """What the gate says against a file, in one line."""
    return "; ".join(judge(compare(keras, converted), precision, kind)[1])


@pytest.mark.parametrize("precision", [*numbers.VALUE_BOUNDS, *numbers.PIXEL_BOUNDS])
def test_equal_heat_maps_pass_in_every_precision(precision):
    found = compare(bumps(), bumps())
    assert found.max_difference == found.typical_distance == 0
    assert found.decided == found.joints == 64
    assert found.median_distance == found.p95_distance == 0
    assert np.isfinite(found.signal_to_noise_db)
    bounds, failed = judge(found, precision, "heatmaps")
    assert not failed
    measured = {"max_difference"} if precision.startswith("float") else {"signal_to_noise_db", "median_distance"}
    assert measured <= bounds.keys()


@pytest.mark.parametrize("scale", [1.0, 0.01, 100.0])
@pytest.mark.parametrize(("precision", "part"), [("float32", 1e-5), ("float16", 2e-3)])
def test_the_float_gates_stand_at_a_part_of_the_range(precision, part, scale):
    keras = scale * bumps()
    close, far = keras.copy(), keras.copy()
    close[0, 0, 0, 0] += 0.9 * part * scale
    far[0, 0, 0, 0] += 1.1 * part * scale
    assert not failures(keras, close, precision)
    assert "a heat map differs from Keras" in failures(keras, far, precision)


def test_signal_to_noise_is_in_decibels():
    keras = bumps()
    noise = np.where(np.arange(32)[:, None] % 2, 0.1, -0.1) * keras.std()
    assert compare(keras, (keras + noise).astype(np.float32)).signal_to_noise_db == pytest.approx(20, abs=0.2)


def test_heat_maps_of_other_joints_fail_when_quantized():
    assert "signal-to-noise" in failures(bumps(), np.roll(bumps(), 1, axis=-1), "int8")


def test_joints_that_moved_fail_though_the_signal_is_there():
    found = replace(compare(bumps(), bumps(shift=1)), signal_to_noise_db=SIGNAL_TO_NOISE["heatmaps"]["int8"])
    (failure,) = judge(found, "int8", "heatmaps")[1]
    assert "int8 moves the joints by 4.00 pixels" in failure


def test_a_few_joints_far_away_fail_when_quantized():
    keras, converted = bumps(), bumps()
    converted[0] = np.roll(converted[0], 3, axis=1)
    found = compare(keras, converted)
    assert found.median_distance == 0
    assert found.p95_distance == pytest.approx(12)
    assert "95th percentile" in failures(keras, converted, "int8")


def test_joints_decoded_inside_are_compared_by_place_and_score():
    joints = joints_of(bumps()).astype(np.float32)

    def failures_moved_by(*by: float, precision: str) -> str:
        return failures(bumps(), joints + np.array(by, np.float32), precision, "keypoints")

    assert not failures_moved_by(0, 0, 0, precision="float32")
    assert "typically 0.5 pixels" in failures_moved_by(0.5, 0, 0, precision="float32")
    assert "a score differs" in failures_moved_by(0, 0, 1e-4, precision="float32")
    assert "moves the joints by 4.00" in failures_moved_by(4, 0, 0, precision="int8")
    assert "signal-to-noise" in failures_moved_by(0, 0, 1, precision="int8")


def test_joints_without_a_clear_maximum_do_not_count():
    keras = np.concatenate([bumps(), bumps()], axis=0)
    # A second bump, nearly as high: which one is the joint is a matter of rounding.
    keras[:8] += 0.9 * np.roll(bumps(), 10, axis=2)
    assert decided(keras[8:]).all()
    assert not decided(keras[:8]).any()


@pytest.mark.parametrize("side", [0, 1])
def test_values_that_are_not_finite_fail(side):
    pair = [bumps(), bumps()]
    pair[side][0, 0, 0, 0] = np.nan
    with pytest.raises(GateError, match="not finite"):
        compare(*pair)


def test_constant_heat_maps_fail():
    with pytest.raises(GateError, match="nothing to compare"):
        compare(np.zeros((1, 8, 8, 1), np.float32), np.zeros((1, 8, 8, 1), np.float32))


class Knowing:
    """A session that knows where the joints are, for `wrong` of the people everything in the corner."""

    def __init__(self, people: People, precision: str, wrong: int) -> None:
        ends = TensorSpec("image", (1, 64, 64, 3)), TensorSpec("heatmaps", (1, 16, 16, 16))
        self.spec = ModelSpec("known.tflite", "", precision, *ends, MPII_16)
        self._people, self._wrong, self._done = people, wrong, 0

    def run(self, crops: np.ndarray) -> np.ndarray:
        maps = np.zeros((len(crops), 16, 16, 16), np.float32)
        for heatmaps in maps:
            person = self._people.persons[self._done]
            placed = geometry.transform(geometry.crop_from_image(person.box, (64, 64)), person.joints)
            cells = np.clip(np.rint(placed[:, :2] / 4), 0, 15).astype(int) * (self._done >= self._wrong)
            heatmaps[cells[:, 1], cells[:, 0], np.arange(16)] = 1
            self._done += 1
        return maps


@pytest.mark.parametrize(("precision", "wrong", "verdict"), [("int8", 0, "passed"), ("int8", 4, "failed")])
def test_the_task_gate_compares_scores(precision, wrong, verdict):
    people = synthetic_people(40, seed=5)
    nothing = Crops("", np.zeros((1, 64, 64, 3), np.uint8), np.zeros((1, 64, 64, 3), np.uint8))
    spec = Knowing(people, "float32", 0).spec
    without = Reference(spec, 1, nothing, bumps())
    assert task.check(Knowing(people, precision, 0), without).verdict == "not run"
    known = task.score(Knowing(people, precision, 0), Task(people, "PCK@0.2", 0.0))
    assert known > 80  # heat maps of 16x16 are coarse
    found = task.check(Knowing(people, precision, wrong), replace(without, task=Task(people, "PCK@0.2", known)))
    assert found.verdict == verdict
    assert found.measured["lost_points"] == pytest.approx(0.1 * known * wrong / 4, rel=0.2)
    assert found.bounds == {"lost_points": 0.5}


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Callable[..., Path]:
    """Writes a function of one image [1, 8, 8, 4] as a float32 file."""
    folder = tmp_path_factory.mktemp("files")

    def write(name: str, function: Callable, **options) -> Path:
        traced = tf.function(function, input_signature=[tf.TensorSpec((1, 8, 8, 4), tf.float32)])
        converter = tf.lite.TFLiteConverter.from_concrete_functions([traced.get_concrete_function()])
        for key, value in options.items():
            setattr(converter, key, value)
        (folder / f"{name}.tflite").write_bytes(converter.convert())
        return folder / f"{name}.tflite"

    return write


def in_six_dimensions(x):
    return tf.reshape(tf.reshape(x, (1, 4, 2, 4, 2, 4)) + tf.ones((1, 4, 1, 4, 1, 4)), (1, 8, 8, 4))


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: tf.nn.elu(x) + tf.sigmoid(x), {}),
        (lambda x: tf.where(x > 0, x, 2 * x), {}),
        (in_six_dimensions, {"RESHAPE of 6 dimensions": 2, "ADD of 6 dimensions": 1}),
        (lambda x: tf.cast(tf.argmax(x, -1), tf.float32), {"ARG_MAX": 1, "CAST of INT64": 1}),
        (lambda x: tf.gather_nd(x, np.array([[0, 1]])), {"GATHER_ND": 1}),
    ],
    ids=["elementwise", "selection", "six-dimensions", "argmax", "gather_nd"],
)
def test_what_a_gpu_does_not_take_is_named(written, request, function, expected):
    file = written(request.node.callspec.id, function)
    assert gpu.not_taken(nodes.read(file)) == expected


def test_half_precision_weights_are_taken_by_a_gpu(written):
    kernel = np.random.default_rng(0).normal(size=(3, 3, 4, 64)).astype(np.float32)
    file = written(
        "half",
        lambda x: tf.nn.conv2d(x, kernel, 1, "SAME"),
        optimizations=[tf.lite.Optimize.DEFAULT],
        target_spec=tf.lite.TargetSpec(supported_types=[tf.float16]),
    )
    assert "DEQUANTIZE" in {node.name for node in nodes.read(file)}
    assert not gpu.not_taken(nodes.read(file))


def test_a_maximum_over_the_channels_is_a_hazard_on_a_gpu(written):
    over_all = written("channels", lambda x: x * tf.reduce_max(x, -1, keepdims=True))
    over_places = written("places", lambda x: x * tf.reduce_max(x, (1, 2), keepdims=True))
    assert gpu.hazards(nodes.read(over_all)).total() == 1
    assert gpu.hazards(nodes.read(over_places)).total() == 0


def test_the_parts_that_xnnpack_takes_are_counted(written):
    whole = xnnpack.plan(written("whole", lambda x: tf.nn.elu(x) + tf.sigmoid(x)))
    assert (whole.partitions, whole.outside.total()) == (1, 0)
    cut = xnnpack.plan(written("cut", lambda x: tf.nn.elu(tf.cumsum(tf.nn.elu(x), 1))))
    assert (cut.partitions, cut.outside) == (2, {"CUMSUM": 1})


def describe(file: Path, precision: str, **options) -> ModelSpec:
    ends = TensorSpec("image", (1, 8, 8, 4)), TensorSpec("heatmaps", (1, 8, 8, 4))
    return ModelSpec(file.name, "", precision, *ends, MPII_16, conversion={"options": options})


@pytest.fixture(scope="module")
def convolution(written) -> Path:
    """A file of 36,864 weights in float32."""
    kernel = np.random.default_rng(0).normal(size=(3, 3, 4, 1024)).astype(np.float32)
    return written("convolution", lambda x: tf.nn.conv2d(x, kernel, 1, "SAME"))


@pytest.mark.parametrize(
    ("precision", "parameters", "failure"),
    [
        ("float32", 36_864, ""),
        ("float16", 36_864, "are not what float16 predicts"),
        ("float32", 73_728, "are not what float32 predicts"),
        ("int8", 36_864, "operations are left in float: 1 CONV_2D"),
    ],
)
def test_the_size_and_the_floats_are_those_of_the_precision(convolution, precision, parameters, failure):
    found = artifact.check(convolution, describe(convolution, precision), parameters)
    assert failure in "; ".join(found.failures)
    assert bool(found.failures) == bool(failure)


def test_layers_kept_in_float_may_have_any_share_of_the_weights_of_an_int8_file(convolution):
    plain, kept = (describe(convolution, "int8", keep_float=layers) for layers in ([], ["conv"]))
    assert "are not what int8 predicts" in artifact.check(convolution, plain, 36_864).failures[0]
    assert not artifact.check(convolution, kept, 36_864).failures
    assert "are not what int8 predicts" in artifact.check(convolution, kept, 18_432).failures[0]


def test_a_graph_in_parts_fails_where_it_should_be_one(written):
    file = written("parts", lambda x: tf.nn.elu(tf.cumsum(tf.nn.elu(x), 1)))
    spec = describe(file, "float32")
    assert "2 parts of the graph and leaves 1 CUMSUM" in artifact.check(file, spec, 1).failures[-1]
    inside = replace(spec, kind="keypoints")
    assert artifact.check(file, inside, 1).measured["xnnpack_partitions"] == 2
    assert not any("parts" in failure for failure in artifact.check(file, inside, 1).failures)


def test_what_xnnpack_leaves_of_an_int8_graph_is_named(monkeypatch, convolution):
    plan = xnnpack.Plan(2, Counter({"BATCH_MATMUL": 2, "SOFTMAX": 1, "ELU": 1}))
    monkeypatch.setattr(xnnpack, "plan", lambda path: plan)
    failure = artifact.check(convolution, describe(convolution, "int8"), 1).failures[-1]
    assert failure == "XNNPACK leaves 1 ELU; in an int8 file it takes all but ADD, BATCH_MATMUL, MUL, QUANTIZE, SOFTMAX"


def test_a_json_that_breaks_the_schema_is_said_to(tmp_path):
    file = tmp_path / "pose.tflite"
    spec = replace(describe(file, "float32"), sha256="0" * 64, input=TensorSpec("image", (1, 32, 32, 3)))

    def failures(**changes: object) -> str:
        commands.write_json(sidecar_of(file), spec.to_dict() | changes)
        return "; ".join(description.check(file).failures)

    assert not failures()
    assert "its JSON breaks the schema at $.sha256" in failures(sha256="0123")
    assert not failures(sha256="0123", format_version=1)  # of before there was a schema


def test_a_file_for_a_gpu_is_checked_for_it(written):
    file = written("for-gpu", in_six_dimensions)
    assert (
        "does not take: 2 RESHAPE of 6 dimensions"
        in artifact.check(file, describe(file, "float32", target="gpu"), 1).failures[-1]
    )


def test_operations_of_tensorflow_alone_fail(written):
    select = tf.lite.TargetSpec(supported_ops=[tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS])
    file = written("select", tf.math.tan, target_spec=select)
    assert "FlexTan" in artifact.check(file, describe(file, "float32"), 1).failures[0]


def test_keras_itself_passes_the_numbers_gate(network):
    session = KerasSession(network)
    crops = Crops("noise", *np.random.default_rng(0).integers(0, 256, (2, 2, 64, 64, 3), dtype=np.uint8))
    reference = Reference(session.spec, network.count_params(), crops, session.run(crops.check))
    assert numbers.check(session.run(crops.check), session.spec, reference).verdict == "passed"
    assert numbers.check(0 * session.run(crops.check), session.spec, reference).verdict == "failed"
    assert "not finite" in numbers.check(np.nan * reference.heatmaps, session.spec, reference).failures[0]
