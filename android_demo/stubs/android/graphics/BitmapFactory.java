package android.graphics;

import org.jetbrains.annotations.Nullable;

public class BitmapFactory {
    @Nullable
    public static Bitmap decodeStream(@Nullable java.io.InputStream stream, @Nullable Rect padding, @Nullable Options options) { throw new Error(); }
    public static class Options {
        public boolean inJustDecodeBounds;
        public int inSampleSize;
        public Bitmap.Config inPreferredConfig;
        public int outWidth;
        public int outHeight;
        public Options() {}
    }
}
