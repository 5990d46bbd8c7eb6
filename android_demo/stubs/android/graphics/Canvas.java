package android.graphics;

import org.jetbrains.annotations.NotNull;

public class Canvas {
    public void drawCircle(float x, float y, float radius, @NotNull Paint paint) {}
    public void drawLine(float startX, float startY, float stopX, float stopY, @NotNull Paint paint) {}
}
