package dev.lapx.core

/** Medians over the last pictures: milliseconds of each part and of all together, and pictures a second. */
data class Summary(
    val crop: Double,
    val inference: Double,
    val decode: Double,
    val total: Double,
    val framesPerSecond: Double,
)

/** Collects what the pictures of a camera took. */
class Readout(private val capacity: Int = 30) {
    private data class Frame(val timings: Timings, val seconds: Double)

    private val frames = ArrayDeque<Frame>()

    /**
     * What the last pictures took, this one included.
     *
     * @param seconds when it was done; with less than two pictures there is no rate, and it is 0.
     */
    fun add(timings: Timings, seconds: Double): Summary {
        frames.addLast(Frame(timings, seconds))
        if (frames.size > capacity) frames.removeFirst()
        val elapsed = frames.last().seconds - frames.first().seconds
        return Summary(
            crop = median { it.crop },
            inference = median { it.inference },
            decode = median { it.decode },
            total = median { it.total },
            framesPerSecond = if (elapsed > 0) (frames.size - 1) / elapsed else 0.0,
        )
    }

    private fun median(part: (Timings) -> Double): Double {
        val sorted = frames.map { part(it.timings) }.sorted()
        val middle = sorted.size / 2
        return if (sorted.size % 2 == 1) sorted[middle] else (sorted[middle - 1] + sorted[middle]) / 2
    }
}
