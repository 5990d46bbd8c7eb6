// Joints from what the network answers: lapx_tf/codecs/decode.py in Kotlin.
package dev.lapx.core

/** The joints that an output means, in pixels of the crop. */
fun ModelSpec.jointsOf(answer: FloatArray): List<Joint> {
    require(answer.size == output.count) { "$file gave ${answer.size} numbers, its JSON says ${output.shape}" }
    check(answer.all(Float::isFinite)) { "$file gave ${kind.name.lowercase()} that are not finite" }
    return when (kind) {
        OutputKind.KEYPOINTS -> {
            List(output.shape[1]) { Joint(answer[3 * it], answer[3 * it + 1], answer[3 * it + 2]) }
        }

        OutputKind.HEATMAPS -> {
            val (_, height, width, joints) = output.shape
            val cropFromHeatmap = Affine.cropFromHeatmap(stride)
            decodeHeatmaps(answer, Size(height, width), joints).map { it.mapped(cropFromHeatmap) }
        }
    }
}

/**
 * The maximum of each heat map, the first one in reading order, moved a quarter pixel towards the larger neighbour in x and
 * in y (Newell et al., ECCV 2016). Outside the map everything counts as lower, so on the border the joint moves inwards.
 *
 * @param maps [height, width, joints], one value after the other.
 * @return in pixels of the heat map.
 */
fun decodeHeatmaps(maps: FloatArray, size: Size, joints: Int): List<Joint> =
    List(joints) { HeatMap(maps, size, joints, it).joint() }

private class HeatMap(
    private val maps: FloatArray,
    private val size: Size,
    private val joints: Int,
    private val joint: Int,
) {
    fun joint(): Joint {
        val place = (0 until size.height * size.width).maxBy { maps[it * joints + joint] }
        val x = place % size.width
        val y = place / size.width
        return Joint(x + quarter(at(x - 1, y), at(x + 1, y)), y + quarter(at(x, y - 1), at(x, y + 1)), at(x, y))
    }

    private fun at(x: Int, y: Int): Float {
        val inside = x in 0 until size.width && y in 0 until size.height
        return if (inside) maps[(y * size.width + x) * joints + joint] else Float.NEGATIVE_INFINITY
    }

    private fun quarter(before: Float, after: Float): Float =
        when {
            after > before -> 0.25f
            after < before -> -0.25f
            else -> 0f
        }
}
