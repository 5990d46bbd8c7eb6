package dev.lapx.core

import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class CropTest {
    @Test
    fun cropsAreThoseOfPython() {
        val cases = Golden.cases("crops")
        assertTrue(cases.size >= 8)
        for (case in cases) {
            val picture = RgbImage(case.size("picture_size"), case.bytes("picture"))
            val crop = case.size("crop_size")
            val found = picture.crop(Affine.cropFromPicture(checkNotNull(case.box("box")), crop), crop)
            // Values are 0 to 255; the tolerance is of the range.
            assertArrayEquals(case.getString("name"), case.floats("crop"), found, (255 * Golden.TOLERANCE).toFloat())
        }
    }

    @Test
    fun theMapsAreInverse() {
        val map = Affine(0.5, 0.1, 3.0, -0.2, 0.7, -4.0)
        val point = map.inverse()(map(Point(12.0, 34.0)))
        assertClose("point", listOf(12.0, 34.0), listOf(point.x, point.y), 1e-12)
        val there = map.after(map.inverse())(Point(5.0, 6.0))
        assertClose("point", listOf(5.0, 6.0), listOf(there.x, there.y), 1e-12)
    }

    @Test
    fun aViewShowsTheWholePictureInItsMiddle() {
        val picture = Size(480, 640)
        val map = Affine.viewFromPicture(picture, Size(1000, 500), mirrored = false)
        assertEquals(Point(249.5, 499.5), map(Point(319.5, 239.5)))
        assertEquals(500.0 / 640, map.scale, 1e-12)
        val mirrored = Affine.viewFromPicture(picture, Size(1000, 500), mirrored = true)
        assertEquals(499 - map(Point(0.0, 0.0)).x, mirrored(Point(0.0, 0.0)).x, 1e-9)
    }
}
