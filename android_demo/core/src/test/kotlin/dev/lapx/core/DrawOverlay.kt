// Draws the overlay of the app on a picture: arguments MODEL PICTURE X,Y,WIDTH,HEIGHT OUT.png (the person's box).
package dev.lapx.core

import java.awt.BasicStroke
import java.awt.Color
import java.awt.RenderingHints
import java.awt.geom.Line2D
import java.awt.image.BufferedImage
import java.io.File
import javax.imageio.ImageIO

fun main(arguments: Array<String>) {
    val (model, picture, box, out) = arguments
    val stored = ImageIO.read(File(picture))
    val size = Size(stored.height, stored.width)
    val pixels = stored.getRGB(0, 0, size.width, size.height, null, 0, size.width)
    val (x, y, width, height) = box.split(",").map(String::toDouble)
    val runtime = DesktopRuntime(File(model))
    val pose =
        runtime.use { PoseEstimator(it).estimate(RgbImage.fromArgb(pixels, size, Turn(0)), Box(x, y, width, height)) }.pose
    val canvas = BufferedImage(size.width, size.height, BufferedImage.TYPE_INT_RGB)
    canvas.graphics.drawImage(stored, 0, 0, null)
    val view = Affine.viewFromPicture(size, size, mirrored = false)
    canvas.draw(strokesOf(pose, runtime.spec.skeleton, view, size))
    check(ImageIO.write(canvas, "png", File(out))) { "can't write $out" }
}

private fun BufferedImage.draw(strokes: List<Stroke>) {
    val graphics = createGraphics()
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON)
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE)
    // Java counts from a pixel's corner, this project from its middle.
    graphics.translate(0.5, 0.5)
    for (stroke in strokes) {
        graphics.color = Color(stroke.color)
        graphics.stroke = BasicStroke(stroke.width.toFloat(), BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND)
        graphics.draw(Line2D.Double(stroke.start.x, stroke.start.y, stroke.end.x, stroke.end.y))
    }
}
