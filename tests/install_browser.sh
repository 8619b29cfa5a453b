#!/usr/bin/env bash
# Install a Chromium for the tests: Debian's package on Debian, Playwright's own build elsewhere.
set -uo pipefail
as_root=""
if [ "$(id -u)" != 0 ]; then as_root="sudo -n"; fi
if grep -qs '^ID=debian' /etc/os-release; then
  $as_root apt-get update -qq && $as_root apt-get install -y -qq chromium && exit 0
fi
.venv/bin/python -m playwright install --with-deps chromium || .venv/bin/python -m playwright install chromium
