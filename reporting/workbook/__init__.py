"""The Member's workbook: a round's questionnaire as a file that is filled in offline.

``layout`` says what it looks like, to who writes it and to who reads it; ``content`` says what stands in it, and
``writing`` makes the file.
"""
