"""What the NonLocal modules do in the course of a training: an attention that goes wrong shows before the score does."""

from dataclasses import asdict, dataclass
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from lapx_tf.data.loader import Loader
from lapx_tf.models.hourglass import Stack
from lapx_tf.models.lapx import LAPX
from train.run.averaging import AveragedWeights


@dataclass(frozen=True)
class Attention:
    """What a NonLocal module does with some images.

    Attributes:
        logit: the largest absolute value that its softmax gets.
        entropy: of the attention of a position, on average: 1 where it attends to all positions alike, 0 where to one only.
        share: of what is added in what it is added to, both as the root of their mean square.
    """

    logit: float
    entropy: float
    share: float


class WatchAttention(keras.callbacks.Callback):
    """Each epoch's logs get `logit_<stack>`, `entropy_<stack>` and `share_<stack>`, see `Attention`.

    The network runs without a graph of its own, on the first batch of those held out.

    Args:
        validation: gives that batch.
        averages: has the weights that were validated.
    """

    def __init__(self, validation: Loader, averages: AveragedWeights) -> None:
        super().__init__()
        self.validation, self.averages = validation, averages

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Measures and logs."""
        if logs is None:
            return
        model: Any = self.model
        with self.averages.inside():
            found = attention_of(model, self.validation.batch(0, 0)[0])
        logs |= {f"{name}_{stack}": value for stack, one in found.items() for name, value in asdict(one).items()}


def attention_of(model: LAPX, crops: NDArray[np.float32]) -> dict[int, Attention]:
    """What each NonLocal module does, by its stack, counted from 1.

    Args:
        model: the network.
        crops: [B, H, W, 3], normalised as `pixels` says.
    """
    found, features = {}, model.stem(crops, training=False)
    for number, stack in enumerate(model.stacks, 1):
        if number in model.nonlocal_stacks:
            found[number] = _of_module(stack, features)
        features, _ = stack(features, training=False)
    return found


def _of_module(stack: Stack, features: Any) -> Attention:
    """That of the module in a stack which gets features [B, h, w, C]."""
    attention = stack.hourglass.attention
    x = attention.channel(stack.hourglass.descend(features)[0])
    logits = _array(attention.position.logits_of(x))
    weights = _array(ops.softmax(logits, axis=-1))
    entropy = -(weights * np.log(np.maximum(weights, np.finfo(np.float64).tiny))).sum(-1).mean()
    added, before = _array(attention.position(x)) - _array(x), _array(x)
    return Attention(
        logit=float(np.abs(logits).max()),
        entropy=float(entropy / np.log(max(logits.shape[-1], 2))),
        share=float(np.sqrt((added**2).mean() / (before**2).mean())),
    )


def _array(tensor: Any) -> NDArray[np.float64]:
    return np.asarray(ops.convert_to_numpy(tensor), np.float64)
