import numpy as np
import pytest
from keras import ops

from lapx_tf.errors import InputError
from lapx_tf.models.hourglass import Hourglass
from lapx_tf.models.lapx import LAPX, weights_by_path
from tests.helpers import TINY, randomize
from train.run.growing import grow

IMAGES = np.random.default_rng(7).normal(size=(2, 64, 64, 3)).astype(np.float32)


def small_network(**changes) -> LAPX:
    """Whose channel attention looks at no neighbours, which growing can't keep as they were."""
    model = randomize(LAPX(**TINY | changes))
    for weight in weights_by_path(model).values():
        if tuple(weight.shape) == (7, 1, 1):
            weight.assign(np.asarray(weight) * np.array([0, 0, 0, 1, 0, 0, 0])[:, None, None])
    return model


def grown(small: LAPX, noise: float = 0, **changes) -> LAPX:
    large = LAPX(**TINY | changes)
    grow(large, small, noise=noise)
    return large


def heatmaps(model: LAPX) -> np.ndarray:
    return np.asarray(model(IMAGES))


def test_a_network_of_twice_the_width_answers_as_the_small_one():
    small = small_network(nonlocal_stacks=(1, 2))
    large = grown(small, width=32, nonlocal_stacks=(1, 2))
    np.testing.assert_allclose(heatmaps(large), heatmaps(small), rtol=1e-3, atol=1e-4)


def test_the_copies_of_a_channel_are_read_differently_so_that_they_learn_differently():
    kernel = np.asarray(weights_by_path(grown(small_network(), width=32))["stack1/block/pointwise1/kernel"])
    assert not np.allclose(kernel[0, 0, :16], kernel[0, 0, 16:])


def test_a_width_that_is_no_multiple_gives_nearly_the_same_with_noise_too():
    small = small_network()
    found = np.corrcoef(heatmaps(grown(small, width=24, noise=0.02)).ravel(), heatmaps(small).ravel())[0, 1]
    assert found > 0.9


def test_added_stacks_repeat_the_last_one():
    small = small_network(nonlocal_stacks=(2,))
    large = grown(small, stacks=4, nonlocal_stacks=(2, 3, 4))
    stacks = [np.asarray(each) for each in large.stack_heatmaps(IMAGES)]
    for each in stacks[1:]:
        np.testing.assert_allclose(each, heatmaps(small), rtol=1e-4, atol=1e-5)
    assert not np.allclose(stacks[0], stacks[1])


def test_an_added_level_hands_the_old_hourglass_at_half_the_size_through():
    small, large = small_network(depth=1), LAPX(**TINY)
    grow(large, small)
    x = np.random.default_rng(3).normal(size=(2, 16, 16, 16)).astype(np.float32)
    inside: Hourglass = small.stacks[0].hourglass
    np.testing.assert_allclose(
        large.stacks[0].hourglass(x),
        inside.upsample(inside(inside.pool(ops.convert_to_tensor(x)))),
        rtol=1e-4,
        atol=1e-5,
    )


def test_attention_goes_on_with_what_both_networks_have_of_it():
    small = small_network(nonlocal_stacks=(1,))
    without, with_both = grown(small, nonlocal_stacks=()), grown(small, nonlocal_stacks=(1, 2))
    kernel = weights_by_path(small)["stack1/hourglass/attention/channel/conv/kernel"]
    np.testing.assert_array_equal(weights_by_path(without)["stack1/hourglass/attention/conv/kernel"], kernel)
    kernel = weights_by_path(small)["stack2/hourglass/attention/conv/kernel"]
    np.testing.assert_array_equal(weights_by_path(with_both)["stack2/hourglass/attention/channel/conv/kernel"], kernel)
    assert float(with_both.nonlocal_layers()[2].gamma) == 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"width": 8}, "its width must be 16"), ({"stacks": 1}, "stacks must be 2"), ({"joints": 5}, "the same joints")],
)
def test_what_is_not_larger_is_refused(changes, sentence):
    with pytest.raises(InputError, match=sentence):
        grow(LAPX(**TINY | changes), LAPX(**TINY))
