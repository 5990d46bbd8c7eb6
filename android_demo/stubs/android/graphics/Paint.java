package android.graphics;

public class Paint {
    public static final int ANTI_ALIAS_FLAG = 1;
    public enum Cap { ROUND }
    public Paint(int flags) {}
    public int getColor() { throw new Error(); }
    public void setColor(int color) {}
    public float getStrokeWidth() { throw new Error(); }
    public void setStrokeWidth(float width) {}
    public Cap getStrokeCap() { throw new Error(); }
    public void setStrokeCap(Cap cap) {}
}
