package dev.lapx.core

import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import kotlin.math.abs

/** The whole path from a photograph to joints, with exported files and LiteRT, against Python's PoseEstimator. */
class PathTest {
    @Test
    fun jointsOnPhotographsAreThoseOfPython() {
        val cases = Golden.cases("path")
        val byModel = cases.groupBy { it.getString("model") }
        assertTrue("float32 and int8", byModel.keys.count { "int8" in it } >= 1 && byModel.keys.count { "float32" in it } >= 1)
        for ((model, ofModel) in byModel) {
            val farthest = DesktopRuntime(Golden.folder.resolve(model)).use { runtime -> farthest(runtime, ofModel) }
            println("$model: ${ofModel.size} looks, joints at most $farthest px from Python's")
            assertEquals(model, 0.0, farthest.toDouble(), 0.1)
        }
    }

    private fun farthest(runtime: DesktopRuntime, cases: List<JSONObject>): Float {
        val estimator = PoseEstimator(runtime)
        return cases.maxOf { case ->
            val picture = Golden.picture(case.getString("picture"))
            val box = case.box("box")
            val found = (if (box == null) estimator.estimate(picture) else estimator.estimate(picture, box)).pose.joints
            val expected = case.joints("joints")
            assertEquals(expected.size, found.size)
            expected.zip(found).maxOf { (one, other) -> maxOf(abs(one.x - other.x), abs(one.y - other.y)) }
        }
    }
}
