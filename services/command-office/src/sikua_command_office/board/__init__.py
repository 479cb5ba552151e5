"""The board: live projects by step with their lights."""
