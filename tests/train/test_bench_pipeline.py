import numpy as np
import pytest

from lapx_tf import geometry
from lapx_tf.codecs.encode import encode
from lapx_tf.data import augmentation
from lapx_tf.data.augmentation import Augmentation
from lapx_tf.data.loader import Loader
from lapx_tf.errors import InputError
from tests.data.dots import SIZE, dots
from tests.helpers import write_lsp
from train.bench import pipeline as bench_pipeline
from train.bench import plain

SIGMA = 1.5


def test_the_plain_loop_does_the_work_of_the_pipeline():
    people, strength = dots(12), Augmentation(half_body=0.3)
    crops, joints = Loader(people, SIZE, 12, strength).batch(0, 0)
    samples = augmentation.draw(people, SIZE, strength, seed=0, epoch=0)
    maps = np.asarray(encode(joints, geometry.heatmap_size(SIZE), SIGMA))
    for place, index in enumerate(samples.order):
        image, plain_maps, weights = plain.sample(people, samples, int(index), SIZE, SIGMA)
        np.testing.assert_allclose(image, crops[place], atol=0.02)  # it rounds to 8 bits; colours double that at most
        inside = joints[place, :, 2] > 0
        assert weights[inside].all()
        # Its patches end at three sigma.
        np.testing.assert_allclose(plain_maps[inside], maps[place].transpose(2, 0, 1)[inside], atol=np.exp(-(3**2) / 2))


def test_a_line_of_the_report_holds_medians_and_the_median_of_the_ratios():
    rates = [(100.0, 50.0), (300.0, 100.0), (10.0, 10.0)]
    assert bench_pipeline.row(256, 1, rates) == {
        "size": 256, "cores": 1, "pipeline": 100.0, "plain_loop": 50.0, "ratio": 2.0,
    }  # fmt: skip


def test_too_few_people_to_measure_are_refused(tmp_path):
    write_lsp(tmp_path / "lsp", count=6)
    with pytest.raises(InputError, match="needs at least 32 people to train on, got 6"):
        bench_pipeline.read([tmp_path / "lsp"])
