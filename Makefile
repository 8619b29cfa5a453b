# make app: set up and open the app · make test: set up and pass every test
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: app test install check browser pictures clean

app: install
	$(BIN)/streamlit run app.py

test: install browser check
	$(BIN)/python -m pytest

install: $(READY)

$(READY): requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

# An installed Chromium or Chrome is used as it is; else the distribution's, else Playwright's own.
browser: install
	@$(BIN)/python -m tests.browser || bash tests/install_browser.sh

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

pictures: install browser
	$(BIN)/python docs/pictures.py

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache
