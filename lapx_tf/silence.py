"""Keeping TensorFlow's chatter away from people: it writes from C++ before its own log level applies."""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet(enabled: bool = True) -> Iterator[None]:
    """Sends stdout and stderr of the whole process, C++ included, to nowhere.

    The file descriptors themselves are redirected. Exceptions pass through as they are.
    """
    if not enabled:
        yield
        return
    # The lowest level that TensorFlow's C++ knows, for what it says after this block.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for stream, own in enumerate(kept, start=1):
            os.dup2(own, stream)
            os.close(own)
        os.close(nowhere)
