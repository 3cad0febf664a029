#!/usr/bin/env bash
# Renders the manifests and checks them against the schemas of Kubernetes, without a cluster. Needs kubectl or kustomize, and Python.
set -euo pipefail
cd "$(dirname "$0")/.."

if command -v kustomize >/dev/null; then render=(kustomize build)
elif command -v kubectl >/dev/null; then render=(kubectl kustomize)
else
	echo "需要 kubectl 或 kustomize / kubectl or kustomize is needed"
	exit 1
fi
cache=node_modules/.cache/zjmall/kubernetes-validate
if [ ! -x "$cache/bin/kubernetes-validate" ]; then
	python3 -m venv "$cache"
	"$cache/bin/pip" install --quiet kubernetes-validate==1.37.0
fi
rendered=$(mktemp)
trap 'rm -f "$rendered"' EXIT
for folder in base production; do
	"${render[@]}" "deploy/kubernetes/$folder" >"$rendered"
	"$cache/bin/kubernetes-validate" --strict -k 1.34 "$rendered"
done
