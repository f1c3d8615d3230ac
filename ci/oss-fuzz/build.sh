#!/bin/bash -eu
# SPDX-License-Identifier: GPL-2.0-only
#
# build.sh - builds the fuzz targets as OSS-Fuzz and ClusterFuzzLite ask: compilers, flags, sanitizer and engine come
# from the environment ($CC $CXX $CFLAGS $CXXFLAGS $LIB_FUZZING_ENGINE $SANITIZER), and all that is needed at run time
# goes to $OUT: targets, seeds, dictionaries, options.  $SRC/mmutorture is this repository, $SRC/linux (or $KVM_SOURCE)
# the kernel tree; $WORK is for what is left over.

source=$SRC/mmutorture
build=$WORK/mmutorture-$SANITIZER
# Schedules make ten times of a byte; longer inputs are not what finds.
max_len=16384

cmake -G Ninja -S "$source" -B "$build" -DMMUTORTURE_FLAVOUR=oss-fuzz -DKVM_SOURCE="${KVM_SOURCE:-$SRC/linux}" \
	-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld
cmake --build "$build" --target fuzzers mmutorture ${BUILD_JOBS:+-j "$BUILD_JOBS"}
"$build/mmutorture" generate --dictionary >"$WORK/mmutorture.dict"

for target in "$build"/fuzzers/fuzz_*; do
	name=$(basename "$target")
	# Made for planted bugs: on a kernel without them it has nothing to say.
	[ -f "$target" ] && [ "$name" != fuzz_canary ] || continue
	cp "$target" "$OUT/$name"
	rm -f "$OUT/${name}_seed_corpus.zip"
	zip -q -j "$OUT/${name}_seed_corpus.zip" "$source/corpora/${name#fuzz_}"/*.mmut
	cp "$WORK/mmutorture.dict" "$OUT/$name.dict"
	printf '[libfuzzer]\ndict = %s.dict\nmax_len = %s\n' "$name" "$max_len" >"$OUT/$name.options"
done
