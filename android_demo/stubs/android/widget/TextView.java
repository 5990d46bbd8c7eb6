package android.widget;

import org.jetbrains.annotations.Nullable;

public class TextView extends android.view.View {
    public TextView(android.content.Context context, @Nullable android.util.AttributeSet attributes) { super(context, attributes); }
    public CharSequence getText() { throw new Error(); }
    public final void setText(CharSequence text) {}
}
