"""What people touch: the command line, reports, and later the kiosk and the supervisor's desk.

Judging may not live here, nor any network: both are reached through `models.looks.build_checker`.
Nothing imports this package but itself and the tests.
"""
