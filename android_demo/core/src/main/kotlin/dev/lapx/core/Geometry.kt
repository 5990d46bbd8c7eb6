/*
 * The one pixel convention of this project, as in lapx_tf/geometry.py: x to the right, y down, pixel centres at integers.
 * A picture of width W covers -0.5 to W - 0.5, and mirroring is x -> W - 1 - x. Sizes are height before width.
 */
package dev.lapx.core

import kotlin.math.abs
import kotlin.math.max
import kotlin.math.sqrt

data class Size(val height: Int, val width: Int) {
    init {
        require(height > 0 && width > 0) { "a size needs positive sides, got $height x $width" }
    }
}

data class Point(val x: Double, val y: Double)

/** A person's box in pixels of the picture: its centre, width and height. */
data class Box(
    val x: Double,
    val y: Double,
    val width: Double,
    val height: Double,
) {
    init {
        val sound = listOf(x, y, width, height).all(Double::isFinite) && width > 0 && height > 0
        require(sound) { "a box needs finite values and a positive size, got $x, $y, $width, $height" }
    }

    /** The smallest box around this one, same centre, with the aspect of a crop. */
    fun toAspect(crop: Size): Box {
        val aspect = crop.width.toDouble() / crop.height
        val enlarged = max(height, width / aspect)
        return Box(x, y, enlarged * aspect, enlarged)
    }

    companion object {
        /** The box of a whole picture. */
        fun ofPicture(size: Size): Box =
            Box((size.width - 1) / 2.0, (size.height - 1) / 2.0, size.width.toDouble(), size.height.toDouble())

        /** The square around the extent of points; its side is [padding] times the longer side of the extent. */
        fun around(points: List<Point>, padding: Double): Box {
            require(points.isNotEmpty()) { "a box needs at least one point, got none" }
            val left = points.minOf { it.x }
            val right = points.maxOf { it.x }
            val top = points.minOf { it.y }
            val bottom = points.maxOf { it.y }
            // A single joint has no extent; one pixel keeps the box valid.
            val side = max(max(right - left, bottom - top) * padding, 1.0)
            return Box((left + right) / 2, (top + bottom) / 2, side, side)
        }
    }
}

/** The map (x, y) -> (a x + b y + c, d x + e y + f). */
data class Affine(
    val a: Double,
    val b: Double,
    val c: Double,
    val d: Double,
    val e: Double,
    val f: Double,
) {
    /** How many times longer lengths become. */
    val scale: Double get() = sqrt(abs(a * e - b * d))

    operator fun invoke(point: Point): Point = Point(a * point.x + b * point.y + c, d * point.x + e * point.y + f)

    /** The map that applies [first], then this one. */
    fun after(first: Affine): Affine =
        Affine(
            a * first.a + b * first.d,
            a * first.b + b * first.e,
            a * first.c + b * first.f + c,
            d * first.a + e * first.d,
            d * first.b + e * first.e,
            d * first.c + e * first.f + f,
        )

    /** The map back. In OpenCV's order of operations, so that crops are equal to the last bit (see Warp.kt). */
    fun inverse(): Affine {
        val factor = 1 / (a * e - b * d)
        val (ia, ib, id, ie) = listOf(e * factor, -b * factor, -d * factor, a * factor)
        return Affine(ia, ib, -ia * c - ib * f, id, ie, -id * c - ie * f)
    }

    companion object {
        /** The map from pixels of the picture to pixels of the crop; the box is first enlarged to the crop's aspect. */
        fun cropFromPicture(box: Box, crop: Size): Affine {
            val enlarged = box.toAspect(crop)
            val scale = crop.width / enlarged.width
            return Affine(
                scale,
                0.0,
                (crop.width - 1) / 2.0 - scale * enlarged.x,
                0.0,
                scale,
                (crop.height - 1) / 2.0 - scale * enlarged.y,
            )
        }

        /** The map from pixels of the heat map to pixels of the crop. */
        fun cropFromHeatmap(stride: Int): Affine {
            val offset = (stride - 1) / 2.0
            return Affine(stride.toDouble(), 0.0, offset, 0.0, stride.toDouble(), offset)
        }

        /**
         * The map from pixels of the picture to those of a view that shows the whole picture as large as possible in its
         * middle, mirrored for a front camera.
         */
        fun viewFromPicture(picture: Size, view: Size, mirrored: Boolean): Affine {
            val scale = minOf(view.width.toDouble() / picture.width, view.height.toDouble() / picture.height)
            val x = if (mirrored) -scale else scale
            return Affine(
                x,
                0.0,
                (view.width - 1) / 2.0 - x * (picture.width - 1) / 2.0,
                0.0,
                scale,
                (view.height - 1) / 2.0 - scale * (picture.height - 1) / 2.0,
            )
        }
    }
}
