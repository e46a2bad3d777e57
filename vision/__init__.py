"""Sees and judges with NumPy and OpenCV: regions, colours, facts, rules, texts, drawing.

No neural network, web page or database may live here, nor anything that opens a connection.
What a company's dress code says stands in ``dress_code.yaml``, not in this package.
"""
