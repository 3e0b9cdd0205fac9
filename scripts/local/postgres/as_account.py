"""Become another account, then become the command: `as_account.py UID GID PATH ARGUMENT…`.

What `subprocess` does itself with `user=` and `group=`, but then it must use
`fork`, which runs the handlers that gRPC's threads have registered; in a process
that uses Google's clients the child now and then never gets to its command.
Without them `subprocess` uses `vfork`, which runs no handlers. So the child
starts as this script, which is a process of its own, and changes the account here.
"""

import os
import sys


def main() -> None:
    uid, gid, *command = sys.argv[1:]
    # The working directory may be one the account cannot enter.
    os.chdir("/")
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))
    # Not execvp: it would import, from a Python this account may not be able to read.
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
