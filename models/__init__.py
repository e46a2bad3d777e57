"""Wraps the neural networks, one a file, and is the only package that imports OpenVINO, MediaPipe or ultralytics.

What a dress code says may not live here: a network says what it sees, never whether that is allowed.
Training lives in `models.training` and needs the ``train`` extra; a check needs none of it.
"""
