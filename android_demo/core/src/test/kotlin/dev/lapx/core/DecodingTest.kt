package dev.lapx.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Test

class DecodingTest {
    @Test
    fun jointsOfHeatMapsAreThoseOfPython() {
        for (case in Golden.cases("decoding")) {
            val size = case.size("size")
            val expected = case.joints("joints")
            val found = decodeHeatmaps(case.floats("maps"), size, expected.size)
            assertEquals(case.getString("name"), expected, found)
        }
    }

    @Test
    fun jointsFromTheGraphAreInPixelsOfTheCrop() {
        val spec = specOf(OutputKind.KEYPOINTS)
        assertEquals(
            listOf(Joint(1f, 2f, 0.5f), Joint(3f, 4f, 0.6f)),
            spec.jointsOf(floatArrayOf(1f, 2f, 0.5f, 3f, 4f, 0.6f)),
        )
    }

    @Test
    fun heatMapsAreScaledToTheCrop() {
        val maps = FloatArray(2 * 4 * 3).also { it[2 * (1 * 3 + 2)] = 0.9f }
        // The maximum lies in the last column, so its left neighbour is the larger one; above and below are equal.
        assertEquals(Joint(4 * 1.75f + 1.5f, 4 * 1f + 1.5f, 0.9f), specOf().jointsOf(maps).first())
    }

    @Test
    fun whatIsNotANumberIsRefused() {
        assertThrows(IllegalStateException::class.java) { specOf().jointsOf(FloatArray(24) { Float.NaN }) }
        assertThrows(IllegalArgumentException::class.java) { specOf().jointsOf(FloatArray(23)) }
    }
}
