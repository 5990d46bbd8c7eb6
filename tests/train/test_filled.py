import numpy as np
import pytest

from lapx_tf.data.share import Share
from tests.data.dots import SIZE, dots
from train.run.filled import LeaveOutFilling


@pytest.mark.parametrize(
    ("batches", "factor"), [(3, 12 / 10), (2, 1)], ids=["to the end", "cut before the filled batch"]
)
def test_losses_are_those_of_the_persons_alone(batches, factor):
    callback = LeaveOutFilling(Share(dots(10), SIZE, 4, None, part=0, parts=2))
    for batch in range(batches):
        callback.on_test_batch_end(batch)
    logs = {"loss": 1.0, "val_loss": 1.0, "val_loss_stack1": 2.0, "val_pck": 0.5}
    callback.on_epoch_end(0, logs)
    np.testing.assert_allclose(list(logs.values()), [1.0, factor, 2 * factor, 0.5])
