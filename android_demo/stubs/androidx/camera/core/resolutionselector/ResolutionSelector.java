package androidx.camera.core.resolutionselector;

import org.jetbrains.annotations.NotNull;

public final class ResolutionSelector {
    private ResolutionSelector() {}
    public static final class Builder {
        public Builder() {}
        @NotNull
        public Builder setAspectRatioStrategy(@NotNull AspectRatioStrategy strategy) { throw new Error(); }
        @NotNull
        public ResolutionSelector build() { throw new Error(); }
    }
}
