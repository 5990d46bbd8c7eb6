package dev.lapx.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class VideoTest {
    @Test
    fun smoothedValuesAreThoseOfPython() {
        for (case in Golden.cases("smoothing")) {
            val (minCutoff, beta, speedCutoff) = case.doubles("constants")
            val filter = OneEuro(Smoothing(minCutoff, beta, speedCutoff))
            val unit = case.getDouble("unit")
            for (step in case.getJSONArray("steps").map { getJSONObject(it) }) {
                val found = filter.filter(step.doubles("values"), step.getDouble("seconds"), unit)
                assertClose("smoothed", step.doubles("smoothed"), found)
            }
        }
    }

    @Test
    fun timeMustGrow() {
        val smoother = PoseSmoother()
        smoother.smooth(listOf(Joint(1f, 2f, 3f)), 100.0, 1.0)
        assertThrows(IllegalArgumentException::class.java) { smoother.smooth(listOf(Joint(1f, 2f, 3f)), 100.0, 1.0) }
    }

    @Test
    fun theNextBoxIsThatOfPython() {
        val cases = Golden.cases("following")
        assertTrue(cases.any { it.isNull("box") } && cases.any { !it.isNull("box") })
        for (case in cases) {
            val names = case.getJSONArray("names").map { getString(it) }
            val pose = Pose(case.joints("joints"), Box(0.0, 0.0, 1.0, 1.0))
            val found = nextBox(pose, Skeleton("any", names, emptyList()), case.size("size"))
            val expected = case.box("box")
            assertEquals(expected == null, found == null)
            if (expected != null && found != null) assertClose("box", expected.toList(), found.toList(), 1e-4)
        }
    }

    private fun Box.toList(): List<Double> = listOf(x, y, width, height)

    @Test
    fun theReadoutHoldsMediansOfTheLastPictures() {
        val readout = Readout(capacity = 3)
        val timings = listOf(9.0, 1.0, 2.0, 4.0).map { Timings(crop = it, inference = 10 * it, decode = 0.5) }
        val summaries = timings.mapIndexed { index, one -> readout.add(one, seconds = 0.1 * index) }
        assertEquals(0.0, summaries.first().framesPerSecond, 0.0)
        assertEquals(5.0, summaries[1].crop, 1e-9)
        assertEquals(
            Summary(crop = 2.0, inference = 20.0, decode = 0.5, total = 22.5, framesPerSecond = 10.0),
            summaries.last().rounded(),
        )
    }

    private fun Summary.rounded(): Summary = copy(framesPerSecond = Math.round(framesPerSecond * 1000) / 1000.0)
}
