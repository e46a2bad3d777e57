"""Webhooks: signed messages about new flagged arrivals, to addresses that an administrator has named.

Signing, the guard on addresses, sending and trying again live here. What is to be sent stands in the store's outbox.
"""
