"""How the tests start Chromium: as root in a container, with little shared memory and no graphics card."""

ARGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
