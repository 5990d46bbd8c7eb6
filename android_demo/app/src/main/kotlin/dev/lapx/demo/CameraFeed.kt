package dev.lapx.demo

import androidx.activity.ComponentActivity
import androidx.camera.core.CameraSelector
import androidx.camera.core.ImageAnalysis
import androidx.camera.core.ImageProxy
import androidx.camera.core.Preview
import androidx.camera.core.resolutionselector.AspectRatioStrategy
import androidx.camera.core.resolutionselector.ResolutionSelector
import androidx.camera.lifecycle.ProcessCameraProvider
import androidx.camera.view.PreviewView
import androidx.core.content.ContextCompat
import dev.lapx.core.RgbImage
import dev.lapx.core.Size
import dev.lapx.core.Turn
import java.util.concurrent.Executor

/**
 * Shows a camera and hands on its pictures, upright and not mirrored: in a mirrored one the network would take left for right.
 *
 * @param executor runs [onPicture]; a picture that comes while it is busy is dropped.
 * @param onPicture takes a picture, its time in seconds, and whether the preview shows it mirrored.
 */
class CameraFeed(
    private val activity: ComponentActivity,
    private val preview: PreviewView,
    private val executor: Executor,
    private val onPicture: (RgbImage, Double, Boolean) -> Unit,
) {
    // One aspect for what is shown and what is analysed, so that both are the same view of the scene.
    private val resolution =
        ResolutionSelector.Builder().setAspectRatioStrategy(AspectRatioStrategy.RATIO_4_3_FALLBACK_AUTO_STRATEGY).build()
    private val analysis =
        ImageAnalysis
            .Builder()
            .setOutputImageFormat(ImageAnalysis.OUTPUT_IMAGE_FORMAT_RGBA_8888)
            .setBackpressureStrategy(ImageAnalysis.STRATEGY_KEEP_ONLY_LATEST)
            .setResolutionSelector(resolution)
            .build()
    private var provider: ProcessCameraProvider? = null

    /** Starts the front or the back camera; where there is none, [onFailure] gets the reason. */
    fun start(front: Boolean, onFailure: (String) -> Unit) {
        val future = ProcessCameraProvider.getInstance(activity)
        val whenReady =
            Runnable {
                val cameras = future.get()
                provider = cameras
                bind(cameras, front, onFailure)
            }
        future.addListener(whenReady, ContextCompat.getMainExecutor(activity))
    }

    fun stop() {
        analysis.clearAnalyzer()
        provider?.unbindAll()
    }

    private fun bind(cameras: ProcessCameraProvider, front: Boolean, onFailure: (String) -> Unit) {
        val shown = Preview.Builder().setResolutionSelector(resolution).build()
        shown.setSurfaceProvider(preview.surfaceProvider)
        val camera = if (front) CameraSelector.DEFAULT_FRONT_CAMERA else CameraSelector.DEFAULT_BACK_CAMERA
        analysis.setAnalyzer(executor) { image -> image.use { onPicture(upright(it), seconds(it), front) } }
        cameras.unbindAll()
        try {
            cameras.bindToLifecycle(activity, camera, shown, analysis)
        } catch (error: IllegalArgumentException) {
            onFailure(error.message.orEmpty())
        }
    }

    private fun upright(image: ImageProxy): RgbImage {
        val plane = image.planes.single()
        val size = Size(image.height, image.width)
        return RgbImage.fromRgba(plane.buffer, plane.rowStride, size, Turn(image.imageInfo.rotationDegrees))
    }

    private fun seconds(image: ImageProxy): Double = image.imageInfo.timestamp / 1e9
}
