package dev.lapx.core

/** Finds one person's joints in the pictures of a camera, one after the other: follows the person and smooths the joints. */
class PoseTracker(private val estimator: PoseEstimator) {
    private var box: Box? = null
    private var smoother = PoseSmoother()
    private var lastSeconds = Double.NEGATIVE_INFINITY

    /**
     * The pose in the next picture.
     *
     * @param seconds time of the picture; one that is not later than the last one, of another camera's clock, starts anew.
     */
    fun track(picture: RgbImage, seconds: Double): Estimate {
        val found = box?.let { estimator.estimate(picture, it) } ?: estimator.estimate(picture)
        // Who is found after the person was lost may be somebody else.
        if (box == null || seconds <= lastSeconds) smoother = PoseSmoother()
        lastSeconds = seconds
        box = nextBox(found.pose, estimator.skeleton, picture.size)
        val side = found.pose.box.run { maxOf(width, height) }
        val joints = smoother.smooth(found.pose.joints, side, seconds)
        return found.copy(pose = found.pose.copy(joints = joints))
    }
}
