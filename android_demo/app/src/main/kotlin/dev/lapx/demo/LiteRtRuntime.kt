package dev.lapx.demo

import android.content.res.AssetManager
import com.google.ai.edge.litert.Accelerator
import com.google.ai.edge.litert.CompiledModel
import com.google.ai.edge.litert.TensorBuffer
import dev.lapx.core.ModelSpec
import dev.lapx.core.PoseRuntime
import dev.lapx.core.dequantize
import dev.lapx.core.quantize

/** A model in LiteRT. It owns the compiled model and its buffers; the models of this project have one input and one output. */
class LiteRtRuntime private constructor(override val spec: ModelSpec, private val model: CompiledModel) : PoseRuntime {
    private val inputs = model.createInputBuffers()
    private val outputs = model.createOutputBuffers()

    override fun run(prepared: FloatArray): FloatArray {
        val input = inputs.single()
        val stored = spec.input.quantization?.quantize(prepared)
        if (stored == null) input.writeFloat(prepared) else input.writeInt8(stored)
        model.run(inputs, outputs)
        val output = outputs.single()
        return spec.output.quantization?.dequantize(output.readInt8()) ?: output.readFloat()
    }

    override fun close() {
        (inputs + outputs).forEach(TensorBuffer::close)
        model.close()
    }

    companion object {
        /**
         * Compiles a model.
         *
         * It is strict: one accelerator is named and no other. LiteRT refuses a model with operations that the GPU does not
         * take, instead of running those on the CPU.
         *
         * @throws com.google.ai.edge.litert.LiteRtException the accelerator does not take the model.
         */
        fun open(assets: AssetManager, asset: ModelAsset, device: Device): LiteRtRuntime {
            val options =
                when (device) {
                    is Device.Cpu -> {
                        val threads = CompiledModel.CpuOptions(numThreads = device.threads)
                        CompiledModel.Options(Accelerator.CPU).apply { cpuOptions = threads }
                    }

                    is Device.Gpu -> {
                        CompiledModel.Options(Accelerator.GPU)
                    }
                }
            return LiteRtRuntime(asset.spec, CompiledModel.create(assets, asset.name, options))
        }
    }
}
