# The commands of this repository's own project, and those that check it. `make help` lists them.
# The environment is passed on: `DATABASE_URL=sqlite:///tmp/x.db make migrate`.
.DEFAULT_GOAL := help
.PHONY: help migrate migrate-cockroachdb migrate-scylladb rollback redo status plan new fresh verify history services services-down test test-full test-bundled check bench bench-compile

CARGO ?= cargo
# Who runs on SQLite builds nothing for the other databases. Where a store is, the environment says before
# `.env.$ENV` and `.env` do, and a URL before the parts of one, as it is in the program: its URL, or `parts`. A URL in
# `updown.toml` is not seen here: `make migrate FEATURES='--features postgres'`.
in_file = $(if $(wildcard $(1)),$(shell sed -n "s/^\(export \)\{0,1\}$(2)=[\"']*//p" $(1)))
OWN := .env.$(or $(ENV),$(call in_file,.env,ENV))
dotenv = $(or $(call in_file,$(OWN),$(1)),$(call in_file,.env,$(1)))
place = $(if $(1),$(1),$(if $(2),parts))
at = $(if $(filter-out undefined,$(origin $(1)_URL))$(value $(2)_HOST),$(call place,$(value $(1)_URL),$(value $(2)_HOST)),$(call place,$(call dotenv,$(1)_URL),$(call dotenv,$(2)_HOST)))
DATABASE := $(call at,DATABASE,DB)
COCKROACH := $(call at,COCKROACH,COCKROACH)
SCYLLA := $(call at,SCYLLA,SCYLLA)
SSLMODE := $(or $(value SCYLLA_SSLMODE),$(call dotenv,SCYLLA_SSLMODE))
TLS := $(findstring tls=true,$(SCYLLA))$(findstring tls_ca=,$(SCYLLA))$(if $(filter parts,$(SCYLLA)),$(filter require verify%,$(SSLMODE)))
SQL := $(if $(filter parts postgres:% postgresql:% cockroach:% cockroachdb:%,$(DATABASE)),postgres) $(if $(COCKROACH),cockroach)
# Who has no libpq gets it built: `make migrate LIBPQ=bundled`.
FEATURES := $(addprefix --features ,$(SQL) $(if $(strip $(SQL)),$(filter bundled,$(LIBPQ))) $(if $(SCYLLA),$(if $(TLS),scylla-tls,scylla)))
UPDOWN = $(CARGO) run --quiet --package migrations $(FEATURES) --

# Only what is typed behind `make` counts: a NAME in the environment means something else.
typed = $(if $(filter command,$(origin $(1))),$($(1)))
quoted = '$(subst ','\'',$(1))'
option = $(if $(call typed,$(1)),$(2) $(call quoted,$(call typed,$(1))))
switch = $(if $(filter 1 true yes,$(call typed,$(1))),$(2))
store = $(call option,STORE,--store)

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up = $(call option,TO,--to) $(call option,STEP,--step) $(call switch,DRY_RUN,--dry-run)

migrate: ## apply what is pending (STORE=name, TO=name, STEP=2, DRY_RUN=1)
	@$(UPDOWN) migrate $(store) $(up)

migrate-cockroachdb: ## the same in the store `cockroachdb` alone
	@$(UPDOWN) migrate --store cockroachdb $(up)

migrate-scylladb: ## the same in the store `scylladb` alone
	@$(UPDOWN) migrate --store scylladb $(up)

rollback: ## undo the last batch (STEP=2, BATCH=3, TO=name, NAME=name, ALL=1, DRY_RUN=1)
	@$(UPDOWN) rollback $(store) $(call option,STEP,--step) $(call option,BATCH,--batch) $(call option,TO,--to) $(call option,NAME,--name) $(call switch,ALL,--all) $(call switch,DRY_RUN,--dry-run)

redo: ## undo the last batch, and apply it again (STEP=2)
	@$(UPDOWN) redo $(store) $(call option,STEP,--step)

status: ## list the migrations, and how each stands
	@$(UPDOWN) status $(store)

plan: ## show what `make migrate` would do
	@$(UPDOWN) plan $(store)

new: ## write the next migration (NAME=add_avatar_to_users, RAW=1 by hand)
	@$(CARGO) run --quiet --package updown -- new $(call quoted,$(call typed,NAME)) $(call switch,RAW,--raw) $(store)

fresh: ## remove everything in the database, and migrate (development only)
	@$(UPDOWN) fresh $(store)

verify: ## compare what was applied with what is in the list
	@$(UPDOWN) verify $(store)

history: ## show every attempt: what, when, by whom
	@$(UPDOWN) history $(store)

services: ## start servers to play with, and say what to type next
	@scripts/services up

services-down: ## end them, and remove their data
	@scripts/services down

test: ## run the tests
	.ci/test

test-full: ## run the tests, with all the long ones
	UPDOWN_TEST_FULL=1 .ci/test

test-bundled: ## run the tests on PostgreSQL with libpq and OpenSSL built from source (takes minutes)
	$(CARGO) test --package updown --features bundled --test suite -- postgres

bench: ## compare with what else there is, side by side (PART=sqlite, PART=postgres, PART=schema, PART=files, PART=scylla)
	@. .ci/machine; $(if $(filter-out schema files,$(call typed,PART)),,build_diesel_cli release && { build_golang_migrate || true; } &&) features=; ! have_libpq || features=postgres; ! have_cassandra || features="$$features scylla"; \
	$(CARGO) build --release --quiet --package updown-bench --package updown --features "$$features" && \
	$(CARGO) run --release --quiet --package updown-bench --bin updown-bench --features "$$features" -- $(if $(call typed,PART),$(call quoted,$(call typed,PART)))

bench-compile: ## what a list of 1,000 modules costs to compile
	$(CARGO) run --release --quiet --package updown-bench --bin updown-bench -- compile

check: ## formatting, lints, documentation, each feature alone
	.ci/check
