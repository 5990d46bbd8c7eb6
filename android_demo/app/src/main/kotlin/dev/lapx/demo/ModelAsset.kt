package dev.lapx.demo

import android.content.res.AssetManager
import dev.lapx.core.ModelSpec
import dev.lapx.core.ModelSpecException
import dev.lapx.core.sha256

/** A model in the app's assets: its file's name there, and its JSON. */
data class ModelAsset(val name: String, val spec: ModelSpec) {
    /** What the picker shows. */
    override fun toString(): String =
        "${name.removeSuffix(ENDING)} · ${spec.precision} · ${spec.crop.height}x${spec.crop.width}"

    companion object {
        private const val ENDING = ".tflite"

        /** The names of the models that were copied into the assets, see android_demo/README.md. */
        fun names(assets: AssetManager): List<String> =
            assets
                .list("")
                .orEmpty()
                .filter { it.endsWith(ENDING) }
                .sorted()

        /**
         * Reads a model's JSON and checks that it belongs to the file.
         *
         * @throws ModelSpecException it does not, or asks for what the app does not do.
         * @throws java.io.IOException the JSON is not there.
         */
        fun read(assets: AssetManager, name: String): ModelAsset {
            val spec = ModelSpec.parse(assets.open("$name.json").bufferedReader().use { it.readText() })
            if (assets.open(name).use(::sha256) != spec.sha256) {
                throw ModelSpecException("$name is not the file that its JSON describes: its sha256 differs")
            }
            return ModelAsset(name, spec)
        }
    }
}
