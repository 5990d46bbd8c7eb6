"""`lapx predict` of a video, a stream or a camera: a drawn video, a line of JSON for each frame, a window."""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import cv2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lapx_tf.commands import whole_file
from lapx_tf.errors import InputError
from lapx_tf.runtime.cli_predict import estimator_of
from lapx_tf.runtime.smoothing import PeopleSmoother
from lapx_tf.runtime.tracking import PeopleTracker, Tracked
from lapx_tf.runtime.video.output import CODECS, VideoFile
from lapx_tf.runtime.video.results import Results, Seen
from lapx_tf.runtime.video.source import Frame, Video
from lapx_tf.runtime.video.tally import Tally
from lapx_tf.runtime.video.threads import DEPTH, ahead, behind
from lapx_tf.runtime.video.window import Window
from lapx_tf.stopping import Stop

Look = Callable[[Frame], Sequence[Tracked]]


def predict_video(options: argparse.Namespace) -> None:
    """Runs the command.

    Args:
        options: the arguments of `lapx predict`, and `stop`, the `Stop` of the process.

    Raises:
        InputError: something can't be used; then there is no output.
        KeyboardInterrupt: a signal asked to stop; the outputs hold every frame until then.
    """
    _silence()
    _check_outputs(options)
    look = _look(options)
    with Video(options.source) as video:
        tally = _write(video, look, options)
    outputs = ", ".join(str(path) for path in (options.out, options.json) if path)
    told = f"{tally.done} frames in {tally.seconds:.1f} s ({tally.rate:.1f} frames/s): {outputs or 'shown'}"
    losses = tally.losses(video)
    options.stop.here("; ".join([f"stopped after {told}", *losses]))
    Console(highlight=False, soft_wrap=True).print("\n".join([told, tally.parts(), *losses]), markup=False)


def _silence() -> None:
    """Keeps OpenCV and its FFmpeg from telling in their own words what this command tells in one sentence."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def refuse_for_pictures(options: argparse.Namespace) -> None:
    """Raises an InputError where an option is given that only a video has."""
    if options.json or options.smooth or options.show:
        raise InputError(f"--json, --smooth and --show are for videos, {options.source} is taken for pictures")


def _check_outputs(options: argparse.Namespace) -> None:
    if options.boxes or options.format != "json":
        raise InputError("--boxes and --format are for pictures; a video takes --detector, and writes --json")
    if not (options.out or options.json or options.show):
        raise InputError("a video needs --out FILE.mp4, --json FILE.jsonl or --show, got none of them")
    if options.out and (options.out.suffix.lower() not in CODECS or options.out.is_dir()):
        raise InputError(f"--out of a video is a file that ends in {' or '.join(CODECS)}, got {options.out}")
    paths = [Path(options.source), *(path for path in (options.out, options.json) if path)]
    if len({path.resolve() for path in paths}) < len(paths):
        raise InputError(
            f"--out, --json and the video itself must be different files, got {', '.join(map(str, paths))}"
        )


def _look(options: argparse.Namespace) -> Look:
    tracker = PeopleTracker(estimator_of(options))
    smooth = PeopleSmoother() if options.smooth else None

    def look(frame: Frame) -> Sequence[Tracked]:
        people = tracker(frame.image)
        return smooth(people, frame.seconds) if smooth else people

    return look


def _write(video: Video, look: Look, options: argparse.Namespace) -> Tally:
    """Goes through the video; the outputs appear together, once the last frame is written."""
    options.stop.waits = True
    with ExitStack() as stack:
        results = _results(stack, video, options)
        tally = _go_through(video, look, results, options.stop)
        if not tally.done:
            options.stop.here()
            raise InputError(f"{video.source} has no frame that can be decoded")
    return tally


def _results(stack: ExitStack, video: Video, options: argparse.Namespace) -> Results:
    """The outputs, closed by the stack and then renamed to what they are called."""
    out, lines = (stack.enter_context(whole_file(path)) if path else None for path in (options.out, options.json))
    window = Window(f"lapx {video.source}") if options.show else None
    file = VideoFile(out, video.size, video.rate) if out else None
    for opened in (window, file):
        if opened:
            stack.callback(opened.close)
    text = stack.enter_context(lines.open("w", encoding="utf-8")) if lines else None
    return Results(file, video.live, text, window, numbered=options.detector is not None)


def _go_through(video: Video, look: Look, results: Results, stop: Stop) -> Tally:
    tally, start = Tally(), time.monotonic()
    look = tally.looking.calls(look)
    with (
        _progress() as bar,
        # What waits of a camera gets old.
        ahead(tally.reading.making(video), 1 if video.live else DEPTH, newest=video.live) as frames,
        behind(tally.writing.calls(results.take)) as put,
    ):
        task = bar.add_task("", total=video.count, rate=0.0)
        for frame in frames:
            put(Seen(frame, look(frame)))
            tally.done += 1
            tally.dropped = frame.number + 1 - tally.done
            tally.seconds = time.monotonic() - start
            bar.update(task, completed=frame.number + 1, rate=tally.rate)
            if stop.asked is not None or (results.window and not results.window.refresh()):
                break
    tally.seconds = time.monotonic() - start
    return tally


def _progress() -> Progress:
    columns = (MofNCompleteColumn(), BarColumn(), TextColumn("{task.fields[rate]:.1f} frames/s"), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True))
