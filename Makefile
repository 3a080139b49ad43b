# The commands that a contributor needs. `make` lists them.
STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.7.0
MODULES     = . cmd contrib bench pairly
PACKAGES    = $(shell go list work)

.PHONY: help test race lint cross fuzz bench demo services

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

test: ## every module's tests
	go test work

race: ## the same under the race detector
	go test -race -short work

lint: ## formatting, vet, staticcheck, the root on its own
	@out=$$(gofmt -l .); [ -z "$$out" ] || { echo "gofmt would change:"; echo "$$out"; exit 1; }
	go vet work
	GOWORK=off go vet ./...
	$(STATICCHECK) $(PACKAGES)

cross: ## the library and its command compile for other systems
	GOOS=darwin go build . ./internal/... ./redact/... ./sink/... ./httplog/... ./cmd/...
	GOOS=windows go build . ./internal/... ./redact/... ./sink/... ./httplog/... ./cmd/...

fuzz: ## every fuzz target, five seconds each
	.ci/fuzz 5s

demo: ## Pairly with simulated users
	go run ./pairly/cmd/pairly --demo

services: ## a private PostgreSQL and Redis in /tmp/pairly-services; prints the variables that the tests read
	@.ci/services start /tmp/pairly-services
