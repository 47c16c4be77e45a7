# The commands of this repository's own project, and those that check it. `make help` lists them.
# STORE, ENV and SERVICE are passed on from the command line or the environment.
.DEFAULT_GOAL := help
.PHONY: help migrate rollback redo status plan new fresh verify history test test-full check bench bench-compile

CARGO ?= cargo
RUN := $(CARGO) run --quiet --package migrations --bin migrate --
STORE_FLAG := $(if $(STORE),--store '$(STORE)')
SELECTION := $(if $(STEP),--step '$(STEP)')$(if $(BATCH), --batch '$(BATCH)')$(if $(TO), --to '$(TO)')$(if $(NAME), --name '$(NAME)')$(if $(ALL), --all)
DRY := $(if $(DRY_RUN),--dry-run)

help: ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 24

migrate: ## Apply what is pending (TO=name, STEP=n, DRY_RUN=1)
	@$(RUN) migrate $(STORE_FLAG) $(DRY) $(if $(TO),--to '$(TO)') $(if $(STEP),--step '$(STEP)')

rollback: ## Undo the last batch (STEP=n, BATCH=n, TO=name, NAME=name, ALL=1, DRY_RUN=1)
	@$(RUN) rollback $(STORE_FLAG) $(DRY) $(SELECTION)

redo: ## Roll the last batch back and apply it again (STEP=n)
	@$(RUN) redo $(STORE_FLAG) $(SELECTION)

status: ## List every migration and how it stands
	@$(RUN) status $(STORE_FLAG)

plan: ## Show what `make migrate` would do
	@$(RUN) plan $(STORE_FLAG)

new: ## Write the next migration (NAME=add_user_avatar)
	@$(CARGO) run --quiet --package updown -- new '$(NAME)' $(STORE_FLAG)

fresh: ## Remove everything in the database and migrate (development only)
	@$(RUN) fresh $(STORE_FLAG)

verify: ## Compare what was applied with the list
	@$(RUN) verify $(STORE_FLAG)

history: ## Show every attempt
	@$(RUN) history $(STORE_FLAG)

test: ## Run the tests
	$(CARGO) test --workspace

test-full: ## Run the tests, with all the long ones
	UPDOWN_TEST_FULL=1 $(CARGO) test --workspace

check: ## Formatting, lints, documentation, each feature alone
	.ci/check
