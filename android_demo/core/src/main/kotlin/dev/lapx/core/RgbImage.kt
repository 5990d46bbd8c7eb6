package dev.lapx.core

import java.nio.ByteBuffer

/** A picture: [rgb] holds R, G, B of each pixel, row after row, 0 to 255 each. It is not to be changed. */
class RgbImage(val size: Size, val rgb: ByteArray) {
    init {
        val expected = 3 * size.height * size.width
        require(rgb.size == expected) { "a picture of $size needs $expected bytes, got ${rgb.size}" }
    }

    /** Pixels 0xFFRRGGBB, row after row. */
    fun toArgb(): IntArray =
        IntArray(size.height * size.width) { pixel ->
            (0..2).fold(0xff) { packed, channel -> (packed shl 8) or (rgb[3 * pixel + channel].toInt() and 0xff) }
        }

    companion object {
        /**
         * A picture from a camera's RGBA buffer.
         *
         * @param buffer four bytes a pixel; its position does not matter and does not change.
         * @param rowStride bytes from one row to the next.
         * @param size of the stored picture, before it is turned.
         * @param turn what makes it upright.
         */
        fun fromRgba(
            buffer: ByteBuffer,
            rowStride: Int,
            size: Size,
            turn: Turn,
        ): RgbImage =
            turned(size, turn) { x, y, target, place ->
                val source = y * rowStride + 4 * x
                for (channel in 0..2) target[place + channel] = buffer.get(source + channel)
            }

        /** A picture from pixels 0xAARRGGBB, row after row, as Android's bitmaps and Java's pictures give them. */
        fun fromArgb(pixels: IntArray, size: Size, turn: Turn): RgbImage =
            turned(size, turn) { x, y, target, place ->
                val pixel = pixels[y * size.width + x]
                for (channel in 0..2) target[place + channel] = (pixel shr (16 - 8 * channel)).toByte()
            }

        /** Fills the turned picture; [copy] puts the stored pixel (x, y) at a place of the target. */
        private inline fun turned(
            stored: Size,
            turn: Turn,
            copy: (x: Int, y: Int, target: ByteArray, place: Int) -> Unit,
        ): RgbImage {
            val upright = turn.sizeOf(stored)
            val target = ByteArray(3 * upright.height * upright.width)
            val (right, below, first) = turn.stepsThrough(stored)
            for (v in 0 until upright.height) {
                for (u in 0 until upright.width) {
                    val x = first.x + u * right.x + v * below.x
                    val y = first.y + u * right.y + v * below.y
                    copy(x, y, target, 3 * (v * upright.width + u))
                }
            }
            return RgbImage(upright, target)
        }
    }
}
