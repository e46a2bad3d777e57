"""Data sets, training, calibration, evaluation and export of the networks; needs the ``train`` extra.

Nothing that a check needs at run time may live here. Pictures are read from a data folder and never copied into the
project; what is written goes to a run folder, and by export to ``models/weights`` and ``models/cards``.
"""
