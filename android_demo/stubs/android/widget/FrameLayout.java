package android.widget;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public class FrameLayout extends android.view.ViewGroup {
    public FrameLayout(@NotNull android.content.Context context, @Nullable android.util.AttributeSet attributes) { super(context, attributes); }
}
