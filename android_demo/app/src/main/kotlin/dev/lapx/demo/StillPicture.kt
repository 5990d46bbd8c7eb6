package dev.lapx.demo

import android.content.ContentResolver
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.media.ExifInterface
import android.net.Uri
import dev.lapx.core.RgbImage
import dev.lapx.core.Size
import dev.lapx.core.Turn
import java.io.FileNotFoundException
import java.io.IOException
import java.io.InputStream

/** Pictures from the gallery. */
class StillPicture(private val resolver: ContentResolver) {
    /**
     * A picture, upright, its longer side at most 2 x [LONGEST] pixels.
     *
     * @throws IOException it can't be read as a picture.
     */
    fun read(uri: Uri): RgbImage {
        val bounds = BitmapFactory.Options().apply { inJustDecodeBounds = true }
        opened(uri) { BitmapFactory.decodeStream(it, null, bounds) }
        val sampled =
            BitmapFactory.Options().apply {
                inSampleSize = maxOf(1, maxOf(bounds.outWidth, bounds.outHeight) / LONGEST)
                inPreferredConfig = Bitmap.Config.ARGB_8888
            }
        val bitmap = opened(uri) { BitmapFactory.decodeStream(it, null, sampled) } ?: throw IOException("$uri is no picture")
        val size = Size(bitmap.height, bitmap.width)
        val pixels = IntArray(size.height * size.width)
        bitmap.getPixels(pixels, 0, size.width, 0, 0, size.width, size.height)
        return RgbImage.fromArgb(pixels, size, opened(uri, ::turnOf))
    }

    private fun turnOf(stream: InputStream): Turn =
        Turn.ofExif(ExifInterface(stream).getAttributeInt(ExifInterface.TAG_ORIENTATION, ExifInterface.ORIENTATION_NORMAL))

    private fun <T> opened(uri: Uri, use: (InputStream) -> T): T =
        (resolver.openInputStream(uri) ?: throw FileNotFoundException("$uri")).use(use)

    companion object {
        private const val LONGEST = 1024

        /** For showing it. */
        fun bitmapOf(picture: RgbImage): Bitmap =
            picture.size.run { Bitmap.createBitmap(picture.toArgb(), width, height, Bitmap.Config.ARGB_8888) }
    }
}
