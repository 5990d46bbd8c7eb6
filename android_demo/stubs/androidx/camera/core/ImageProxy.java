package androidx.camera.core;

import org.jetbrains.annotations.NotNull;

public interface ImageProxy extends AutoCloseable {
    @Override
    void close();
    int getHeight();
    int getWidth();
    @NotNull
    PlaneProxy[] getPlanes();
    @NotNull
    ImageInfo getImageInfo();
    interface PlaneProxy {
        int getRowStride();
        int getPixelStride();
        @NotNull
        java.nio.ByteBuffer getBuffer();
    }
}
