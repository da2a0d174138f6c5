"""Files that people bring: read within bounds, checked as a whole, shown before anything is stored."""
