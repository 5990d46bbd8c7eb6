package android.app;

import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public class Activity extends android.content.Context {
    protected void onCreate(@Nullable android.os.Bundle savedInstanceState) {}
    protected void onDestroy() {}
    public void setContentView(int layout) {}
    @NotNull
    public <T extends android.view.View> T findViewById(int id) { throw new Error(); }
    public final void runOnUiThread(@NotNull Runnable action) {}
}
