package dev.lapx.demo

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.util.AttributeSet
import android.view.View
import dev.lapx.core.Affine
import dev.lapx.core.Size
import dev.lapx.core.Stroke
import dev.lapx.core.strokesOf

/** Draws a pose over the preview or the still picture, whose size and place it shares. */
class OverlayView(context: Context, attributes: AttributeSet) : View(context, attributes) {
    private val paint = Paint(Paint.ANTI_ALIAS_FLAG).apply { strokeCap = Paint.Cap.ROUND }

    /** What is drawn; nothing where it is null. */
    var overlay: Overlay? = null
        set(value) {
            field = value
            invalidate()
        }

    override fun onDraw(canvas: Canvas) {
        super.onDraw(canvas)
        val shown = overlay ?: return
        if (width == 0 || height == 0) return
        val view = Size(height, width)
        val viewFromPicture = Affine.viewFromPicture(shown.picture, view, shown.mirrored)
        strokesOf(shown.pose, shown.skeleton, viewFromPicture, view).forEach { draw(canvas, it) }
    }

    private fun draw(canvas: Canvas, stroke: Stroke) {
        paint.color = stroke.color
        paint.strokeWidth = stroke.width.toFloat()
        // Android counts from a pixel's corner, this project from its middle.
        val (x0, y0) = stroke.start.run { x.toFloat() + 0.5f to y.toFloat() + 0.5f }
        val (x1, y1) = stroke.end.run { x.toFloat() + 0.5f to y.toFloat() + 0.5f }
        if (stroke.start == stroke.end) {
            canvas.drawCircle(x0, y0, paint.strokeWidth / 2, paint)
        } else {
            canvas.drawLine(x0, y0, x1, y1, paint)
        }
    }
}
