package android.media;

import org.jetbrains.annotations.NotNull;

public class ExifInterface {
    public static final String TAG_ORIENTATION = "Orientation";
    public static final int ORIENTATION_NORMAL = 1;
    public ExifInterface(@NotNull java.io.InputStream stream) throws java.io.IOException {}
    public int getAttributeInt(@NotNull String tag, int defaultValue) { throw new Error(); }
}
