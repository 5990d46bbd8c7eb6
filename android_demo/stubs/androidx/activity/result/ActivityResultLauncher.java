package androidx.activity.result;

public abstract class ActivityResultLauncher<I> {
    public final void launch(I input) {}
}
