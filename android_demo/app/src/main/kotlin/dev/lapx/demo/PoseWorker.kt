package dev.lapx.demo

import android.content.res.AssetManager
import com.google.ai.edge.litert.LiteRtException
import dev.lapx.core.Estimate
import dev.lapx.core.ModelSpecException
import dev.lapx.core.PoseEstimator
import dev.lapx.core.PoseTracker
import dev.lapx.core.Readout
import dev.lapx.core.RgbImage
import java.io.IOException
import java.util.concurrent.Executor
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit

/**
 * The one thread that runs networks. It owns the model that is open; nothing of it is touched by another thread.
 *
 * @param show takes what the screen is to show, on this thread.
 */
class PoseWorker(private val assets: AssetManager, private val show: (UiState) -> Unit) : AutoCloseable {
    /** An open model and what it has found so far. */
    private class Session(val runtime: LiteRtRuntime) {
        val estimator = PoseEstimator(runtime)
        val readout = Readout()
        var tracker = PoseTracker(estimator)
    }

    // What the camera or the screen still hands in after the end is dropped.
    private val thread =
        ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, LinkedBlockingQueue(), ThreadPoolExecutor.DiscardPolicy())
    private var session: Session? = null

    /** For the camera, which gives its pictures on the thread that they are used on. */
    val executor: Executor get() = thread

    /** Opens a model in place of the one that is open, then does what follows on the same thread. */
    fun open(choice: Choice, then: () -> Unit) =
        thread.execute {
            show(UiState.Opening(choice.model))
            closeSession()
            attempt(choice.model) {
                session = Session(LiteRtRuntime.open(assets, ModelAsset.read(assets, choice.model), choice.device))
                then()
            }
        }

    /** Forgets the person and the camera that were followed. */
    fun restart() =
        thread.execute {
            session?.run { tracker = PoseTracker(estimator) }
        }

    /** Finds the pose in a camera's picture; on the worker's thread only. */
    fun frame(picture: RgbImage, seconds: Double, mirrored: Boolean) =
        answer(picture, mirrored) { tracker.track(picture, seconds) }

    /** Finds the pose in a still picture. */
    fun still(picture: RgbImage) =
        thread.execute {
            answer(picture, mirrored = false) { estimator.estimate(picture) }
        }

    override fun close() {
        thread.execute(::closeSession)
        thread.shutdown()
    }

    private fun answer(picture: RgbImage, mirrored: Boolean, estimate: Session.() -> Estimate) {
        val session = session ?: return
        attempt(session.runtime.spec.file) {
            val found = session.estimate()
            val summary = session.readout.add(found.timings, System.nanoTime() / 1e9)
            show(UiState.Found(Overlay(found.pose, session.estimator.skeleton, picture.size, mirrored), summary))
        }
    }

    /** Does something with a model; where that fails, the model is closed and the screen says why. */
    private fun attempt(model: String, work: () -> Unit) {
        val reason =
            try {
                return work()
            } catch (error: LiteRtException) {
                error.message
            } catch (error: ModelSpecException) {
                error.message
            } catch (error: IOException) {
                error.message
            } catch (error: IllegalStateException) {
                error.message
            }
        closeSession()
        show(UiState.Failed(model, reason.orEmpty()))
    }

    private fun closeSession() {
        session?.runtime?.close()
        session = null
    }
}
