package dev.lapx.demo

import dev.lapx.core.Pose
import dev.lapx.core.Size
import dev.lapx.core.Skeleton
import dev.lapx.core.Summary

/** What runs the model. */
sealed interface Device {
    data class Cpu(val threads: Int) : Device

    data object Gpu : Device
}

/** Which model runs on what. */
data class Choice(val model: String, val device: Device)

/** What the overlay draws: a pose in pixels of a picture, which is shown mirrored or not. */
data class Overlay(
    val pose: Pose,
    val skeleton: Skeleton,
    val picture: Size,
    val mirrored: Boolean,
)

/** What the screen shows; each one replaces the one before. */
sealed interface UiState {
    data class Opening(val model: String) : UiState

    data class Failed(val model: String, val reason: String) : UiState

    data class Found(val overlay: Overlay, val summary: Summary) : UiState
}
