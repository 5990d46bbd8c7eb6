package dev.lapx.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class StrokeTest {
    private val skeleton = Skeleton("arm", listOf("neck", "left_elbow", "right_elbow"), listOf(0 to 1, 0 to 2, 1 to 2))
    private val view = Size(200, 300)
    private val map = Affine.viewFromPicture(Size(100, 150), view, mirrored = false)

    private fun strokes(vararg scores: Float): List<Stroke> {
        val joints = scores.mapIndexed { index, score -> Joint(20f + 30 * index, 10f + 20 * index, score) }
        return strokesOf(Pose(joints, Box.ofPicture(Size(100, 150))), skeleton, map, view)
    }

    @Test
    fun limbsHaveTheColoursOfTheirSides() {
        val colors = strokes(1f, 1f, 1f).map { it.color }
        val outline = 0xFF141418.toInt()
        // The middle lies behind; each limb and joint has a dark outline before it.
        val limbs = listOf(0xFFF5F5F5.toInt(), 0xFF30A4FF.toInt(), 0xFFFF9600.toInt())
        assertEquals(limbs.flatMap { listOf(outline, it) }, colors.take(6))
        assertEquals(12, colors.size)
    }

    @Test
    fun jointsThatWereHardlyFoundAreLeftOutWithTheirLimbs() {
        assertEquals(6, strokes(1f, 1f, 0.1f).size)
        assertTrue(strokes(1f, 0.1f, 0.1f).all { it.start == it.end })
    }

    @Test
    fun strokesAreInPixelsOfTheView() {
        assertEquals(map(Point(20.0, 10.0)), strokes(1f, 0f, 0f).last().start)
    }
}
