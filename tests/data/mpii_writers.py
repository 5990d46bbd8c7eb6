"""Small files in the three layouts of MPII, and the truth for PCKh; the four describe the same person."""

import gzip
import json

import numpy as np
import scipy.io

PLACES = np.random.default_rng(0).integers(100, 300, (16, 2)).astype(float).tolist()
"""The joints of everybody here, as MPII counts pixels."""


def common_person(image="a.jpg", **changes):
    """A record of train.json."""
    return {
        "joints_vis": [1] * 16,
        "joints": PLACES,
        "image": image,
        "scale": 2.0,
        "center": [200.0, 180.0],
    } | changes


def wei_person(image="a.jpg", val=0.0, **changes):
    """A record of mpii_annotations.json."""
    return {
        "isValidation": val,
        "img_paths": image,
        "objpos": [200.0, 180.0],
        "joint_self": [[*place, 1.0] for place in PLACES],
        "scale_provided": 2.0,
    } | changes


def struct_array(structs):
    """MATLAB's array of structures."""
    array = np.empty(len(structs), [(key, object) for key in structs[0]])
    for index, struct in enumerate(structs):
        array[index] = tuple(struct.values())
    return array


EMPTY = np.zeros((0, 0))


def published_person(**changes):
    """An `annorect`; is_visible comes in all the forms that the real file has."""
    visible = ["1", "0", EMPTY, 1, 0] * 4
    points = [{"id": i, "x": x, "y": y, "is_visible": visible[i]} for i, (x, y) in enumerate(PLACES)]
    head_box = {"x1": 10.0, "y1": 20.0, "x2": 40.0, "y2": 60.0}
    position = {"annopoints": {"point": struct_array(points)}, "scale": 2.0, "objpos": {"x": 200, "y": 180}}
    return head_box | position | changes


def write_published(folder, images, training):
    """Writes mpii_human_pose_v1_u12_1.mat with (name, persons) for each image."""
    entries = [
        {"image": {"name": name}, "annorect": struct_array(persons) if persons else EMPTY} for name, persons in images
    ]
    release = {
        "annolist": struct_array(entries),
        "img_train": np.array(training, np.uint8),
        "single_person": EMPTY,
        "act": EMPTY,
    }
    scipy.io.savemat(folder / "mpii_human_pose_v1_u12_1.mat", {"RELEASE": release})


def write_truth(folder, count, joints=PLACES, name="detections_our_format.mat"):
    """Writes the truth for PCKh of `count` persons; the head sizes are 30, 60, 90, ..."""
    boxes = np.zeros((2, 2, count))
    boxes[1] = np.arange(1, count + 1) * [[30.0], [40.0]]
    arrays = {
        "pos_gt_src": np.repeat(np.asarray(joints)[..., None], count, axis=-1) + 1e-5,
        "jnt_missing": np.zeros((16, count), np.uint8),
        "headboxes_src": boxes,
    }
    scipy.io.savemat(folder / name, arrays)
    return arrays


def write_json(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
