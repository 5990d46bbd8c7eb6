"""TFDS builders: data sets of people as sharded TFRecords, prepared once from the folders that were downloaded by hand.

Importing this package makes them known to tensorflow-datasets:

    import tensorflow_datasets as tfds
    import lapx_tf.data.tfds_builders
    config = tfds.download.DownloadConfig(manual_dir="lsp")
    tfds.load("lapx_lsp", data_dir="prepared", download_and_prepare_kwargs={"download_config": config})

`python -m train.prepare` does it from the command line, and `lapx_tf.data.prepared` reads what came out.
"""

from lapx_tf.data.tfds_builders.builder import PeopleBuilder
from lapx_tf.skeletons import COCO_17, MPII_16


class LapxLsp(PeopleBuilder):
    """Leeds Sports Pose (Johnson and Everingham, BMVC 2010)."""

    DATASET, SKELETON = "lsp", MPII_16
    MANUAL_DOWNLOAD_INSTRUCTIONS = "A folder with joints.mat and images/ of lsp_dataset_original.zip."


class LapxLspet(PeopleBuilder):
    """Leeds Sports Pose Extended (Johnson and Everingham, CVPR 2011)."""

    DATASET, SKELETON = "lspet", MPII_16
    MANUAL_DOWNLOAD_INSTRUCTIONS = "A folder with joints.mat and images/ of hr-lspet.zip or lspet_dataset.zip."


class LapxMpii(PeopleBuilder):
    """MPII Human Pose (Andriluka et al., CVPR 2014)."""

    DATASET, SKELETON = "mpii", MPII_16
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        "A folder with images/ of mpii_human_pose_v1.tar.gz and one of the annotation files that `lapx_tf.data.mpii` lists, "
        "all from http://human-pose.mpi-inf.mpg.de or from those who handed the annotations on."
    )


class LapxCoco(PeopleBuilder):
    """COCO person keypoints (Lin et al., ECCV 2014)."""

    DATASET, SKELETON = "coco", COCO_17
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        "A folder with annotations/person_keypoints_{train,val}2017.json and the images in train2017/ and val2017/, from "
        "https://cocodataset.org/#download."
    )


BUILDERS: dict[str, type[PeopleBuilder]] = {
    builder.DATASET: builder for builder in (LapxLsp, LapxLspet, LapxMpii, LapxCoco)
}
"""By the name of the data set."""
