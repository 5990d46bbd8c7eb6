package dev.lapx.demo

import android.Manifest
import android.content.pm.PackageManager
import android.net.Uri
import android.os.Bundle
import android.view.View
import android.widget.Button
import android.widget.ImageView
import android.widget.Spinner
import android.widget.TextView
import androidx.activity.ComponentActivity
import androidx.activity.result.contract.ActivityResultContracts
import androidx.camera.view.PreviewView
import dev.lapx.core.RgbImage
import java.io.IOException

/** The one screen: a camera or a still picture with the skeleton over it, what it took, and what runs. */
class MainActivity : ComponentActivity() {
    private lateinit var worker: PoseWorker
    private lateinit var feed: CameraFeed
    private lateinit var preview: PreviewView
    private lateinit var still: ImageView
    private lateinit var overlay: OverlayView
    private lateinit var readout: TextView
    private var front = false

    /** The picture from the gallery; null while the camera is shown. */
    private var picture: RgbImage? = null

    private val askForCamera =
        registerForActivityResult(ActivityResultContracts.RequestPermission()) { granted ->
            if (granted) startCamera() else say(getString(R.string.no_permission))
        }
    private val askForPicture =
        registerForActivityResult(ActivityResultContracts.GetContent()) { uri -> uri?.let(::showPicture) }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.main)
        preview = findViewById(R.id.preview)
        still = findViewById(R.id.still)
        overlay = findViewById(R.id.overlay)
        readout = findViewById(R.id.readout)
        preview.scaleType = PreviewView.ScaleType.FIT_CENTER
        worker = PoseWorker(assets) { state -> runOnUiThread { show(state) } }
        feed = CameraFeed(this, preview, worker.executor, worker::frame)
        findViewById<Button>(R.id.camera).setOnClickListener { turnCamera() }
        findViewById<Button>(R.id.picture).setOnClickListener { askForPicture.launch("image/*") }
        offerChoices()
        showCamera()
    }

    override fun onDestroy() {
        feed.stop()
        worker.close()
        super.onDestroy()
    }

    private fun offerChoices() {
        val models = findViewById<Spinner>(R.id.model)
        val devices = findViewById<Spinner>(R.id.accelerator)
        val threads = findViewById<Spinner>(R.id.threads)
        val names = ModelAsset.names(assets)
        if (names.isEmpty()) return say(getString(R.string.no_models))
        var opened: Choice? = null
        val open = {
            val cpu = devices.selectedItemPosition == 0
            threads.isEnabled = cpu
            val device = if (cpu) Device.Cpu(THREADS[threads.selectedItemPosition]) else Device.Gpu
            val choice = Choice(names[models.selectedItemPosition], device)
            // Each spinner reports its first choice; the model is opened once.
            if (choice != opened) {
                opened = choice
                worker.open(choice) { runOnUiThread { picture?.let(worker::still) } }
            }
        }
        models.offer(names, open)
        devices.offer(listOf("CPU", "GPU"), open)
        threads.offer(THREADS.map(::threadsText), open)
    }

    private fun threadsText(count: Int): String =
        if (count == 1) getString(R.string.one_thread) else getString(R.string.many_threads, count)

    private fun turnCamera() {
        if (picture == null) front = !front
        showCamera()
    }

    private fun showCamera() {
        picture = null
        showOnly(preview)
        val allowed = checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED
        if (allowed) startCamera() else askForCamera.launch(Manifest.permission.CAMERA)
    }

    private fun startCamera() {
        worker.restart()
        feed.start(front) { reason -> say(getString(R.string.no_camera, reason)) }
    }

    private fun showPicture(uri: Uri) {
        val read =
            try {
                StillPicture(contentResolver).read(uri)
            } catch (_: IOException) {
                return say(getString(R.string.no_picture))
            }
        feed.stop()
        picture = read
        still.setImageBitmap(StillPicture.bitmapOf(read))
        showOnly(still)
        worker.still(read)
    }

    private fun showOnly(shown: View) {
        overlay.overlay = null
        listOf(preview, still).forEach { it.visibility = if (it === shown) View.VISIBLE else View.GONE }
    }

    private fun show(state: UiState) =
        when (state) {
            is UiState.Opening -> {
                say(getString(R.string.opening, state.model))
            }

            is UiState.Failed -> {
                overlay.overlay = null
                say(getString(R.string.failed, state.model, state.reason))
            }

            is UiState.Found -> {
                overlay.overlay = state.overlay
                say(state.summary.run { getString(R.string.readout, total, framesPerSecond, crop, inference, decode) })
            }
        }

    private fun say(text: String) {
        readout.text = text
    }

    private companion object {
        val THREADS = listOf(1, 2, 4)
    }
}
