"""What is odd, missing or in doubt in what a figure is made of, each with what to do about it, whom to ask, and how the
figure would change (docs/adr/0033).

``scope.py`` says how much of it a reader sees, ``beside.py`` reads what no token tells of, ``ground.py`` has the facts
and counts them again with one of them changed. There is a module for each group of findings, and ``all.py``.
"""
