"""The window of `--show`."""

import os
import sys

import cv2
import numpy as np
from numpy.typing import NDArray

from lapx_tf.errors import InputError

CLOSING_KEYS = (27, ord("q"))  # 27 is Escape


class Window:
    """Shows the latest of the pictures that it is offered. Made and refreshed by the main thread, as windows must be.

    Args:
        title: of the window.

    Raises:
        InputError: this OpenCV has no windows, or there is no screen.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self._offered: NDArray[np.uint8] | None = None
        # OpenCV's Qt would end the process.
        if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            raise InputError("--show needs a screen: neither DISPLAY nor WAYLAND_DISPLAY is set")
        try:
            cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO)
        except cv2.error as error:
            raise InputError(
                "--show needs an OpenCV with windows, which opencv-python-headless is not: "
                "pip uninstall opencv-python-headless, then pip install opencv-python"
            ) from error

    def offer(self, image: NDArray[np.uint8]) -> None:
        """Takes a picture, uint8 [H, W, 3], RGB, from any thread; of several before a refresh the last is shown."""
        self._offered = image

    def refresh(self) -> bool:
        """Shows what was offered; False once the user has closed the window or pressed q or Escape."""
        image, self._offered = self._offered, None
        if image is not None:
            cv2.imshow(self.title, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        return cv2.waitKey(1) not in CLOSING_KEYS and cv2.getWindowProperty(self.title, cv2.WND_PROP_VISIBLE) >= 1

    def close(self) -> None:
        """Closes it."""
        cv2.destroyWindow(self.title)
