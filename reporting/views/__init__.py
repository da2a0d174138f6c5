"""The pages on which the region's distance from its deliverables is read, and every figure opened.

A view finds out what is looked at, hands plain values to a template, and keeps the drawn page until the data change.
"""
