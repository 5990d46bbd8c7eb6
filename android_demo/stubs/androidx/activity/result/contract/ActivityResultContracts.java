package androidx.activity.result.contract;

import org.jetbrains.annotations.Nullable;

public final class ActivityResultContracts {
    public static final class RequestPermission extends ActivityResultContract<String, Boolean> {
        public RequestPermission() {}
    }
    public static class GetContent extends ActivityResultContract<String, android.net.@Nullable Uri> {
        public GetContent() {}
    }
}
