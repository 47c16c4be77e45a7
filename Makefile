# The commands of this repository's own project, and those that check it. `make help` lists them.
# ENV, SERVICE, DATABASE_URL and SCYLLA_URL are passed on: `DATABASE_URL=sqlite:///tmp/x.db make migrate`.
.DEFAULT_GOAL := help
.PHONY: help migrate rollback redo status plan new fresh verify history services services-down test test-full test-bundled check bench bench-compile

CARGO ?= cargo
# Who runs on SQLite builds nothing for the other databases. What is in the environment goes over `.env`,
# as it does in the program.
url = $(if $(filter undefined,$(origin $(1))),$(shell sed -n "s/^$(1)=[\"']*//p" .env 2>/dev/null),$(value $(1)))
DATABASE := $(call url,DATABASE_URL)
SCYLLA := $(call url,SCYLLA_URL)
# Who has no libpq gets it built: `make migrate LIBPQ=bundled`.
FEATURES := $(addprefix --features ,\
  $(if $(filter postgres:% postgresql:%,$(DATABASE)),$(if $(filter bundled,$(LIBPQ)),bundled,postgres)) \
  $(if $(SCYLLA),scylla$(if $(findstring tls=true,$(SCYLLA))$(findstring tls_ca=,$(SCYLLA)),-tls)))
UPDOWN = $(CARGO) run --quiet --package migrations $(FEATURES) --

# Only what is typed behind `make` counts: a NAME in the environment means something else.
typed = $(if $(filter command,$(origin $(1))),$($(1)))
quoted = '$(subst ','\'',$(1))'
option = $(if $(call typed,$(1)),$(2) $(call quoted,$(call typed,$(1))))
switch = $(if $(filter 1 true yes,$(call typed,$(1))),$(2))
store = $(call option,STORE,--store)

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

migrate: ## apply what is pending (TO=name, STEP=2, DRY_RUN=1)
	@$(UPDOWN) migrate $(store) $(call option,TO,--to) $(call option,STEP,--step) $(call switch,DRY_RUN,--dry-run)

rollback: ## undo the last batch (STEP=2, BATCH=3, TO=name, NAME=name, ALL=1, DRY_RUN=1)
	@$(UPDOWN) rollback $(store) $(call option,STEP,--step) $(call option,BATCH,--batch) $(call option,TO,--to) $(call option,NAME,--name) $(call switch,ALL,--all) $(call switch,DRY_RUN,--dry-run)

redo: ## undo the last batch, and apply it again (STEP=2)
	@$(UPDOWN) redo $(store) $(call option,STEP,--step)

status: ## list the migrations, and how each stands
	@$(UPDOWN) status $(store)

plan: ## show what `make migrate` would do
	@$(UPDOWN) plan $(store)

new: ## write the next migration (NAME=add_user_avatar)
	@$(CARGO) run --quiet --package updown -- new $(call quoted,$(call typed,NAME)) $(store)

fresh: ## remove everything in the database, and migrate (development only)
	@$(UPDOWN) fresh $(store)

verify: ## compare what was applied with what is in the list
	@$(UPDOWN) verify $(store)

history: ## show every attempt: what, when, by whom
	@$(UPDOWN) history $(store)

services: ## start a PostgreSQL and a Cassandra to play with, and say what to type next
	@scripts/services up

services-down: ## end them, and remove their data
	@scripts/services down

test: ## run the tests
	.ci/test

test-full: ## run the tests, with all the long ones
	UPDOWN_TEST_FULL=1 .ci/test

test-bundled: ## run the tests on PostgreSQL with libpq and OpenSSL built from source (takes minutes)
	$(CARGO) test --package updown --features bundled --test suite -- postgres

bench: ## compare with what else there is, side by side (PART=sqlite, PART=postgres, PART=scylla)
	@. .ci/machine; features=; ! have_libpq || features=postgres; ! have_cassandra || features="$$features scylla"; \
	$(CARGO) run --release --quiet --package updown-bench --features "$$features" -- $(if $(call typed,PART),$(call quoted,$(call typed,PART)))

bench-compile: ## what a list of 1,000 modules costs to compile
	$(CARGO) run --release --quiet --package updown-bench -- compile

check: ## formatting, lints, documentation, each feature alone
	.ci/check
