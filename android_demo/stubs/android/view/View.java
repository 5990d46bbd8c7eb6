package android.view;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public class View {
    public static final int VISIBLE = 0;
    public static final int GONE = 8;
    public interface OnClickListener {
        void onClick(View view);
    }
    public View(android.content.Context context, @Nullable android.util.AttributeSet attributes) {}
    public final android.content.Context getContext() { throw new Error(); }
    public final int getWidth() { throw new Error(); }
    public final int getHeight() { throw new Error(); }
    public void invalidate() {}
    protected void onDraw(@NotNull android.graphics.Canvas canvas) {}
    public int getVisibility() { throw new Error(); }
    public void setVisibility(int visibility) {}
    public boolean isEnabled() { throw new Error(); }
    public void setEnabled(boolean enabled) {}
    public void setOnClickListener(@Nullable OnClickListener listener) {}
}
