package dev.lapx.core

import org.junit.Assert.assertEquals
import org.junit.Test

/** A runtime that answers what it is told, and counts. */
private class Told(var score: Float) : PoseRuntime {
    var runs = 0
    override val spec =
        specOf(OutputKind.KEYPOINTS).run {
            val names = listOf("left_hip", "right_hip", "left_shoulder", "right_shoulder")
            copy(output = output.copy(shape = listOf(1, 4, 3)), skeleton = Skeleton("torso", names, listOf(0 to 1)))
        }

    override fun run(prepared: FloatArray): FloatArray {
        runs++
        return floatArrayOf(7f, 10f, score, 5f, 10f, score, 7f, 6f, score, 5f, 6f, score)
    }

    override fun close() = Unit
}

class PoseTrackerTest {
    private val picture = RgbImage(Size(64, 48), ByteArray(3 * 64 * 48))

    @Test
    fun itLooksTwiceAtFirstAndThenOnceWhereThePersonWas() {
        val runtime = Told(score = 0.9f)
        val tracker = PoseTracker(PoseEstimator(runtime))
        val first = tracker.track(picture, 0.0)
        assertEquals(2, runtime.runs)
        val second = tracker.track(picture, 0.1)
        assertEquals(3, runtime.runs)
        assertEquals(nextBox(first.pose, runtime.spec.skeleton, picture.size), second.pose.box)
    }

    @Test
    fun itLooksAtTheWholePictureAgainAfterLosingThePerson() {
        val runtime = Told(score = 0.9f)
        val tracker = PoseTracker(PoseEstimator(runtime))
        tracker.track(picture, 0.0)
        runtime.score = 0f
        tracker.track(picture, 0.1)
        val lost = tracker.track(picture, 0.2)
        assertEquals(Box.ofPicture(picture.size), lost.pose.box)
        assertEquals(4, runtime.runs)
    }

    @Test
    fun anotherCamerasClockMayBeBehind() {
        val tracker = PoseTracker(PoseEstimator(Told(score = 0.9f)))
        tracker.track(picture, 5.0)
        tracker.track(picture, 1.0)
        tracker.track(picture, 1.1)
    }

    @Test
    fun theTimesOfBothLooksAdd() {
        var now = 0L
        val estimator = PoseEstimator(Told(score = 0.9f)) { now.also { now += 1_000_000 } }
        assertEquals(Timings(crop = 2.0, inference = 2.0, decode = 2.0), estimator.estimate(picture).timings)
    }
}
