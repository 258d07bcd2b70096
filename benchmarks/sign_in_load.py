"""Eight people who sign in again and again, from a process of their own that costs little itself.

All requests are one and the same and prepared once, so that nearly all the work is the server's.
"""

from __future__ import annotations

import sys
from http.client import HTTPConnection
from threading import Thread
from urllib.parse import urlencode

SIGN_INS_AT_ONCE = 8


def main(port: int, email: str, password: str) -> None:
    """Sign in until a line comes in, then print how often that was."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/sign-in")
    answer = connection.getresponse()
    cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
    token = answer.read().decode().split('name="csrf_token" value="')[1].partition('"')[0]
    body = urlencode({"email": email, "password": password, "csrf_token": token})
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    going, counts = [True], [0] * SIGN_INS_AT_ONCE

    def sign_in(number: int) -> None:
        own = HTTPConnection("127.0.0.1", port, timeout=60)
        while going:
            own.request("POST", "/sign-in", body, headers)
            done = own.getresponse()
            done.read()
            if done.status != 302:
                raise RuntimeError(f"signing in answered {done.status}")
            counts[number] += 1

    people = [Thread(target=sign_in, args=(number,)) for number in range(SIGN_INS_AT_ONCE)]
    for person in people:
        person.start()
    print("ready", flush=True)
    sys.stdin.readline()
    going.clear()
    total = sum(counts)
    for person in people:
        person.join()
    print(total)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
