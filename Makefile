# Everything that a newcomer or the CI runs. `make` lists it.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
SOURCES := members workplan reporting rsp_tracker tests bench manage.py

# What a real site sets; the deploy check looks at these settings and at no database.
PRODUCTION := DEBUG=false ALLOWED_HOSTS=rsp.example.org FROM_EMAIL=rsp@example.org BEHIND_PROXY=true \
	EMAIL_URL=smtp+tls://user:word@mail.example.org:587 CACHE_URL=dbcache://cache_table \
	DATABASE_URL=sqlite://:memory: SECRET_KEY=0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ

.PHONY: help install run test coverage test-office test-browser check format css bench lock

help:
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1: \2/p' Makefile

install: .venv/installed .env ## the virtual environment, with exactly the locked packages

.venv/installed: requirements-dev.lock
	@$(PYTHON) -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Python 3.11 or later with venv is needed: apt-get install python3-venv' >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

.env:
	@umask 077 && $(PYTHON) -c 'import secrets; print(f"DEBUG=true\nSECRET_KEY={secrets.token_urlsafe(50)}")' > $@

run: install ## a site with the plan, the Members and demonstration data; a second time it keeps what is there
	$(MANAGE) migrate --verbosity 0
	$(MANAGE) setup_site --demo --port $(PORT)
	SITE_ADDRESS=http://127.0.0.1:$(PORT) $(MANAGE) runserver 127.0.0.1:$(PORT)

test: install ## all tests but those in a browser or LibreOffice; WITHOUT=matrix leaves the longest out
	$(BIN)/python -m pytest -m 'not browser and not office$(WITHOUT:%= and not %)'

test-office: install ## the tests of workbooks in LibreOffice
	$(BIN)/python -m pytest -m 'office and not browser'

coverage: install ## the same with branch coverage, which must not fall
	$(BIN)/python -m pytest -m 'not browser and not office' --cov=members --cov=workplan --cov=reporting --cov-branch --cov-fail-under=98

test-browser: install ## the tests in Chromium
	$(BIN)/python -m pytest -m browser

check: install ## format, lint, types, templates, migrations, and the settings of a real site
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet templates
	DJANGO_SETTINGS_MODULE=tests.settings DATABASE_URL=sqlite://:memory: $(MANAGE) makemigrations --check --dry-run
	$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING

format: install ## puts the code into its form
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

css: ## builds static/css and static/img from assets (needs npm; the results are committed)
	cd assets && npm ci && npm run build

bench: install ## how fast the pages and the counting are
	$(BIN)/python -m bench

COMPILE := $(BIN)/uv pip compile pyproject.toml --upgrade --quiet --python-version 3.11 \
	--generate-hashes --no-header --no-emit-index-url --no-emit-find-links

lock: install ## newer packages within the ranges of pyproject.toml
	$(COMPILE) --output-file requirements.lock > /dev/null
	$(COMPILE) --constraint requirements.lock --extra dev --output-file requirements-dev.lock > /dev/null
