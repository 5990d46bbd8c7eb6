package dev.lapx.core

/**
 * A model that is ready to run. It owns the model and its buffers, and is used by one thread at a time.
 */
interface PoseRuntime : AutoCloseable {
    val spec: ModelSpec

    /**
     * The network's answer for a crop, in real numbers.
     *
     * @param prepared [H, W, 3] as [prepare] gives it.
     * @return the values of the output, one after the other, in the order of its shape.
     */
    fun run(prepared: FloatArray): FloatArray
}
