"""The conference's documents, as Word, PDF and Excel (docs/adr/0036). ``blocks.py`` says what a document is made of;
``word.py``, ``pdf.py`` and ``excel.py`` write one, and know nothing of KPIs; the files named after a document make it
from a report, and ``making.py`` has all of them."""
