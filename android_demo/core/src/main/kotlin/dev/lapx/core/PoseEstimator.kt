package dev.lapx.core

/** How long the parts of an estimate took, in milliseconds. */
data class Timings(
    val crop: Double,
    val inference: Double,
    val decode: Double,
) {
    val total: Double get() = crop + inference + decode

    operator fun plus(other: Timings): Timings = Timings(crop + other.crop, inference + other.inference, decode + other.decode)
}

data class Estimate(val pose: Pose, val timings: Timings)

/**
 * From a picture to joints in pixels of that picture, as lapx_tf's PoseEstimator.
 *
 * @param nanoTime a clock; tests have one of their own.
 */
class PoseEstimator(private val runtime: PoseRuntime, private val nanoTime: () -> Long = System::nanoTime) {
    val skeleton: Skeleton get() = runtime.spec.skeleton

    /** The pose of the person in a box: the person's extent with the padding of the training. It may reach over the border. */
    fun estimate(picture: RgbImage, box: Box): Estimate {
        val spec = runtime.spec
        val start = nanoTime()
        val cropFromPicture = Affine.cropFromPicture(box, spec.crop)
        val prepared = spec.prepare(picture.crop(cropFromPicture, spec.crop))
        val cropped = nanoTime()
        val answer = runtime.run(prepared)
        val answered = nanoTime()
        val pictureFromCrop = cropFromPicture.inverse()
        val pose = Pose(spec.jointsOf(answer).map { it.mapped(pictureFromCrop) }, box)
        val timings = Timings(ms(start, cropped), ms(cropped, answered), ms(answered, nanoTime()))
        return Estimate(pose, timings)
    }

    /**
     * The pose of the most visible person. The network looks twice: at the whole picture, then at a square around the joints
     * that the first look was confident of. The second look is left out where the first found hardly any joint.
     */
    fun estimate(picture: RgbImage): Estimate {
        val whole = Box.ofPicture(picture.size)
        val first = estimate(picture, whole)
        val closer = closerBox(first.pose, whole) ?: return first
        val second = estimate(picture, closer)
        return Estimate(second.pose, first.timings + second.timings)
    }

    private fun closerBox(first: Pose, whole: Box): Box? {
        val confident =
            first.joints
                .zip(first.found())
                .filter { it.second }
                .map { it.first.point }
        if (confident.size < FEWEST_JOINTS) return null
        val box = Box.around(confident, runtime.spec.padding)
        val side = maxOf(box.width, CLOSEST * maxOf(whole.width, whole.height))
        return box.copy(width = side, height = side)
    }

    private fun ms(start: Long, end: Long): Double = (end - start) / 1e6

    private companion object {
        /** With fewer confident joints the first look stands: their extent says nothing about the person's. */
        const val FEWEST_JOINTS = 3

        /** The second look is never at a smaller part of the picture's side: the first one is too coarse to point there. */
        const val CLOSEST = 1.0 / 8
    }
}
