package androidx.camera.core;

import org.jetbrains.annotations.NotNull;

public final class ImageAnalysis extends UseCase {
    public static final int STRATEGY_KEEP_ONLY_LATEST = 0;
    public static final int OUTPUT_IMAGE_FORMAT_RGBA_8888 = 2;
    private ImageAnalysis() {}
    public void setAnalyzer(@NotNull java.util.concurrent.Executor executor, @NotNull Analyzer analyzer) {}
    public void clearAnalyzer() {}
    public interface Analyzer {
        void analyze(@NotNull ImageProxy image);
    }
    public static final class Builder {
        public Builder() {}
        @NotNull
        public Builder setBackpressureStrategy(int strategy) { throw new Error(); }
        @NotNull
        public Builder setOutputImageFormat(int format) { throw new Error(); }
        @NotNull
        public Builder setResolutionSelector(@NotNull androidx.camera.core.resolutionselector.ResolutionSelector selector) { throw new Error(); }
        @NotNull
        public ImageAnalysis build() { throw new Error(); }
    }
}
