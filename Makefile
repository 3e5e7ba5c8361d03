# Dawr: one command for each thing that one does with it. Each sets up what it needs first (setup.sh).

.DEFAULT_GOAL := menu
.PHONY: menu demo test lint format audit lab setup clean

OURS := dawr server kiosk counter display demo lab

menu: ## Show this menu
	@echo "make TARGET:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' Makefile

demo: ## Run a whole centre here and show its address (make demo WINDOWS=1: on this screen)
	@./setup.sh demo
	@.venv/bin/dawr demo $(if $(WINDOWS),--windows) $(ARGS)

test: ## Run every test (a part of them: make test ARGS="tests/house")
	@./setup.sh test
	@.venv/bin/python -m pytest $(ARGS)

lint: ## Check format, lint and types
	@./setup.sh lint
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy --strict $(OURS)

format: ## Format the code and repair what lint can repair
	@./setup.sh lint
	.venv/bin/ruff check --fix-only .
	.venv/bin/ruff format .

audit: ## Ask whether holes are known in anything that we use (needs the internet)
	@./setup.sh test
	@[ -x .build/audit/bin/pip-audit ] || { python3 -m venv .build/audit && .build/audit/bin/pip install -q pip-audit; }
	@.venv/bin/python -m pip freeze --exclude-editable >.build/installed.txt
	.build/audit/bin/pip-audit --strict --disable-pip --no-deps --requirement .build/installed.txt
	cd assets && npm audit

lab: ## Cut the power and break disks on purpose, ten minutes (docs/reliability.md; more of it as root)
	@./setup.sh test
	.venv/bin/python -m lab.power.replay
	.venv/bin/python -m lab.power.faults
	[ "$$(id -u)" != 0 ] || .venv/bin/python -m lab.power.volatile

setup: ## Only set up, for everything
	@./setup.sh test

clean: ## Remove everything that set-up, tests and the demo made
	rm -rf .venv .build .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
	rm -rf assets/node_modules dawr/fonts demo/static server/static
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
