package dev.lapx.core

import kotlin.math.abs
import kotlin.math.max
import kotlin.math.min

private val HIPS = listOf("left_hip", "right_hip")
private val SHOULDERS = listOf("left_shoulder", "right_shoulder")

/** MoveNet's: half the square's side is at least this multiple of the torso's reach from the middle of the hips. */
private const val TORSO_REACH = 1.9

/** MoveNet's: likewise, of the reach of all joints found. */
private const val BODY_REACH = 1.2

/**
 * Where to look for the same person in the next picture, as MoveNet crops: a square around the middle of the hips, wide enough
 * for the torso and for every joint found. lapx_tf/runtime/following.py in Kotlin.
 *
 * @param size of the pictures.
 * @return null where no hip or no shoulder was found, or the skeleton has none, or the square would be larger than the
 *   picture: then the whole picture is the place to look at.
 */
fun nextBox(pose: Pose, skeleton: Skeleton, size: Size): Box? {
    val found = pose.found()
    val hips = HIPS.map(skeleton.joints::indexOf).filter { it >= 0 }
    val shoulders = SHOULDERS.map(skeleton.joints::indexOf).filter { it >= 0 }
    if (hips.size != 2 || hips.none { found[it] } || shoulders.none { found[it] }) return null
    val points = pose.joints.map(Joint::point)
    val center = Point(hips.sumOf { points[it].x } / 2, hips.sumOf { points[it].y } / 2)
    val reaches = points.map { max(abs(it.x - center.x), abs(it.y - center.y)) }
    val torso = (hips + shoulders).maxOf { reaches[it] }
    val body = reaches.filterIndexed { index, _ -> found[index] }.max()
    // No further than the farthest border of the picture.
    val farthest = maxOf(maxOf(center.x, size.width - center.x), maxOf(center.y, size.height - center.y))
    val half = min(max(TORSO_REACH * torso, BODY_REACH * body), farthest)
    if (half <= 0 || half > max(size.height, size.width) / 2.0) return null
    return Box(center.x, center.y, 2 * half, 2 * half)
}
