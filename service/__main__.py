"""``python -m service`` is ``dresscode``."""

from service.cli import main

main()
