# The first two commands: make ask Q="..."   make test
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
Q ?=
LANG_OPT := $(if $(ANSWER_LANG),--lang $(ANSWER_LANG))


.PHONY: help ask chat run test test-slow lint format rules bench bench-ingest bench-retrieval bench-classify bench-chat bench-screening bench-open bench-llm bench-alerts test-llm compile-lists classifier heldout score lock evasion-model law-model clean install
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(INSTALLED): pyproject.toml requirements.lock tests/requirements-telegram.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "make: no venv module; on Debian: apt-get install python3-venv" >&2; rm -rf $(VENV); exit 1; }
	@echo "Installing (once, a minute or two)..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --ignore-requires-python -r tests/requirements-telegram.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q bot knowledge ingest >/dev/null || true
	@touch $@

install: $(INSTALLED) ## create .venv and install everything, by hash

ask: $(INSTALLED) ## make ask Q="5 kg dysprosium oxide from Shanghai to Stuttgart"
	@$(BIN)/navicert ask $(LANG_OPT) -- "$$NAVICERT_QUESTION"
ask: export NAVICERT_QUESTION = $(value Q)

chat: $(INSTALLED) ## a conversation in the terminal
	@$(BIN)/navicert chat

run: $(INSTALLED) ## the Telegram bot; settings from the environment or a file .env
	@set -a; test ! -f .env || . ./.env; set +a; exec $(BIN)/navicert serve

test: $(INSTALLED) ## tests, lint, types, import contracts, rule data
	@$(BIN)/python -m pytest
	@$(MAKE) --no-print-directory lint

test-slow: $(INSTALLED) ## the tests marked slow
	@$(BIN)/python -m pytest -m slow

lint: $(INSTALLED) ## ruff, mypy --strict, import contracts, rule data
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/navicert rules check

format: $(INSTALLED) ## lay the code out
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .

rules: $(INSTALLED) ## what is modelled and what is not
	@$(BIN)/navicert rules coverage

bench: $(INSTALLED) ## time and memory of an answer on this machine
	@$(BIN)/python -m tests.bench

bench-ingest: $(INSTALLED) ## cost of bringing in and searching the shared regulations (BENCH="--home DIR" keeps the library)
	@$(BIN)/python -m tests.bench_ingest $(BENCH)

bench-retrieval: $(INSTALLED) ## how well search finds, beside a naive LangChain and Chroma
	@$(BIN)/python -m tests.bench_retrieval $(BENCH)

bench-classify: $(INSTALLED) ## how often the right entry comes first and among five (BENCH="--errors" lists the misses)
	@$(BIN)/python -m tests.bench_classify $(BENCH)

bench-alerts: $(INSTALLED) ## cost of determining 10,000 kept answers again, and of finding the few that a change can touch
	@$(BIN)/python -m tests.bench_alerts

bench-chat: $(INSTALLED) ## fifty chats at once while an ingest runs: lost, doubled, seconds (BENCH="--questions 200")
	@$(BIN)/python -m tests.bench_chat $(BENCH)

bench-screening: $(INSTALLED) ## recall and precision of name screening, and its cost (BENCH="--misses" lists them)
	@$(BIN)/python -m tests.bench_screening $(BENCH)

bench-open: $(INSTALLED) ## open questions over the shared texts: right passage, abstention, unsupported (BENCH="--home DIR --report FILE")
	@$(BIN)/python -m tests.bench_open $(BENCH)

bench-injection: $(INSTALLED) ## attack strings in every place of a question: changed answers (BENCH="--alarms" for false alarms)
	@$(BIN)/python -m tests.bench_injection $(BENCH)

bench-llm: $(INSTALLED) ## what a lying language model gets past the judges, over 2,000 answers (BENCH="--answers 200")
	@$(BIN)/python -m tests.bench_llm $(BENCH)

test-llm: $(INSTALLED) ## a real small language model over HTTP, fetched once (BENCH="--answers 5")
	@$(BIN)/python -m tests.llm_small $(BENCH) || { code=$$?; test $$code = 77 || exit $$code; }

bench-verify: $(INSTALLED) ## what the verifier lets through and stops, and its cost (BENCH="--errors" lists the misses)
	@$(BIN)/python -m tests.bench_verify $(BENCH)

compile-lists: $(INSTALLED) ## compile the bundled United States lists again from the shared regulations
	@$(BIN)/python -m ingest.controllists.bundle ../shared/regulations/us/ecfr/ccl_part774_supp1.xml ../shared/regulations/us/derived_json

classifier: $(INSTALLED) ## learn the classification desk's weights from the labelled descriptions (2 minutes)
	@$(BIN)/python -m knowledge.classify.train tests/data/classify/en.tsv tests/data/classify/zh.tsv tests/data/classify/specs.tsv --write

score: $(INSTALLED) ## the shared evaluation cases, where they are present
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python ../shared/eval/score.py ../shared/eval/dev_cases.jsonl --min 0.94 --show

heldout: $(INSTALLED) ## questions written apart from the rules: how many come out right
	@$(BIN)/python -m tests.heldout

evasion-model: $(INSTALLED) ## learn the evasion filter's weights from its corpus
	@$(BIN)/python -m knowledge.reading.train_evasion

law-model: $(INSTALLED) ## learn what a question about the law reads like
	@$(BIN)/python -m knowledge.reading.train_of_law

lock: ## resolve requirements.lock again (needs uv)
	uv pip compile pyproject.toml --extra dev --generate-hashes --no-header --universal --python-version 3.11 -o requirements.lock

clean: ## remove what was made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build *.egg-info
