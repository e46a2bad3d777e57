"""The door's process: cameras, people over time, one verdict for each arrival, and what the kiosk is to show.

It records through `service.store` and talks to the pages through `service.door.link` alone. No web page may live here.
"""
