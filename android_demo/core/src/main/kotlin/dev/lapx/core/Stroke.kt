/*
 * What to draw for a pose, without saying on what: Android's canvas in the app, a picture of Java's on the desktop.
 * Colours and widths are those of lapx_tf/runtime/drawing.py: blue is left, orange is right, white is the middle.
 */
package dev.lapx.core

import kotlin.math.hypot
import kotlin.math.max
import kotlin.math.min

/** A line with round ends, or a disc where both ends are the same point; [color] is 0xAARRGGBB. */
data class Stroke(
    val start: Point,
    val end: Point,
    val width: Double,
    val color: Int,
)

private const val LEFT = 0x30A4FF
private const val RIGHT = 0xFF9600
private const val MIDDLE = 0xF5F5F5
private const val OUTLINE = 0x141418

/** Joints are drawn from this fraction of the pose's best score on: weak networks have low scores throughout. */
private const val CLEAR = 0.25f

/**
 * The strokes of a pose, in the order to draw them.
 *
 * @param pose in pixels of the picture.
 * @param viewFromPicture to the pixels of the view that is drawn on.
 * @param view its size; lines are as thick as it and the person allow.
 */
fun strokesOf(
    pose: Pose,
    skeleton: Skeleton,
    viewFromPicture: Affine,
    view: Size,
): List<Stroke> {
    val least = CLEAR * max(pose.joints.maxOf { it.score }, 0f)
    val shown = pose.joints.map { it.score >= least }
    val points = pose.joints.map { viewFromPicture(it.point) }
    val width = lineWidth(points.filterIndexed { index, _ -> shown[index] }, view)
    val outline = width + 2 * max(0.3 * width, 0.75)
    val colors = skeleton.joints.map(::colorOf)
    val limbs =
        skeleton.limbs
            .filter { (a, b) -> shown[a] && shown[b] }
            .map { (a, b) -> Stroke(points[a], points[b], width, mixed(colors[a], colors[b])) }
            .sortedBy { it.color != opaque(MIDDLE) } // the middle lies behind
    val discs =
        points.indices.filter { shown[it] }.map { Stroke(points[it], points[it], 1.4 * width, lightened(colors[it])) }
    // Limb by limb, so that an arm before the trunk stays apart from it; the joints cover the seams.
    return (limbs + discs).flatMap { listOf(it.copy(width = it.width + outline - width, color = opaque(OUTLINE)), it) }
}

private fun colorOf(joint: String): Int =
    when {
        joint.startsWith("left") -> LEFT
        joint.startsWith("right") -> RIGHT
        else -> MIDDLE
    }

/** A limb has the side of its joints; from the middle to a side it belongs to the side. */
private fun mixed(one: Int, other: Int): Int =
    when {
        one == other || other == MIDDLE -> opaque(one)
        one == MIDDLE -> opaque(other)
        else -> opaque(MIDDLE)
    }

private fun lightened(color: Int): Int {
    val channels = listOf(16, 8, 0).map { shift -> ((color shr shift) and 0xff).let { it + (255 - it) * 11 / 20 } shl shift }
    return opaque(channels.sum())
}

private fun opaque(color: Int): Int = color or (0xff shl 24)

/** Width of a limb in pixels: of the view's size, less for a small person, never hardly visible. */
private fun lineWidth(points: List<Point>, view: Size): Double {
    val byView = 0.0085 * hypot(view.width.toDouble(), view.height.toDouble())
    if (points.isEmpty()) return byView
    val extent = max(points.maxOf { it.x } - points.minOf { it.x }, points.maxOf { it.y } - points.minOf { it.y })
    return max(1.4, if (extent > 0) min(byView, 0.03 * extent) else byView)
}
