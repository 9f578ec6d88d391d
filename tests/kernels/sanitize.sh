#!/usr/bin/env bash
# The kernels' tests on kernels built with AddressSanitizer and UndefinedBehaviorSanitizer:
#     bash tests/kernels/sanitize.sh
# Needs g++, cmake and the project's environment. The library in the source folder is another one
# meanwhile, and the old one afterwards. Takes a few minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
native=src/bital/kernels/native
build=$(mktemp -d)
python=$(uv run python -c "import sys; print(sys.executable)")

flags="-g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
cmake -S "$native" -B "$build" -DPython_EXECUTABLE="$python" -DCMAKE_CXX_FLAGS="$flags" >/dev/null
cmake --build "$build"
library=$(cd "$native" && ls kernels.so)
mv "$native/$library" "$build/before"
trap 'mv -f "$build/before" "$native/$library"; rm -rf "$build"' EXIT
cp "$build/$library" "$native"

# Python itself leaks; nothing else is let pass.
export ASAN_OPTIONS=detect_leaks=0,protect_shadow_gap=0 KERAS_BACKEND=jax
preload="$(g++ -print-file-name=libasan.so):$(g++ -print-file-name=libstdc++.so)"
LD_PRELOAD=$preload "$python" -m pytest tests/kernels/test_conv_block.py -k "not memory" "$@"
