package androidx.camera.core.resolutionselector;

import org.jetbrains.annotations.NotNull;

public final class AspectRatioStrategy {
    @NotNull
    public static final AspectRatioStrategy RATIO_4_3_FALLBACK_AUTO_STRATEGY = new AspectRatioStrategy();
    private AspectRatioStrategy() {}
}
