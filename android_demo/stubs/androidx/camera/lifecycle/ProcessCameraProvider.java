package androidx.camera.lifecycle;

import org.jetbrains.annotations.NotNull;

public final class ProcessCameraProvider {
    private ProcessCameraProvider() {}
    @NotNull
    public static com.google.common.util.concurrent.ListenableFuture<ProcessCameraProvider> getInstance(@NotNull android.content.Context context) { throw new Error(); }
    @NotNull
    public androidx.camera.core.Camera bindToLifecycle(@NotNull androidx.lifecycle.LifecycleOwner owner, @NotNull androidx.camera.core.CameraSelector selector, androidx.camera.core.UseCase... useCases) { throw new Error(); }
    public void unbindAll() {}
}
