"""What is kept: arrivals, findings, decisions, people, users, and who did what; in SQLite or PostgreSQL.

Tables, queries and the folder of pictures live here. No judging, no capture and no web page may.
"""
