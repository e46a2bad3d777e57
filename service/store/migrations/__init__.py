"""The database's versions, one file each in ``versions``, run by Alembic. What was released is never changed."""
