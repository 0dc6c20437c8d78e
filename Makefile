# Developer's shortcuts. CI runs .ci/run, which needs none of them.
export CGO_ENABLED = 0
FUZZTIME ?= 30s
GOALS ?= 1000000,10000000

.PHONY: help build test race lint fuzz fuzz-long bench bench-store bench-peers bench-ui pgo kills flood faults torture pictures golden services clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' Makefile

build: ## build the static binary ./weir
	go build -trimpath -o weir .

test: ## run all tests
	go test ./...

race: ## test the packages with goroutines under the race detector
	.ci/race

lint: ## run golangci-lint with .golangci.yml, go vet included
	.ci/lint

fuzz: ## run every fuzz target for FUZZTIME
	.ci/fuzz $(FUZZTIME)

MUTATIONS ?= 100000000
fuzz-long: ## test MUTATIONS damaged frames and a tenth as many sequences of them, at low priority
	nice -n 19 go test -count=1 -timeout 0 -v -run TestDamagedFrames ./decode -mutations $(MUTATIONS) -mutation-seed $$(date +%s)
	nice -n 19 go test -count=1 -timeout 0 -v -run TestSequencesOfDamagedFrames ./meter -mutations $$(($(MUTATIONS) / 10)) -mutation-seed $$(date +%s)

bench: bench-store ## all benchmarks, built with default.pgo like weir; compare ratios, as machines differ
	go test -pgo=$(CURDIR)/default.pgo -run '^$$' -bench . -benchmem ./...

bench-store: ## measure the store against its goals, with GOALS flows: takes minutes and 2 GB in TMPDIR
	go test ./db -run '^TestGoals$$' -count 1 -v -timeout 2h -goals $(GOALS)

PROFILES = dist/pgo
pgo: ## regenerate default.pgo from profiles of reading files and of the store
	mkdir -p $(PROFILES)
	go test -trimpath -run '^$$' -bench BenchmarkFile -benchtime 3x -cpuprofile $(PROFILES)/meter.prof -o $(PROFILES)/meter.test ./meter -alone
	go test -trimpath -run '^$$' -bench 'Insert|Update|Query' -cpuprofile $(PROFILES)/db.prof -o $(PROFILES)/db.test ./db
	go tool pprof -proto $(PROFILES)/meter.prof $(PROFILES)/db.prof > default.pgo
	rm -r $(PROFILES)

kills: ## kill the writing process a thousand times
	go test ./db -run '^TestNothingAcknowledgedIsLostToAKill$$' -count 1 -v -timeout 1h -kills 1000

torture: ## flip 300 bits in a store, truncate it 40 times, and check for wrong answers without an error; kills; floods (root)
	go test ./db -run 'Flip|Truncation|Sector' -count 1 -v -timeout 1h -flips 300 -truncations 40 -torn-seed $$(date +%s)
	go test ./db -run '^TestNothingAcknowledgedIsLostToAKill$$' -count 1 -v -timeout 1h -kills 200
	go test ./cli -run '^TestAKillLosesNoOldFlow$$' -count 1 -v -timeout 1h -live-kills 200
	$(MAKE) flood

flood: ## flood a capture, and one with a full disk, and check that all flows are stored or counted as lost (root)
	bench/flood.sh
	bench/flood.sh -full

faults: ## inject errors of system calls into a capture and a search, and check that nothing is lost unsaid (root, strace; 6 minutes)
	bench/faults.sh

bench-peers: ## compare weir with the flow tools of Debian
	bench/compare.sh

bench-ui: ## measure the screen against its budgets
	go test ./tui -run '^TestBudgets$$|^TestANewRowCostsFewBytes$$' -count 1 -v -budgets

pictures: ## make the pictures of the documentation; needs tmux, chromium, fonts-dejavu-core
	docs/pictures/make.sh

golden: ## update the screens' golden files and the README's key table
	go test ./cli ./tui ./tui/dialog ./tui/form ./tui/plain -update

services: ## regenerate meter/services.txt from REGISTRY, a copy of IANA's service-names-port-numbers.csv
	go test ./meter -run '^TestServicesAreReadFromTheRegistry$$' -count 1 -registry $(abspath $(REGISTRY))

clean:
	rm -rf weir dist
