"""The forms of the pages; ``base`` holds what they share."""
