package androidx.camera.core;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public final class Preview extends UseCase {
    private Preview() {}
    public void setSurfaceProvider(@Nullable SurfaceProvider provider) {}
    public interface SurfaceProvider {}
    public static final class Builder {
        public Builder() {}
        @NotNull
        public Builder setResolutionSelector(@NotNull androidx.camera.core.resolutionselector.ResolutionSelector selector) { throw new Error(); }
        @NotNull
        public Preview build() { throw new Error(); }
    }
}
