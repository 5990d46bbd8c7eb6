"""The films that the smoothing was chosen with, and the choice."""

import cv2
import numpy as np
import pytest

from lapx_tf.runtime import smoothing_tuning
from lapx_tf.runtime.estimator import PoseEstimator
from lapx_tf.runtime.smoothing import Smoothing
from lapx_tf.runtime.smoothing_tuning import PERIOD, PERSON, RATE, REST, SPEEDS, Film, best, film, score

POINTS = np.array([[50, 20], [70, 50], [30, 55], [65, 100], [35, 95.0]])


def swinging(speed: float, noise: float) -> Film:
    """Three joints that move as in a film, and white noise in shares of the box."""
    rng = np.random.default_rng(0)
    seconds = np.arange(60) / RATE
    way = speed * PERSON * PERIOD / (2 * np.pi) * np.sin(2 * np.pi * seconds / PERIOD)
    true = np.array([[0.0, 0], [100, 50], [20, 80]]) + way[:, None, None] * (0.8, 0.6)
    return Film(speed, true + rng.normal(0, noise * PERSON, true.shape), true, np.full(60, float(PERSON)))


def test_a_film_moves_as_it_should_and_the_network_finds_the_joints_there(models, paint, monkeypatch):
    monkeypatch.setattr(smoothing_tuning, "FRAMES", 20)
    seen = film(PoseEstimator(models["float32"]), paint((120, 100), POINTS, 5), 1.0, np.random.default_rng(0))
    assert seen.found.shape == seen.true.shape == (20, 5, 2)
    assert np.abs(seen.found - seen.true).max() < 8
    fastest = np.linalg.norm(np.diff(seen.true, axis=0), axis=-1).max() * RATE
    assert fastest == pytest.approx(PERSON, rel=0.01)


def test_without_noise_a_filter_only_costs_and_without_motion_it_only_gains():
    perfect, still = swinging(1.0, 0.0), swinging(REST, 0.01)
    assert perfect.measured(None, 1) == (0.0, 0.0)
    assert perfect.measured(Smoothing(), 1)[1] > 0
    plain, smooth = still.measured(None, 1), still.measured(Smoothing(), 1)
    assert all(after < before for after, before in zip(smooth, plain, strict=True))


def test_the_choice_has_the_least_jitter_of_those_without_a_larger_error():
    films = [swinging(speed, 0.01) for speed in (REST, *SPEEDS)]
    chosen, plain = best(films), score(films, None)
    of_chosen = score(films, chosen)
    assert of_chosen.error <= plain.error
    for constants in smoothing_tuning.GRID:
        other = score(films, Smoothing(*constants))
        assert other.error > plain.error or other.jitter >= of_chosen.jitter


def test_the_command_writes_the_table(models, paint, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(smoothing_tuning, "FRAMES", 16)
    (tmp_path / "photographs").mkdir()
    cv2.imwrite(str(tmp_path / "photographs" / "a.png"), paint((120, 100), POINTS, 5)[..., ::-1])
    arguments = [models["float32"], tmp_path / "photographs", "--markdown", tmp_path / "smoothing.md"]
    assert smoothing_tuning.main([str(argument) for argument in arguments]) == 0
    written = (tmp_path / "smoothing.md").read_text()
    assert written.strip() in capfd.readouterr().out
    assert "lag at a constant speed" in written
    assert smoothing_tuning.main([str(models["float32"]), str(tmp_path / "none")]) == 2
