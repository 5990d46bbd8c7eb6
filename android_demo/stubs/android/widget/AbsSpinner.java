package android.widget;

public abstract class AbsSpinner extends AdapterView<SpinnerAdapter> {
    public AbsSpinner(android.content.Context context, android.util.AttributeSet attributes) { super(context, attributes); }
    public SpinnerAdapter getAdapter() { throw new Error(); }
    public void setAdapter(SpinnerAdapter adapter) {}
}
