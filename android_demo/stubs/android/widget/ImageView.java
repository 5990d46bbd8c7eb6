package android.widget;

import org.jetbrains.annotations.Nullable;

public class ImageView extends android.view.View {
    public ImageView(android.content.Context context, @Nullable android.util.AttributeSet attributes) { super(context, attributes); }
    public void setImageBitmap(android.graphics.Bitmap bitmap) {}
}
