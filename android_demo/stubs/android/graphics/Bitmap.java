package android.graphics;

import org.jetbrains.annotations.NotNull;

public final class Bitmap {
    private Bitmap() {}

    public enum Config { ARGB_8888 }
    public int getWidth() { throw new Error(); }
    public int getHeight() { throw new Error(); }
    public void getPixels(@NotNull int[] pixels, int offset, int stride, int x, int y, int width, int height) {}
    @NotNull
    public static Bitmap createBitmap(@NotNull int[] colors, int width, int height, @NotNull Config config) { throw new Error(); }
}
