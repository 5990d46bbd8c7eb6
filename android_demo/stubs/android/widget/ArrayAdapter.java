package android.widget;

import org.jetbrains.annotations.NotNull;

public class ArrayAdapter<T> implements SpinnerAdapter {
    public ArrayAdapter(@NotNull android.content.Context context, int resource, @NotNull java.util.List<T> objects) {}
}
