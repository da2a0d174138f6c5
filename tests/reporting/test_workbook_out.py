"""The Member's workbook goes out: what stands in it, what may be written, who may have it."""
