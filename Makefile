# make app: set up and open the app · make test: set up and pass every test
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check
TORCH := $(shell sed -n 's/^\(torch==[^ \#]*\).*/\1/p' requirements.txt)

.PHONY: app test install check browser docs scores pictures lock clean

app: install
	$(BIN)/streamlit run app.py

test: install browser check
	$(BIN)/python -m pytest -n 2 --dist loadfile

install: $(READY)

# Every package as it stands in the lock file, then torch: which build of it is right depends on the machine.
$(READY): requirements.txt requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --no-deps --require-hashes -r requirements.lock
	$(PIP) install --quiet $(TORCH)
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# The lock file from pyproject.toml and requirements.txt. What it pins already stays: `make lock UPGRADE=--upgrade`.
# Without torch, whose hash depends on the build, and without pip, which does the installing.
lock: install
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --all-extras --constraint requirements.txt \
	    --generate-hashes --strip-extras --annotation-style line --no-emit-options --no-emit-index-url \
	    --no-emit-trusted-host --no-emit-find-links --unsafe-package torch --unsafe-package pip \
	    $(UPGRADE) --output-file requirements.lock pyproject.toml
	sed -i.old '/^# WARNING: The following packages were not pinned/,$$d' requirements.lock && rm requirements.lock.old

# An installed Chromium or Chrome is used as it is; else the distribution's, else Playwright's own.
browser: install
	@$(BIN)/python -m tests.browser || bash tests/install_browser.sh

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# The site: open site/index.html. Its search wants a server: python -m http.server --directory site
docs: install
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# Score tables of README and cards, and the drawing of the rooms
scores: install
	$(BIN)/python docs/scores.py
	$(BIN)/python docs/rooms.py

pictures: install browser
	$(BIN)/python docs/pictures.py

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache build site *.egg-info
