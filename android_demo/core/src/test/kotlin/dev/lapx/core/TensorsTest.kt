package dev.lapx.core

import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertSame
import org.junit.Test

class TensorsTest {
    @Test
    fun normalisedPixelsAreThoseOfPython() {
        for (case in Golden.cases("normalisation")) {
            val spec = specOf().copy(mean = case.doubles("mean"), std = case.doubles("std"))
            assertArrayEquals(case.floats("normalized"), spec.prepare(case.floats("rgb")), Golden.TOLERANCE.toFloat())
        }
    }

    @Test
    fun rawPixelsStayAsTheyAre() {
        val rgb = floatArrayOf(1f, 2f, 3f)
        assertSame(rgb, specOf().copy(raw = true).prepare(rgb))
        assertArrayEquals(floatArrayOf(1f, 2f, 3f), rgb, 0f)
    }

    @Test
    fun quantisedValuesAreThoseOfPython() {
        for (case in Golden.cases("quantisation")) {
            val quantization = Quantization(case.getDouble("scale").toFloat(), case.getInt("zero_point"))
            assertArrayEquals(case.bytes("stored"), quantization.quantize(case.floats("values")))
            assertArrayEquals(case.floats("dequantized"), quantization.dequantize(case.bytes("stored")), 0f)
        }
    }
}
