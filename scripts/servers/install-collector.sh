#!/usr/bin/env bash
# Builds what `npm run test:logs` needs into the cache, once (Apache-2.0, tests only; some 320 s of one core, so CI does without):
# VictoriaLogs, which takes logs by OTLP and answers by HTTP, and a collector of the parts that deploy/collector/logs.yaml uses.
set -euo pipefail
cd "$(dirname "$0")/../.."

cache="$PWD/node_modules/.cache/zjmall"
if ! [ -x "$cache/victoria-logs/victoria-logs" ]; then
	mkdir -p "$cache/victoria-logs/module"
	cd "$cache/victoria-logs/module"
	[ -f go.mod ] || go mod init victoria-logs-for-tests
	go get -tool github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs@v1.52.1
	go build -p 1 -o ../victoria-logs github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs
	cd - >/dev/null
fi
if ! [ -x "$cache/collector/collector" ]; then
	mkdir -p "$cache/collector/module"
	cp scripts/servers/collector/main.go "$cache/collector/module/"
	cd "$cache/collector/module"
	[ -f go.mod ] || go mod init collector-for-tests
	go get go.opentelemetry.io/collector/{otelcol,processor/batchprocessor,exporter/otlphttpexporter}@v0.165.0 \
		github.com/open-telemetry/opentelemetry-collector-contrib/{receiver/filelogreceiver,extension/storage/filestorage}@v0.165.1
	go mod tidy
	go build -p 1 -o ../collector .
fi
