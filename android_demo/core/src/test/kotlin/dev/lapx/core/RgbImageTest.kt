package dev.lapx.core

import org.junit.Assert.assertEquals
import org.junit.Test
import java.nio.ByteBuffer

class RgbImageTest {
    /** Two rows of three pixels, told apart by their red: 1 2 3 above 4 5 6. */
    private val size = Size(2, 3)
    private val pixels = IntArray(6) { (0xff shl 24) or ((it + 1) shl 16) or 0x0708 }

    private fun reds(picture: RgbImage): List<Int> = picture.rgb.filterIndexed { i, _ -> i % 3 == 0 }.map(Byte::toInt)

    private fun turned(orientation: Int): List<Int> = reds(RgbImage.fromArgb(pixels, size, Turn.ofExif(orientation)))

    @Test
    fun everyExifOrientationMakesThePictureUpright() {
        assertEquals(listOf(1, 2, 3, 4, 5, 6), turned(1))
        assertEquals(listOf(3, 2, 1, 6, 5, 4), turned(2))
        assertEquals(listOf(6, 5, 4, 3, 2, 1), turned(3))
        assertEquals(listOf(4, 5, 6, 1, 2, 3), turned(4))
        assertEquals(listOf(1, 4, 2, 5, 3, 6), turned(5))
        assertEquals(listOf(4, 1, 5, 2, 6, 3), turned(6))
        assertEquals(listOf(6, 3, 5, 2, 4, 1), turned(7))
        assertEquals(listOf(3, 6, 2, 5, 1, 4), turned(8))
        assertEquals(Size(3, 2), RgbImage.fromArgb(pixels, size, Turn.ofExif(6)).size)
    }

    @Test
    fun aCamerasBufferHasItsOwnRowLength() {
        val rowStride = 4 * size.width + 5
        val buffer = ByteBuffer.allocate(2 * rowStride)
        pixels.forEachIndexed { i, pixel ->
            val place = i / size.width * rowStride + 4 * (i % size.width)
            for (channel in 0..2) buffer.put(place + channel, (pixel shr (16 - 8 * channel)).toByte())
        }
        for (degrees in listOf(0, 90, 180, 270)) {
            val turn = Turn(degrees)
            val expected = RgbImage.fromArgb(pixels, size, turn)
            assertEquals(expected.rgb.toList(), RgbImage.fromRgba(buffer, rowStride, size, turn).rgb.toList())
        }
    }

    @Test
    fun pixelsComeBackAsTheyWere() {
        assertEquals(pixels.toList(), RgbImage.fromArgb(pixels, size, Turn(0)).toArgb().toList())
    }

    @Test(expected = IllegalArgumentException::class)
    fun aPictureNeedsAllItsBytes() {
        RgbImage(size, ByteArray(17))
    }
}
