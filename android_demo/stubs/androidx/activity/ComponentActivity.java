package androidx.activity;

import org.jetbrains.annotations.NotNull;

public class ComponentActivity extends android.app.Activity implements androidx.lifecycle.LifecycleOwner {
    @NotNull
    public final <I, O> androidx.activity.result.ActivityResultLauncher<I> registerForActivityResult(@NotNull androidx.activity.result.contract.ActivityResultContract<I, O> contract, @NotNull androidx.activity.result.ActivityResultCallback<O> callback) { throw new Error(); }
}
