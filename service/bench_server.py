"""The pages by waitress on a free port, for the bench: ``python -m service.bench_server CONFIG PORTFILE``."""

from __future__ import annotations

import sys
from pathlib import Path

from waitress.server import create_server

from service.web.app import create_app
from vision.config import read_config
from vision.pictures import write_whole

THREADS = 8


def main(config: Path, port_file: Path) -> None:
    """Serves until it is stopped; writes its port once it listens."""
    server = create_server(create_app(read_config(config)), host="127.0.0.1", port=0, threads=THREADS)
    write_whole(port_file, str(server.effective_port).encode())
    server.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
