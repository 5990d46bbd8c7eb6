package dev.lapx.core

import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject
import java.io.InputStream
import java.security.MessageDigest

/** A model's JSON is malformed, contradicts itself or asks for what the demo does not do. */
class ModelSpecException(message: String, cause: Throwable? = null) : Exception(message, cause)

/** What a tensor stores: the demo's models have one of these at both ends. */
enum class ElementType { FLOAT32, INT8 }

/** real = scale * (stored - zeroPoint). */
data class Quantization(val scale: Float, val zeroPoint: Int)

/** A tensor of the file: its name there, its shape (batch included) and how it stores numbers. */
data class TensorSpec(
    val name: String,
    val shape: List<Int>,
    val type: ElementType,
    val quantization: Quantization?,
) {
    val count: Int get() = shape.fold(1, Int::times)
}

/** What the output is: heat maps [1, h, w, K], or joints [1, K, 3] (x, y, score) in pixels of the crop. */
enum class OutputKind { HEATMAPS, KEYPOINTS }

/**
 * All that one must know to run a converted model: the JSON beside its file, which docs/model_json.md describes.
 *
 * @property sha256 of the file, in hexadecimal digits.
 * @property raw the input wants R, G, B from 0 to 255; otherwise (rgb / 255 - mean) / std.
 * @property stride pixels of the crop for one pixel of the heat map.
 * @property padding side of the crop as a multiple of the person's extent.
 */
data class ModelSpec(
    val file: String,
    val sha256: String,
    val precision: String,
    val input: TensorSpec,
    val output: TensorSpec,
    val kind: OutputKind,
    val skeleton: Skeleton,
    val raw: Boolean,
    val mean: List<Double>,
    val std: List<Double>,
    val stride: Int,
    val padding: Double,
) {
    val crop: Size get() = Size(input.shape[1], input.shape[2])

    init {
        val (batch, height, width, channels) = input.shape.also { mustBe("an input of 4 dimensions", it, it.size == 4) }
        mustBe("an input [1, H, W, 3]", input.shape, batch == 1 && channels == 3 && height > 0 && width > 0)
        mustBe("a positive stride", stride, stride > 0)
        mustBe("3 means and 3 positive stds", mean + std, mean.size == 3 && std.size == 3 && std.all { it > 0 })
        mustBe("a positive padding", padding, padding > 0)
        val joints = skeleton.joints.size
        val expected =
            when (kind) {
                OutputKind.HEATMAPS -> listOf(1, height / stride, width / stride, joints)
                OutputKind.KEYPOINTS -> listOf(1, joints, 3)
            }
        mustBe("an output $expected", output.shape, output.shape == expected)
        val limbs = skeleton.limbs
        mustBe("limbs between its $joints joints", limbs, limbs.all { (a, b) -> a in 0 until joints && b in 0 until joints })
    }

    companion object {
        private const val NEWEST = 2

        /** Reads the JSON. */
        @Throws(ModelSpecException::class)
        fun parse(json: String): ModelSpec =
            try {
                read(JSONObject(json))
            } catch (error: JSONException) {
                throw ModelSpecException("the JSON does not describe a model: ${error.message}", error)
            }

        private fun read(fields: JSONObject): ModelSpec {
            val version = fields.getInt("format_version")
            mustBe("format_version 1 to $NEWEST", version, version in 1..NEWEST)
            val input = fields.getJSONObject("input")
            val output = fields.getJSONObject("output")
            mustBe("the layout NHWC", input.getString("layout"), input.getString("layout") == "NHWC")
            return ModelSpec(
                file = fields.getString("file"),
                sha256 = fields.getString("sha256"),
                precision = fields.getString("precision"),
                input = tensor(input),
                output = tensor(output),
                kind = oneOf("output.kind", output.getString("kind")),
                skeleton = skeleton(fields.getJSONObject("skeleton")),
                raw = input.optString("pixel_values", "normalized") == "raw",
                mean = input.getJSONArray("mean").map { getDouble(it) },
                std = input.getJSONArray("std").map { getDouble(it) },
                stride = output.getInt("stride"),
                padding = fields.getJSONObject("crop").getDouble("padding"),
            )
        }

        private fun tensor(fields: JSONObject): TensorSpec {
            val type = oneOf<ElementType>("dtype", fields.getString("dtype"))
            val stored = fields.optJSONObject("quantization")
            mustBe("a quantization where it is int8, and only there", stored, (stored != null) == (type == ElementType.INT8))
            return TensorSpec(
                name = fields.getString("name"),
                shape = fields.getJSONArray("shape").map { getInt(it) },
                type = type,
                quantization = stored?.let { Quantization(it.getDouble("scale").toFloat(), it.getInt("zero_point")) },
            )
        }

        private fun skeleton(fields: JSONObject): Skeleton =
            Skeleton(
                name = fields.getString("name"),
                joints = fields.getJSONArray("joints").map { getString(it) },
                limbs = fields.getJSONArray("limbs").map { getJSONArray(it).let { pair -> pair.getInt(0) to pair.getInt(1) } },
            )

        private inline fun <reified T : Enum<T>> oneOf(key: String, value: String): T {
            val found = enumValues<T>().find { it.name.lowercase() == value }
            val accepted = enumValues<T>().joinToString(" or ") { it.name.lowercase() }
            return found ?: throw ModelSpecException("$key must be $accepted for this app, got $value")
        }

        private fun <T> JSONArray.map(read: JSONArray.(Int) -> T): List<T> = List(length()) { read(it) }

        private fun mustBe(what: String, value: Any?, holds: Boolean) {
            if (!holds) throw ModelSpecException("a model for this app must have $what, got $value")
        }
    }
}

/** The sha256 of what a stream holds, in hexadecimal digits; the stream is read to its end and not closed. */
fun sha256(stream: InputStream): String {
    val digest = MessageDigest.getInstance("SHA-256")
    val buffer = ByteArray(1 shl 16)
    generateSequence { stream.read(buffer).takeIf { it >= 0 } }.forEach { digest.update(buffer, 0, it) }
    return digest.digest().joinToString("") { "%02x".format(it) }
}
