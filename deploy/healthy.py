"""Ask the page on this machine whether it answers; what the container's health check runs.

Exit code 0: it does; 1: it does not.
"""

from __future__ import annotations

import http.client
import os
import sys

PATH = "/healthz"
SECONDS = 4.0


def main() -> int:
    connection = http.client.HTTPConnection(
        "127.0.0.1", int(os.environ.get("REPORTQA_PORT", "7860")), timeout=SECONDS
    )
    try:
        connection.request("GET", PATH)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        print(f"no answer: {error}", file=sys.stderr)
        return 1
    if status != http.HTTPStatus.OK:
        print(f"{PATH} answers {status}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
