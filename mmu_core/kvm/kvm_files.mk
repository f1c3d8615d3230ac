# SPDX-License-Identifier: GPL-2.0-only
# Prints the files of kvm.ko as the tree's own Makefile lists them: make -f kvm_files.mk SRC=tree O=build
all: ;
srctree := $(SRC)
src := $(SRC)/arch/x86/kvm
obj := .
include $(O)/include/config/auto.conf
include $(SRC)/arch/x86/kvm/Makefile
$(info $(kvm-y))
