/*
 * Steady joints in a video: lapx_tf/runtime/smoothing.py in Kotlin. The One-Euro filter (Casiez, Roussel and Vogel, CHI 2012,
 * Algorithm 1) is a low-pass filter whose cutoff rises with the speed: a joint at rest does not tremble, and one that moves
 * does not lag.
 */
package dev.lapx.core

import kotlin.math.PI
import kotlin.math.abs

/**
 * How much to smooth. Speeds are in sides of the person's box a second, so that the distance to the camera is no matter.
 *
 * @property minCutoff in Hz, of a joint at rest; lower trembles less.
 * @property beta Hz for each side of the box a second; higher lags less.
 * @property speedCutoff in Hz, of the speed itself; the paper takes 1.
 */
data class Smoothing(
    val minCutoff: Double = 0.5,
    val beta: Double = 80.0,
    val speedCutoff: Double = 2.0,
) {
    init {
        require(minCutoff > 0 && speedCutoff > 0 && beta >= 0) { "cutoffs must be positive and beta at least 0, got $this" }
    }
}

/** The filter, for numbers that change independently. */
class OneEuro(private val smoothing: Smoothing) {
    private data class Filtered(val value: Double, val speed: Double)

    private var last = emptyList<Filtered>()
    private var lastSeconds = 0.0

    /**
     * The smoothed values.
     *
     * @param values as many at each call; the first ones come back as they are.
     * @param seconds later than at the call before.
     * @param unit what a speed of 1 is, in units of the values a second.
     */
    fun filter(values: List<Double>, seconds: Double, unit: Double): List<Double> {
        val elapsed = seconds - lastSeconds
        require(last.isEmpty() || elapsed > 0) { "time must grow from call to call, got $seconds after $lastSeconds" }
        last =
            if (last.isEmpty()) {
                values.map { Filtered(it, 0.0) }
            } else {
                last.zip(values) { before, value -> before.next(value, elapsed, unit) }
            }
        lastSeconds = seconds
        return last.map { it.value }
    }

    private fun Filtered.next(measured: Double, elapsed: Double, unit: Double): Filtered {
        val measuredSpeed = (measured - value) / elapsed
        val nextSpeed = speed + weight(smoothing.speedCutoff, elapsed) * (measuredSpeed - speed)
        val cutoff = smoothing.minCutoff + smoothing.beta * abs(nextSpeed) / unit
        return Filtered(value + weight(cutoff, elapsed) * (measured - value), nextSpeed)
    }

    /** Of the new value, in a low-pass filter of a cutoff in Hz (the paper's alpha), after the elapsed seconds. */
    private fun weight(cutoff: Double, elapsed: Double): Double = 1 / (1 + 1 / (2 * PI * cutoff * elapsed))
}

/** Smooths the joints of one person from picture to picture. Make a new one for another person. */
class PoseSmoother(smoothing: Smoothing = Smoothing()) {
    private val filter = OneEuro(smoothing)

    /**
     * The joints with smoothed places; their scores are as they were.
     *
     * @param joints in pixels of the picture.
     * @param side of the person's box, in pixels of the picture.
     * @param seconds time of the picture, later than that of the one before.
     */
    fun smooth(joints: List<Joint>, side: Double, seconds: Double): List<Joint> {
        val smoothed = filter.filter(joints.flatMap { listOf(it.point.x, it.point.y) }, seconds, side)
        return joints.mapIndexed { i, joint ->
            joint.copy(x = smoothed[2 * i].toFloat(), y = smoothed[2 * i + 1].toFloat())
        }
    }
}
