"""What a department has stated, whether asked or by itself, and for which projects."""
