# make app: set up and open the app · make test: set up and pass every test
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ALL := $(VENV)/.all
PIP := $(BIN)/python -m pip --disable-pip-version-check
TORCH := $(shell sed -n 's/^\(torch==[^ \#]*\).*/\1/p' requirements.txt)

.PHONY: app test install all check browser docs scores words pictures lock clean

app: install
	$(BIN)/streamlit run app.py

test: all browser check
	$(BIN)/python -m pytest -n 2 --dist loadfile

install: $(READY)
all: $(ALL)

# Packages as they stand in a lock file, then torch: which build of it is right depends on the machine.
# The app needs few; tests, docs and the extras (other libraries' models, clusters) need all.
$(READY): requirements.txt requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --no-deps --require-hashes -r requirements.lock
	$(PIP) install --quiet $(TORCH)
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(ALL): $(READY) requirements-all.lock
	$(PIP) install --quiet --no-deps --require-hashes -r requirements-all.lock
	touch $@

# The lock files from pyproject.toml and requirements.txt. What they pin already stays:
# `make lock UPGRADE=--upgrade`. Without torch, whose hash depends on the build, and without pip, which
# does the installing.
COMPILE = CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --strip-extras \
    --annotation-style line --no-emit-options --no-emit-index-url --no-emit-trusted-host \
    --no-emit-find-links --unsafe-package torch --unsafe-package pip --constraint requirements.txt $(UPGRADE)
lock: all
	$(COMPILE) --all-extras --output-file requirements-all.lock pyproject.toml
	$(COMPILE) --extra app --extra build --constraint requirements-all.lock --output-file requirements.lock pyproject.toml
	for file in requirements.lock requirements-all.lock; do \
	  sed -i.old '/^# WARNING: The following packages were not pinned/,$$d' $$file && rm $$file.old; done

# An installed Chromium or Chrome is used as it is; else the distribution's, else Playwright's own.
browser: all
	@$(BIN)/python -m tests.browser || bash tests/install_browser.sh

check: all
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# The site: open site/index.html. Its search wants a server: python -m http.server --directory site
docs: all
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# Score tables of README and cards, and the drawing of the rooms
scores: all
	$(BIN)/python docs/scores.py
	$(BIN)/python docs/rooms.py

# The catalogues of the interface: what is new in the sources stands there empty, what is gone goes
words: all
	$(BIN)/python docs/words.py

pictures: all browser
	$(BIN)/python docs/pictures.py

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache build site *.egg-info
