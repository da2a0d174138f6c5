"""Files of what was collected elsewhere (contracts.md, "Bulk entry"): all of a file is read, or nothing."""
