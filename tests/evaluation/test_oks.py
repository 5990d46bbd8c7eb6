import contextlib
import io
import json

import numpy as np
import pytest

from lapx_tf.data import coco, own
from lapx_tf.data.people import People
from lapx_tf.errors import InputError
from lapx_tf.evaluation import oks
from lapx_tf.skeletons import COCO_17
from tests.data.coco_files import FOX, PERSON, annotation, image, write


def people_of(folder, annotations, category=PERSON):
    return own.load(write(folder / "a.json", [image(1), image(2), image(3)], annotations, category))


@pytest.fixture
def crowd(tmp_path):
    """Five persons in two of three images."""
    return people_of(tmp_path, [annotation(n, PERSON, image_id=1 + n // 4) for n in range(1, 6)])


def by_pycocotools(ground_truth, results):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(ground_truth))
        evaluation = COCOeval(truth, truth.loadRes(str(results)), "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats


def test_the_ten_figures_of_the_fields_example(shared_data):
    truth = shared_data / "coco" / "example_ground_truth.json"
    results = shared_data / "coco" / "example_predictions.json"
    scores = oks.average_precision(json.loads(results.read_text()), own.load(truth).ground_truth)
    assert [round(score, 6) for score in scores.values()] == [
        0.860890, 0.993145, 0.910891, 0.775578, 0.937252, 0.875, 1.0, 0.916667, 0.78, 0.942857,
    ]  # fmt: skip
    assert list(scores) == ["AP", "AP50", "AP75", "APm", "APl", "AR", "AR50", "AR75", "ARm", "ARl"]
    assert list(scores.values()) == by_pycocotools(truth, results).tolist()


def test_the_truth_of_the_real_val_scores_one(shared_data):
    people = coco.load(shared_data / "coco", "val")
    assert set(oks.coco_ap(people.joints, people).values()) == {1.0}


def test_an_annotation_of_the_id_0_can_be_found(tmp_path):
    people = people_of(tmp_path, [annotation(0, PERSON)])
    assert oks.coco_ap(people.joints, people)["AR"] == 1


def test_without_results_everything_is_zero_and_absent_sizes_are_minus_one(crowd):
    scores = oks.average_precision([], crowd.ground_truth)
    assert {scores[name] for name in ("AP", "AP50", "AR", "APm")} == {0}
    assert (scores["APl"], scores["ARl"]) == (-1, -1)  # areas of 4000 are medium


def test_the_evaluator_stays_silent(crowd, capfd):
    oks.coco_ap(crowd.joints, crowd)
    assert capfd.readouterr() == ("", "")


def test_distances_count_by_the_sigmas_given(tmp_path):
    scores = []
    for sigma in (0.02, 0.2):
        people = people_of(tmp_path, [annotation(1, FOX)], {**FOX, "sigmas": [sigma] * 5})
        scores.append(oks.coco_ap(people.joints + np.array([3, 0, 0]), people)["AP"])
    # OKS = exp(-3² / (2 * 4000 * (2 sigma)²)): 0.495 and 0.993
    assert scores == [0, pytest.approx(1)]


def test_the_score_is_the_boxs_times_the_mean_of_the_joints_that_count(crowd):
    predicted = crowd.joints.copy()
    predicted[0, :, 2] = [0.9, 0.3, 0.19, 0.1] + [0] * 13
    predicted[1, :, 2] = 0.1
    detected = [type(person)(**{**vars(person), "score": 0.5}) for person in crowd.persons]
    results = oks.coco_results(predicted, People("own", crowd.skeleton, detected, crowd.ground_truth))
    scores = {tuple(record["keypoints"][:2]): record["score"] for record in results}
    found = [scores[tuple(predicted[i, 0, :2].tolist())] for i in range(3)]
    assert found == pytest.approx([0.5 * 0.6, 0, 0.5])


def suppressed(predicted, people, size):
    """The persons that are kept, one pair after the other (as in Xiao et al.)."""
    kept = []
    scores = predicted[..., 2].mean(axis=1)
    for i in np.argsort(-scores, kind="stable"):
        boxes = people.persons[i].box.to_aspect(size)
        for j in kept:
            other = people.persons[j].box.to_aspect(size)
            area = (boxes.width * boxes.height + other.width * other.height) / 2
            squared = ((predicted[i, :, :2] - predicted[j, :, :2]) ** 2).sum(axis=-1)
            similarity = np.exp(-squared / (2 * area * (2 * np.array(COCO_17.sigmas)) ** 2)).mean()
            if people.persons[i].image_id == people.persons[j].image_id and similarity > 0.9:
                break
        else:
            kept.append(i)
    return sorted(kept)


@pytest.mark.parametrize("size", [(1, 1), (256, 192)])
def test_of_similar_predictions_in_an_image_the_best_is_kept(tmp_path, size):
    rng = np.random.default_rng(0)
    boxes = [[20, 30, width, 60] for width in rng.integers(30, 80, 40).tolist()]
    annotations = [annotation(n, PERSON, image_id=1 + n % 2, bbox=box) for n, box in enumerate(boxes, start=1)]
    people = people_of(tmp_path, annotations)
    predicted = people.joints[rng.integers(0, 4, 40)] + rng.normal(0, 1, (40, 17, 3)) * rng.uniform(0, 5, (40, 1, 1))
    predicted[..., 2] = rng.uniform(0.3, 1, (40, 1))
    results = oks.coco_results(predicted, people, size)
    wanted = suppressed(predicted, people, size)
    assert 5 < len(wanted) < 35
    kept = [np.flatnonzero((predicted.reshape(40, -1) == record["keypoints"]).all(axis=1))[0] for record in results]
    assert sorted(kept) == wanted
    of_first = [record["score"] for record in results if record["image_id"] == results[0]["image_id"]]
    assert of_first == sorted(of_first, reverse=True)


def test_results_with_boxes_are_read_as_pycocotools_reads_them(tmp_path, crowd):
    right = oks.coco_results(crowd.joints, crowd)
    wrong = [{**record, "score": 2.0} for record in oks.coco_results(crowd.joints + np.array([40, 0, 0]), crowd)]
    boxed = [{**record, "bbox": [0, 0, 10, 10]} for record in right + wrong]
    (tmp_path / "results.json").write_text(json.dumps(boxed))
    scores = oks.average_precision(boxed, crowd.ground_truth)
    assert list(scores.values()) == by_pycocotools(tmp_path / "a.json", tmp_path / "results.json").tolist()
    # By their boxes the wrong ones are too small to count among persons of medium size.
    assert oks.average_precision(right + wrong, crowd.ground_truth)["APm"] < scores["APm"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"image_id": 99}, "image_id 99 is not in the ground truth"),
        ({"image_id": [1]}, r"image_id \[1\] is not in the ground truth"),
        ({"category_id": 2}, "category_id 2 is not"),
        ({"keypoints": [1, 2, 3]}, r"keypoints must be numbers of the shape \[51\]"),
        ({"keypoints": [float("nan")] * 51}, "keypoints holds a value"),
        ({"keypoints": None}, "keypoints must be numbers"),
        ({"score": "high"}, "score must be numbers"),
        ({"score": float("inf")}, "score holds a value"),
    ],
)
def test_a_malformed_result_is_refused_with_its_number(crowd, changed, sentence):
    results = oks.coco_results(crowd.joints, crowd)
    results[2] = {**results[2], **changed}
    with pytest.raises(InputError, match=rf"results\[2\]: {sentence}"):
        oks.average_precision(results, crowd.ground_truth)


def test_results_of_another_form_are_refused(crowd):
    for results, sentence in (({}, "must be a list"), ([3], r"results\[0\]: must be an object"), ([{}], "image_id")):
        with pytest.raises(InputError, match=sentence):
            oks.average_precision(results, crowd.ground_truth)


def test_predictions_that_do_not_fit_are_refused(crowd):
    with pytest.raises(InputError, match=r"shape \(5, 17, 3\), got \(4, 17, 3\)"):
        oks.coco_results(crowd.joints[:4], crowd)
    broken = crowd.joints.copy()
    broken[3, 5, 1] = np.nan
    with pytest.raises(InputError, match=r"002\.png #4 holds a value that is not finite"):
        oks.coco_results(broken, crowd)
    with pytest.raises(InputError, match="no ground truth of COCO's kind"):
        oks.coco_ap(crowd.joints, People("own", crowd.skeleton, crowd.persons))
