"""Pictures and reports that are sent from the browser: taken in safely, checked one after another, recorded.

Nothing that was sent keeps its name, its metadata or its place. What is judged is `vision`'s, what is shown the pages'.
"""
