package dev.lapx.core

import kotlin.math.ceil
import kotlin.math.floor
import kotlin.math.min
import kotlin.math.round

/** The part that each pixel of a line has in one pixel of the line averaged down. */
private class Share(val first: Int, val weights: FloatArray)

/** The picture averaged down by a whole factor, rounded to 8 bits: OpenCV's INTER_AREA, operation by operation. */
internal fun RgbImage.averagedDown(factor: Int): RgbImage {
    val height = (size.height + factor - 1) / factor
    val width = (size.width + factor - 1) / factor
    val small = Size(height, width)
    if (factor == 2 && size == Size(2 * height, 2 * width)) return meansOfFour(small)
    val columns = shares(size.width, width)
    val result = ByteArray(3 * height * width)
    shares(size.height, height).forEachIndexed { v, share ->
        val sums = FloatArray(3 * width)
        share.weights.forEachIndexed { index, weight ->
            val row = averagedRow(share.first + index, columns)
            for (i in sums.indices) sums[i] += row[i] * weight
        }
        for (i in sums.indices) result[3 * v * width + i] = round(sums[i]).coerceIn(0f, 255f).toInt().toByte()
    }
    return RgbImage(small, result)
}

private fun RgbImage.averagedRow(y: Int, columns: List<Share>): FloatArray {
    val row = FloatArray(3 * columns.size)
    columns.forEachIndexed { u, share ->
        var source = 3 * (y * size.width + share.first)
        for (weight in share.weights) {
            for (channel in 0..2) row[3 * u + channel] += (rgb[source++].toInt() and 0xff) * weight
        }
    }
    return row
}

/** Four pixels at a time OpenCV adds in whole numbers, which rounds a half up and not to even. */
private fun RgbImage.meansOfFour(small: Size): RgbImage {
    val result = ByteArray(3 * small.height * small.width)
    val below = 3 * size.width
    for (v in 0 until small.height) {
        for (u in 0 until small.width) {
            for (channel in 0..2) {
                val at = 3 * (2 * v * size.width + 2 * u) + channel
                val sum = intArrayOf(at, at + 3, at + below, at + below + 3).sumOf { rgb[it].toInt() and 0xff }
                result[3 * (v * small.width + u) + channel] = ((sum + 2) shr 2).toByte()
            }
        }
    }
    return RgbImage(small, result)
}

private fun shares(length: Int, count: Int): List<Share> {
    val scale = length.toDouble() / count
    return List(count) { index ->
        val start = index * scale
        val end = start + scale
        val covered = min(scale, length - start)
        val lastWhole = min(floor(end).toInt(), length - 1)
        val firstWhole = min(ceil(start).toInt(), lastWhole)
        val weights = mutableListOf<Float>()
        // OpenCV leaves out less than a thousandth of a pixel.
        val hasStart = firstWhole - start > 1e-3
        if (hasStart) weights += ((firstWhole - start) / covered).toFloat()
        repeat(lastWhole - firstWhole) { weights += (1 / covered).toFloat() }
        if (end - lastWhole > 1e-3) weights += (min(min(end - lastWhole, 1.0), covered) / covered).toFloat()
        Share(if (hasStart) firstWhole - 1 else firstWhole, weights.toFloatArray())
    }
}
