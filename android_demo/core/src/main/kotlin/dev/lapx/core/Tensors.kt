// From pixels to what a tensor stores, and back: lapx_tf/pixels.py and lapx_tf/runtime/sessions/base.py in Kotlin.
package dev.lapx.core

import kotlin.math.round

/**
 * What the input wants for a crop.
 *
 * @param rgb R, G, B of each pixel, 0 to 255; it is overwritten.
 * @return the same array: normalised, unless the input wants raw pixels.
 */
fun ModelSpec.prepare(rgb: FloatArray): FloatArray {
    if (raw) return rgb
    val scales = FloatArray(3) { (1 / (255 * std[it])).toFloat() }
    val offsets = FloatArray(3) { (mean[it] / std[it]).toFloat() }
    for (i in rgb.indices) rgb[i] = rgb[i] * scales[i % 3] - offsets[i % 3]
    return rgb
}

/** Real values as an int8 tensor stores them: rounded half to even and clipped. */
fun Quantization.quantize(values: FloatArray): ByteArray =
    ByteArray(values.size) {
        (round(values[it] / scale) + zeroPoint).coerceIn(-128f, 127f).toInt().toByte()
    }

/** The inverse of [quantize], up to the rounding. */
fun Quantization.dequantize(stored: ByteArray): FloatArray = FloatArray(stored.size) { (stored[it] - zeroPoint) * scale }
