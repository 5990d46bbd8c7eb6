"""What the converters need of the process they run in: Keras on TensorFlow."""

from lapx_tf.errors import InputError


def require_tensorflow(backend: str) -> None:
    """Raises an InputError where Keras runs on something else: the converters start from TensorFlow's graphs."""
    if backend != "tensorflow":
        raise InputError(
            f"a conversion needs Keras on TensorFlow, got the backend {backend!r}: set KERAS_BACKEND=tensorflow"
        )
