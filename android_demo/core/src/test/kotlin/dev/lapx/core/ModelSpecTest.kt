package dev.lapx.core

import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

/** A model of two joints for a crop of 16x12 pixels. */
fun specOf(kind: OutputKind = OutputKind.HEATMAPS): ModelSpec =
    ModelSpec(
        file = "two.tflite",
        sha256 = "",
        precision = "float32",
        input = TensorSpec("in", listOf(1, 16, 12, 3), ElementType.FLOAT32, null),
        output =
            TensorSpec(
                "out",
                if (kind ==
                    OutputKind.HEATMAPS
                ) {
                    listOf(1, 4, 3, 2)
                } else {
                    listOf(1, 2, 3)
                },
                ElementType.FLOAT32,
                null,
            ),
        kind = kind,
        skeleton = Skeleton("two", listOf("left_hip", "right_hip"), listOf(0 to 1)),
        raw = false,
        mean = listOf(0.0, 0.0, 0.0),
        std = listOf(1.0, 1.0, 1.0),
        stride = 4,
        padding = 1.25,
    )

class ModelSpecTest {
    private val int8 = Golden.folder.resolve("int8.tflite.json").readText()

    private fun refusal(change: JSONObject.() -> Unit): String {
        val changed = JSONObject(int8).apply(change).toString()
        return assertThrows(ModelSpecException::class.java) { ModelSpec.parse(changed) }.message.orEmpty()
    }

    @Test
    fun theJsonOfAnExportedModelIsRead() {
        val spec = ModelSpec.parse(int8)
        assertEquals("int8", spec.precision)
        assertEquals(listOf(1, spec.crop.height, spec.crop.width, 3), spec.input.shape)
        assertEquals(ElementType.INT8, spec.output.type)
        assertTrue(checkNotNull(spec.output.quantization).scale > 0)
        assertEquals(spec.skeleton.joints.size, spec.output.shape.last())
        assertEquals(
            spec.sha256,
            Golden.folder
                .resolve("int8.tflite")
                .inputStream()
                .use(::sha256),
        )
    }

    @Test
    fun whatTheAppDoesNotDoIsRefusedInASentence() {
        assertTrue(refusal { put("format_version", 3) }.contains("format_version 1 to 2, got 3"))
        assertTrue(refusal { getJSONObject("input").put("layout", "NCHW") }.contains("NHWC, got NCHW"))
        assertTrue(refusal { getJSONObject("input").put("dtype", "uint8") }.contains("float32 or int8 for this app, got uint8"))
        assertTrue(refusal { getJSONObject("output").put("kind", "mesh") }.contains("got mesh"))
        assertTrue(refusal { getJSONObject("input").put("quantization", JSONObject.NULL) }.contains("quantization"))
        assertTrue(refusal { getJSONObject("output").put("stride", 8) }.contains("output"))
        assertTrue(refusal { remove("skeleton") }.contains("skeleton"))
        assertThrows(ModelSpecException::class.java) { ModelSpec.parse("{") }
    }
}
