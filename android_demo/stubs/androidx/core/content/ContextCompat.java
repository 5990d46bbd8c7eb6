package androidx.core.content;

import org.jetbrains.annotations.NotNull;

public class ContextCompat {
    @NotNull
    public static java.util.concurrent.Executor getMainExecutor(@NotNull android.content.Context context) { throw new Error(); }
}
