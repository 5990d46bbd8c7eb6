/*
 * The part of LiteRT's Kotlin API that the app uses, as published in github.com/google-ai-edge/LiteRT (litert/kotlin, 2.1).
 * The signatures are the published ones, in Kotlin because default and named arguments belong to them; nothing runs.
 */
@file:Suppress("UNUSED_PARAMETER", "ktlint:standard:filename")

package com.google.ai.edge.litert

import android.content.res.AssetManager

class LiteRtException(message: String) : Exception(message)

enum class Accelerator { NONE, CPU, GPU, NPU }

abstract class JniHandle internal constructor() : AutoCloseable {
    final override fun close() = Unit
}

class Environment private constructor() : JniHandle()

class TensorBuffer private constructor() : JniHandle() {
    fun writeFloat(data: FloatArray): Unit = error("a stub")

    fun writeInt8(data: ByteArray): Unit = error("a stub")

    fun readFloat(): FloatArray = error("a stub")

    fun readInt8(): ByteArray = error("a stub")
}

class CompiledModel private constructor() : JniHandle() {
    data class CpuOptions(
        val numThreads: Int? = null,
        val xnnPackFlags: Int? = null,
        val xnnPackWeightCachePath: String? = null,
    )

    class Options(internal val accelerators: Set<Accelerator>) {
        constructor(vararg accelerators: Accelerator) : this(setOf(*accelerators))

        var cpuOptions: CpuOptions? = null

        companion object {
            @JvmStatic val CPU = Options(Accelerator.CPU)
        }
    }

    fun createInputBuffers(signatureIndex: Int = 0): List<TensorBuffer> = error("a stub")

    fun createOutputBuffers(signatureIndex: Int = 0): List<TensorBuffer> = error("a stub")

    fun run(inputs: List<TensorBuffer>, outputs: List<TensorBuffer>, signatureIndex: Int = 0): Unit = error("a stub")

    companion object {
        @JvmStatic
        fun create(
            assetManager: AssetManager,
            assetName: String,
            options: Options = Options.CPU,
            optionalEnv: Environment? = null,
        ): CompiledModel = error("a stub")
    }
}
