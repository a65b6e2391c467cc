"""`make run`: the real bot when there is a BOT_TOKEN; without one, the demo."""

import os
import sys

from userreg.config import load_settings
from userreg.errors import UserregError


def main() -> None:
    try:
        has_token = load_settings().bot_token is not None
    except UserregError as error:
        sys.exit(f"Error: {error}")
    what = ["run", "--migrate"] if has_token else ["demo"]
    os.execv(sys.executable, [sys.executable, "-m", "userreg", *what])


if __name__ == "__main__":
    main()
