package android.widget;

public class Spinner extends AbsSpinner {
    public Spinner(android.content.Context context, android.util.AttributeSet attributes) { super(context, attributes); }
}
