package androidx.camera.view;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public final class PreviewView extends android.widget.FrameLayout {
    public enum ScaleType { FIT_CENTER }
    public PreviewView(@NotNull android.content.Context context, @Nullable android.util.AttributeSet attributes) { super(context, attributes); }
    @NotNull
    public androidx.camera.core.Preview.SurfaceProvider getSurfaceProvider() { throw new Error(); }
    @NotNull
    public ScaleType getScaleType() { throw new Error(); }
    public void setScaleType(@NotNull ScaleType scaleType) {}
}
