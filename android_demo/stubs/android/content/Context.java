package android.content;

import org.jetbrains.annotations.NotNull;

public abstract class Context {
    @NotNull
    public android.content.res.AssetManager getAssets() { throw new Error(); }
    @NotNull
    public ContentResolver getContentResolver() { throw new Error(); }
    @NotNull
    public final String getString(int id) { throw new Error(); }
    @NotNull
    public final String getString(int id, Object... arguments) { throw new Error(); }
    public int checkSelfPermission(@NotNull String permission) { throw new Error(); }
}
