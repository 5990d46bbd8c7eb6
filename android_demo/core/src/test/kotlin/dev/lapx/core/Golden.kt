package dev.lapx.core

import org.json.JSONArray
import org.json.JSONObject
import org.junit.Assert.assertEquals
import java.io.File
import java.util.Base64
import javax.imageio.ImageIO

/** The files that `python -m tests.android.golden` writes: what the Python package answers. */
object Golden {
    /** How far Kotlin may be from Python, of numbers about 1. */
    const val TOLERANCE = 1e-6

    val folder =
        File(checkNotNull(System.getProperty("lapx.golden")) { "-Dlapx.golden= must name the folder of tests.android.golden" })

    fun cases(name: String): List<JSONObject> = JSONArray(File(folder, "$name.json").readText()).map { getJSONObject(it) }

    fun picture(name: String): RgbImage {
        val picture = ImageIO.read(File(folder, name))
        val pixels = picture.getRGB(0, 0, picture.width, picture.height, null, 0, picture.width)
        return RgbImage.fromArgb(pixels, Size(picture.height, picture.width), Turn(0))
    }
}

fun <T> JSONArray.map(read: JSONArray.(Int) -> T): List<T> = List(length()) { read(it) }

fun JSONObject.doubles(key: String): List<Double> = getJSONArray(key).map { getDouble(it) }

fun JSONObject.floats(key: String): FloatArray = doubles(key).map(Double::toFloat).toFloatArray()

/** Stored as base64 of unsigned or signed bytes. */
fun JSONObject.bytes(key: String): ByteArray = Base64.getDecoder().decode(getString(key))

fun JSONObject.size(key: String): Size = getJSONArray(key).let { Size(it.getInt(0), it.getInt(1)) }

fun JSONObject.box(key: String): Box? = if (isNull(key)) null else doubles(key).let { (x, y, w, h) -> Box(x, y, w, h) }

/** Rows of x, y, score. */
fun JSONObject.joints(key: String): List<Joint> =
    getJSONArray(key).map { getJSONArray(it) }.map { row -> Joint(row.float(0), row.float(1), row.float(2)) }

private fun JSONArray.float(index: Int): Float = getDouble(index).toFloat()

fun assertClose(
    what: String,
    expected: List<Double>,
    found: List<Double>,
    tolerance: Double = Golden.TOLERANCE,
) {
    assertEquals("$what: how many", expected.size, found.size)
    expected.zip(found).forEachIndexed { index, (one, other) -> assertEquals("$what[$index]", one, other, tolerance) }
}
