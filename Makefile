# The commands that a contributor needs. `make` lists them.
STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.7.0
MODULES     = . cmd contrib bench pairly
PACKAGES    = $(shell go list work)

RESULT      = bench/results/$(shell date -u +%Y-%m-%d)-$(shell sed -n 's/^model name.*: //p' /proc/cpuinfo 2>/dev/null | head -n 1 | tr -cs 'A-Za-z0-9\n' '-' | sed 's/-$$//')-$(shell go env GOVERSION).txt
SERVICE     = $(RESULT:.txt=-service.txt)
RUNS        = 10
BENCHTIME   = 0.2s

.PHONY: help test race lint cross fuzz bench bench-service bench-check torture demo services

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

bench: ## pairlog beside the rivals, ten interleaved runs; prints ratios beside the goals
	@mkdir -p bench/results && rm -f $(RESULT)
	cd bench && go test -c -o /tmp/pairlog-bench.test .
	@for i in $$(seq $(RUNS)); do echo "run $$i of $(RUNS)" >&2; \
		( cd bench && /tmp/pairlog-bench.test -test.run '^$$' -test.bench 'Log/|LogParallel/|Request|Quiet|LateAttr|SQL|Fingerprint|Redact/' -test.benchtime $(BENCHTIME) && \
		  /tmp/pairlog-bench.test -test.run '^$$' -test.bench 'Loopback' && \
		  /tmp/pairlog-bench.test -test.run '^$$' -test.bench 'File|Rotation' -test.benchtime 200000x ) >>$(RESULT) || exit 1; done
	@go run ./bench/ratio $(RESULT)

bench-service: ## what logging costs all of Pairly, in about ten minutes; CHECK=-check fails past a goal
	@mkdir -p bench/results
	@[ -n "$$PAIRLY_TEST_POSTGRES" ] && [ -n "$$PAIRLY_TEST_REDIS" ] || { echo 'PAIRLY_TEST_POSTGRES and PAIRLY_TEST_REDIS are not set: eval "$$(make services)"'; exit 1; }
	@go test -run '^$$' -bench Overhead -benchtime 1x -timeout 30m ./pairly/cmd/pairly >$(SERVICE) || { cat $(SERVICE); exit 1; }
	@go run ./bench/ratio -service $(CHECK) $(SERVICE)

bench-check: ## fails where the newest result is past a goal by more than its noise
	@go run ./bench/ratio -check $$(ls -t bench/results/*.txt | grep -v service | head -n 1)

torture: ## kill -9 a hundred times at random moments of writing, rotating, compressing and sealing
	PAIRLOG_TORTURE=100 go test -count=1 -v -timeout 30m -run Kill9 . ./sink

demo: ## Pairly with simulated users
	go run ./pairly/cmd/pairly --demo

services: ## a private PostgreSQL and Redis in /tmp/pairly-services; prints the variables that the tests read
	@.ci/services start /tmp/pairly-services
