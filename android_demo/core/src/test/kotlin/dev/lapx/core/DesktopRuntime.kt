package dev.lapx.core

import com.sun.jna.Memory
import com.sun.jna.Native
import com.sun.jna.Pointer
import com.sun.jna.ptr.PointerByReference
import java.io.File

/** Runs an exported file on the desktop's CPU: the app's LiteRT, through C instead of Android's Kotlin API. */
class DesktopRuntime(model: File) : PoseRuntime {
    override val spec: ModelSpec = ModelSpec.parse(File("${model.path}.json").readText())

    private val litert: LiteRtLibrary = Native.load(library, LiteRtLibrary::class.java)
    private val environment = created("environment") { LiteRtCreateEnvironment(0, null, it) }
    private val file = created("model") { LiteRtCreateModelFromFile(environment, model.path, it) }
    private val options = created("options") { LiteRtCreateOptions(it) }
    private val compiled: Pointer
    private val input: Pointer
    private val output: Pointer

    init {
        check("options", litert.LiteRtSetOptionsHardwareAccelerators(options, CPU))
        compiled = created("compiled model") { LiteRtCreateCompiledModel(environment, file, options, it) }
        val signature = created("signature") { LiteRtGetModelSignature(file, 0, it) }
        input =
            buffer(
                spec.input,
                created("input") { LiteRtGetSignatureInputTensorByIndex(signature, 0, it) },
                created("input") { LiteRtGetCompiledModelInputBufferRequirements(compiled, 0, 0, it) },
            )
        output =
            buffer(
                spec.output,
                created("output") { LiteRtGetSignatureOutputTensorByIndex(signature, 0, it) },
                created("output") { LiteRtGetCompiledModelOutputBufferRequirements(compiled, 0, 0, it) },
            )
    }

    override fun run(prepared: FloatArray): FloatArray {
        locked(input, WRITE) { memory ->
            val quantization = spec.input.quantization
            if (quantization == null) {
                memory.write(0, prepared, 0, prepared.size)
            } else {
                memory.write(0, quantization.quantize(prepared), 0, prepared.size)
            }
        }
        check("run", litert.LiteRtRunCompiledModel(compiled, 0, 1, arrayOf(input), 1, arrayOf(output)))
        return locked(output, READ) { memory ->
            val count = spec.output.count
            spec.output.quantization?.dequantize(memory.getByteArray(0, count)) ?: memory.getFloatArray(0, count)
        }
    }

    override fun close() {
        litert.LiteRtDestroyTensorBuffer(input)
        litert.LiteRtDestroyTensorBuffer(output)
        litert.LiteRtDestroyCompiledModel(compiled)
        litert.LiteRtDestroyOptions(options)
        litert.LiteRtDestroyModel(file)
        litert.LiteRtDestroyEnvironment(environment)
    }

    private fun buffer(described: TensorSpec, tensor: Pointer, requirements: Pointer): Pointer {
        val type = Memory(TYPE_BYTES)
        check("type of ${described.name}", litert.LiteRtGetRankedTensorType(tensor, type))
        val buffer =
            created("buffer") { LiteRtCreateManagedTensorBufferFromRequirements(environment, type, requirements, it) }
        val size = Memory(Long.SIZE_BYTES.toLong())
        check("size of ${described.name}", litert.LiteRtGetTensorBufferPackedSize(buffer, size))
        val expected = described.count * if (described.type == ElementType.INT8) 1L else 4L
        check(size.getLong(0) == expected) { "${described.name} has ${size.getLong(0)} bytes, its JSON says $expected" }
        return buffer
    }

    private fun <T> locked(buffer: Pointer, mode: Int, use: (Pointer) -> T): T {
        val memory = created("memory") { LiteRtLockTensorBuffer(buffer, it, mode) }
        try {
            return use(memory)
        } finally {
            check("unlock", litert.LiteRtUnlockTensorBuffer(buffer))
        }
    }

    private fun created(what: String, create: LiteRtLibrary.(PointerByReference) -> Int): Pointer {
        val reference = PointerByReference()
        check(what, litert.create(reference))
        return reference.value
    }

    private fun check(what: String, status: Int) = check(status == 0) { "LiteRT: $what of ${spec.file} failed with $status" }

    private companion object {
        const val CPU = 1 // kLiteRtHwAcceleratorCpu
        const val READ = 0 // kLiteRtTensorBufferLockModeRead
        const val WRITE = 1 // kLiteRtTensorBufferLockModeWrite
        const val TYPE_BYTES = 128L // a LiteRtRankedTensorType has 72 in this version

        val library: String =
            checkNotNull(System.getProperty("lapx.litert")) { "-Dlapx.litert= must name libLiteRt.so of ai-edge-litert" }
    }
}
