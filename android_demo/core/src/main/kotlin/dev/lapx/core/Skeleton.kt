package dev.lapx.core

/** A named set of joints. Left and right are the person's own; [limbs] are pairs of joints to join by a line. */
data class Skeleton(
    val name: String,
    val joints: List<String>,
    val limbs: List<Pair<Int, Int>>,
)

/** A joint in pixels (of the heat map, the crop or the picture) and its score, the height of the heat map's maximum. */
data class Joint(
    val x: Float,
    val y: Float,
    val score: Float,
) {
    val point: Point get() = Point(x.toDouble(), y.toDouble())

    internal fun mapped(map: Affine): Joint = map(point).let { Joint(it.x.toFloat(), it.y.toFloat(), score) }
}

/**
 * The joints of one person.
 *
 * @property joints in pixels of the picture, in the skeleton's order.
 * @property box the part of the picture that the network saw, before it was enlarged to the crop's aspect.
 */
data class Pose(val joints: List<Joint>, val box: Box) {
    /** For each joint, whether the network is sure enough of it: a fraction of the best score, and not next to nothing. */
    fun found(): List<Boolean> {
        val least = maxOf(CONFIDENT * joints.maxOf { it.score }, NOTHING)
        return joints.map { it.score >= least }
    }

    private companion object {
        const val CONFIDENT = 0.3f
        const val NOTHING = 1e-3f
    }
}
