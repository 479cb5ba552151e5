"""Ask the service in this container whether it is well: exit status 0 when the path given answers 200, else 1.

The image has no other client for HTTP. Standard library only, so that it starts in a few hundredths of a second.
"""

from __future__ import annotations

import http.client
import os
import sys

SECONDS = 3.0


def answer(path: str, port: int) -> tuple[int, str]:
    """Status and body of what this machine's service answers; status 0 and the reason when nobody does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read(4096).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        connection.close()


if __name__ == "__main__":
    status, body = answer(sys.argv[1], int(os.environ["SIKUA_PORT"]))
    print(body.strip())
    sys.exit(0 if status == 200 else 1)
