"""`--deterministic`: operations that give the same bits in each run on the same machine."""

import os

import keras


def make_deterministic() -> None:
    """Asks the backend for it, before a device is used.

    On a CPU, TensorFlow 2.21 and JAX gave the same bits without it wherever the tests compare runs, but they promise nothing,
    and on a GPU they don't. Another number of threads, machine or version may give other bits all the same.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    elif backend == "jax":
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_gpu_deterministic_ops=true".strip()
    elif backend == "torch":
        import torch  # pyright: ignore[reportMissingImports]

        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True)
