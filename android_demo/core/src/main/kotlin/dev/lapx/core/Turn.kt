package dev.lapx.core

/** What makes a stored picture upright: mirroring it in x where [mirrored], then turning it by [degrees] clockwise. */
data class Turn(val degrees: Int, val mirrored: Boolean = false) {
    init {
        require(degrees in listOf(0, 90, 180, 270)) { "a turn must be 0, 90, 180 or 270 degrees, got $degrees" }
    }

    internal data class Step(val x: Int, val y: Int)

    /** Of the stored picture: a step for each pixel to the right and for each one down in the upright one, and its first pixel. */
    internal data class Steps(
        val right: Step,
        val below: Step,
        val first: Step,
    )

    /** Of the upright picture. */
    fun sizeOf(stored: Size): Size = if (degrees % 180 == 0) stored else Size(stored.width, stored.height)

    internal fun stepsThrough(stored: Size): Steps {
        val x = stored.width - 1
        val y = stored.height - 1
        val turned =
            when (degrees) {
                0 -> Steps(Step(1, 0), Step(0, 1), Step(0, 0))
                90 -> Steps(Step(0, -1), Step(1, 0), Step(0, y))
                180 -> Steps(Step(-1, 0), Step(0, -1), Step(x, y))
                else -> Steps(Step(0, 1), Step(-1, 0), Step(x, 0))
            }
        if (!mirrored) return turned
        val (right, below, first) = turned
        return Steps(Step(-right.x, right.y), Step(-below.x, below.y), Step(x - first.x, first.y))
    }

    companion object {
        /** The turn that an EXIF orientation (1 to 8) asks for; none for other values, as EXIF says. */
        fun ofExif(orientation: Int): Turn =
            when (orientation) {
                2 -> Turn(0, mirrored = true)
                3 -> Turn(180)
                4 -> Turn(180, mirrored = true)
                5 -> Turn(270, mirrored = true)
                6 -> Turn(90)
                7 -> Turn(90, mirrored = true)
                8 -> Turn(270)
                else -> Turn(0)
            }
    }
}
