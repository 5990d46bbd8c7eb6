package android.widget;

import org.jetbrains.annotations.Nullable;

public abstract class AdapterView<T extends Adapter> extends android.view.ViewGroup {
    public interface OnItemSelectedListener {
        void onItemSelected(AdapterView<?> parent, android.view.View view, int position, long id);
        void onNothingSelected(AdapterView<?> parent);
    }
    public AdapterView(android.content.Context context, android.util.AttributeSet attributes) { super(context, attributes); }
    public int getSelectedItemPosition() { throw new Error(); }
    @Nullable
    public final OnItemSelectedListener getOnItemSelectedListener() { throw new Error(); }
    public void setOnItemSelectedListener(@Nullable OnItemSelectedListener listener) {}
}
