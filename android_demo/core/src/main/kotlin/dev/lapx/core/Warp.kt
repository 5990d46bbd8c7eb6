/*
 * Cutting a crop out of a picture, as lapx_tf/images.py does with OpenCV. The arithmetic is OpenCV's float32, operation by
 * operation, and not just the same formula: an int8 network takes values that were rounded, and a difference in the last
 * bit may turn one of them into its neighbour.
 */
package dev.lapx.core

import kotlin.math.abs
import kotlin.math.ceil
import kotlin.math.floor
import kotlin.math.max
import kotlin.math.min

/**
 * Cuts a crop out of the picture with bilinear interpolation; black outside the picture.
 *
 * A picture that has to shrink to less than half is first averaged down by a whole factor: bilinear interpolation looks at
 * four pixels only and would turn the rest into noise.
 *
 * @param cropFromPicture the map from pixels of the picture to pixels of the crop.
 * @return R, G, B of each pixel, row after row, 0 to 255.
 */
fun RgbImage.crop(cropFromPicture: Affine, crop: Size): FloatArray {
    val factor = (1 / max(cropFromPicture.scale, 1e-6)).toInt()
    if (factor < 2) return bilinear(cropFromPicture, crop)
    val small = averagedDown(factor)
    val x = size.width.toDouble() / small.size.width
    val y = size.height.toDouble() / small.size.height
    // Pixel i covers i - 0.5 to i + 0.5 here and there.
    val pictureFromSmall = Affine(x, 0.0, (x - 1) / 2, 0.0, y, (y - 1) / 2)
    return small.bilinear(cropFromPicture.after(pictureFromSmall), crop)
}

private fun RgbImage.bilinear(cropFromPicture: Affine, crop: Size): FloatArray {
    val part = partAround(cropFromPicture.inverse(), crop)
    val shift = Affine(1.0, 0.0, part.columns.first.toDouble(), 0.0, 1.0, part.rows.first.toDouble())
    val back = cropFromPicture.after(shift).inverse()
    val result = FloatArray(3 * crop.height * crop.width)
    for (v in 0 until crop.height) {
        val rowX = back.b.toFloat() * v + back.c.toFloat()
        val rowY = back.e.toFloat() * v + back.f.toFloat()
        for (u in 0 until crop.width) {
            val x = fused(back.a.toFloat(), u.toFloat(), rowX)
            val y = fused(back.d.toFloat(), u.toFloat(), rowY)
            part.interpolate(x, y, result, 3 * (v * crop.width + u))
        }
    }
    return result
}

/** The part of the picture that the crop shows: OpenCV computes with coordinates inside it, which float32 rounds less. */
private fun RgbImage.partAround(pictureFromCrop: Affine, crop: Size): Part =
    pictureFromCrop.run { Part(this@partAround, reached(a, b, c, crop, size.width), reached(d, e, f, crop, size.height)) }

/** The columns or rows of the picture that a crop needs. */
private fun reached(
    alongX: Double,
    alongY: Double,
    offset: Double,
    crop: Size,
    length: Int,
): IntRange {
    val center = alongX * (crop.width / 2.0 - 0.5) + alongY * (crop.height / 2.0 - 0.5) + offset
    // Interpolation looks one pixel further.
    val reach = abs(alongX) * (crop.width / 2.0) + abs(alongY) * (crop.height / 2.0) + 1
    // At least one pixel is left where the crop lies beside the picture.
    val first = min(max(floor(center - reach).toInt(), 0), length - 1)
    return first..min(max(ceil(center + reach).toInt(), first), length - 1)
}

/** A part of a picture, with black around it; places in it are counted from its first pixel. */
private class Part(
    private val picture: RgbImage,
    val columns: IntRange,
    val rows: IntRange,
) {
    /** Puts R, G, B between the four pixels around a place into the result. */
    fun interpolate(
        x: Float,
        y: Float,
        result: FloatArray,
        place: Int,
    ) {
        val column = floor(x)
        val row = floor(y)
        for (channel in 0..2) {
            val upper = along(column.toInt(), row.toInt(), channel, x - column)
            val lower = along(column.toInt(), row.toInt() + 1, channel, x - column)
            result[place + channel] = fused(y - row, lower - upper, upper)
        }
    }

    private fun along(
        column: Int,
        row: Int,
        channel: Int,
        right: Float,
    ): Float {
        val left = value(column, row, channel)
        return fused(right, value(column + 1, row, channel) - left, left)
    }

    private fun value(column: Int, row: Int, channel: Int): Float {
        val x = columns.first + column
        val y = rows.first + row
        if (x !in columns || y !in rows) return 0f
        return (picture.rgb[3 * (y * picture.size.width + x) + channel].toInt() and 0xff).toFloat()
    }
}

/** a b + c, rounded once: a product of two float32 is exact in float64. (Math.fma is not there before Android 13.) */
private fun fused(a: Float, b: Float, c: Float): Float = (a.toDouble() * b + c).toFloat()
