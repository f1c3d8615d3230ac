# SPDX-License-Identifier: GPL-2.0-only
"""Reading what the tools print; the samples are what they did print, shortened."""
import unittest

from mmutorture_reports import reading

BLOCK = """\
seed 1
core kvm (Linux 6.12.107), flavour dev
ASSERTION FAILED: mmu-invariant: Z8
  statement  a page that went back to the host is in no entry and no translation
  source     spec.md I-Z8; include/linux/mmu_notifier.h
  facts      the page has gone back to the host: vCPU 1, gpa 0x400000, access 0x2 reached pfn 0x322
  run        core kvm (Linux 6.12.107), scenario explore, seed 0x1, cpu 4 "stream 1"
  repeat     mmutorture replay f.mmut
  stack
    #0  0x2e4470 report+0x170
    #1  0x2e3f9e oracle_check_access+0xce
mmu-invariant Z8 after 3 schedules, in one of 971 points and 11 decisions: f.mmut
"""
WARN = """\
ASSERTION FAILED: kernel-warn: arch/x86/kvm/mmu/mmu.c:{line}
  statement  the core's own WARN_ON() conditions never hold
  facts      WARN_ON: if (WARN_ON_ONCE(a ? b : c))
"""
KNOWN = ("known: kernel-warn: arch/x86/kvm/mmu/mmu.c:7534: WARN_ON_ONCE(!slot); (deleting a slot by zapping its leafs "
         "only leaves its NX-split tables (and more))\n")
BREACH = ("known: mmu-invariant: D1 ring-initially-set: slot 0:0 page 0x0 (gfn 0x0) was written at 7; the log is a "
          "ring (a ring has no bits to set (or to clear))\n")
DIFFER = """\
47 operations on kvm and on reference
  result            1  an operation returns something else; spec.md 8 says what is right
               first: operation 27, pages_limit: -5 and 0
  errno             2  expected: both refuse, with errnos that refusals.def allows both of
               first: operation 22, prefault: -4 and -133
they differ
"""
MEMORY = "ASSERTION FAILED: memory: page 0x{page} is freed with order 1, but it is free\n  statement  s\n"
TSAN = """\
==================
WARNING: ThreadSanitizer: data race (pid=5171)
  Write of size 8 at 0x000551004008 by thread T7 (mutexes: write M0):
    #0 __tsan_atomic64_store <null> (mmutorture+0x2a2b)
    #1 {second} /root/kernels/6.12/arch/x86/kvm/mmu/tdp_mmu.c:123:9 (mmutorture+0x2a2c)
    #2 thread_main /r/mmu_core/host/threads/cpu.c:93:3 (mmutorture+0x2a2d)

  Previous read of size 8 at 0x000551004008 by thread T5:
    #0 memcpy_of_ours /r/mmu_core/kvm/shim/uaccess.c:7:2 (mmutorture+0x2b2b)
    #1 {first} /root/kernels/6.12/virt/kvm/kvm_main.c:77:3 (mmutorture+0x2b2c)

  Location is global 'x' of size 8 at 0x000000000001 (mmutorture+0x1)

SUMMARY: ThreadSanitizer: data race /r/mmu_core/kvm/shim/uaccess.c:7:2 in memcpy_of_ours
==================
ASSERTION FAILED: data-race: {id} / memcpy_of_ours
  statement  accesses of two threads to the same memory are marked or ordered
  facts      data race in {id} / memcpy_of_ours; the sanitizer's own report is above or below
"""
ASAN = """\
ASSERTION FAILED: memory: kvm_free_one
  statement  the core touches only memory that it owns
=================================================================
==4242==ERROR: AddressSanitizer: heap-use-after-free on address 0x502000000010 at pc 0x1 bp 0x2 sp 0x3
READ of size 8 at 0x502000000010 thread T0
    #0 0x55d0 in kvm_free_one /root/kernels/6.12/virt/kvm/kvm_main.c:99:1
SUMMARY: AddressSanitizer: heap-use-after-free /root/kernels/6.12/virt/kvm/kvm_main.c:99:1 in kvm_free_one
"""
PROGRAM = """\
---- fuzz_program: the program; `mmutorture run` repeats it
mmut 1

thread 0
----
==1== ERROR: libFuzzer
"""


class ReadingTest(unittest.TestCase):
    def only(self, text):
        findings = reading.read_output(text)
        self.assertEqual(len(findings), 1, findings)
        return findings[0]

    def test_an_invariant_with_all_that_is_said_of_it(self):
        finding = self.only(BLOCK)
        self.assertEqual(finding["key"], "mmu-invariant Z8")
        self.assertEqual((finding["kernel"], finding["seed"]), ("Linux 6.12.107", "0x1"))
        self.assertEqual(finding["source"], "spec.md I-Z8; include/linux/mmu_notifier.h")
        self.assertEqual(finding["command"], "mmutorture replay f.mmut")
        self.assertEqual(finding["stack_first"], "report+0x170\noracle_check_access+0xce")
        self.assertNotIn("after 3 schedules", finding["text"])
        self.assertEqual(finding["known"], 0)

    def test_what_two_cores_differ_in(self):
        finding = self.only(DIFFER)
        self.assertEqual((finding["class"], finding["name"]), ("difference", "result of pages_limit"))
        self.assertEqual(finding["statement"], "an operation returns something else; spec.md 8 says what is right")
        self.assertEqual(finding["known"], 0)
        self.assertEqual(reading.read_output(DIFFER.replace("  an op", "  expected: an op")), [])

    def test_lines_of_the_source_may_move(self):
        keys = {self.only(WARN.format(line=line))["key"] for line in (10, 7534)}
        self.assertEqual(keys, {"kernel-warn arch/x86/kvm/mmu/mmu.c if (WARN_ON_ONCE(a ? b : c))"})

    def test_known_and_new_have_one_key(self):
        finding = self.only(KNOWN)
        self.assertEqual(finding["known"], 1)
        self.assertEqual(finding["key"], "kernel-warn arch/x86/kvm/mmu/mmu.c WARN_ON_ONCE(!slot)")
        self.assertTrue(finding["statement"].startswith("deleting a slot"))
        self.assertEqual(self.only(BREACH)["statement"], "a ring has no bits to set (or to clear)")

    def test_addresses_are_no_part_of_a_key(self):
        self.assertEqual(len({self.only(MEMORY.format(page=page))["key"] for page in ("1f", "2e")}), 1)

    def test_a_race_is_the_same_whoever_was_second(self):
        pair = ("kvm_arm", "kvm_zap")
        keys = set()
        for first, second in (pair, pair[::-1]):
            finding = self.only(TSAN.format(first=first, second=second, id=second))
            keys.add(finding["key"])
            self.assertTrue(finding["stack_first"].startswith("memcpy_of_ours"))
            self.assertIn(f"\n{first} /root/kernels/6.12/virt/kvm/kvm_main.c:77:3", finding["stack_first"])
            self.assertIn(f"\n{second} /root", finding["stack_second"])
        self.assertEqual(keys, {"race kvm_arm|kvm_zap"})

    def test_a_sanitizers_report_stands_with_the_finding(self):
        finding = self.only(ASAN)
        self.assertEqual(finding["key"], "memory kvm_free_one")
        self.assertIn("heap-use-after-free", finding["text"])
        alone = self.only(ASAN[ASAN.index("====="):])
        self.assertEqual(alone["key"], "memory kvm_free_one")
        self.assertEqual(alone["title"], "heap-use-after-free in kvm_free_one")

    def test_counts_and_known_are_of_the_json(self):
        result = {"seed_text": "7", "kernel": "Linux 6.12", "findings": [
            {"class": "mmu-invariant", "id": "Z8", "count": 5, "text": BLOCK[BLOCK.index("ASS"):]},
            {"class": "kernel-warn", "id": "arch/x86/kvm/mmu/mmu.c:7534", "count": 2, "known": "r", "text": KNOWN}]}
        findings = {finding["key"]: finding for finding in reading.read_result(result, BLOCK + KNOWN)}
        self.assertEqual(len(findings), 2)
        self.assertEqual(findings["mmu-invariant Z8"]["count"], 5)
        self.assertEqual(findings["kernel-warn arch/x86/kvm/mmu/mmu.c WARN_ON_ONCE(!slot)"]["known"], 1)

    def test_what_the_json_does_not_have_counts_too(self):
        keys = [finding["key"] for finding in reading.read_result({"findings": []}, ASAN)]
        self.assertEqual(keys, ["memory kvm_free_one"])

    def test_programs_of_fuzz_targets(self):
        self.assertEqual(reading.programs_in("x\n" + PROGRAM + PROGRAM), ["mmut 1\n\nthread 0\n"] * 2)
        self.assertEqual(reading.programs_in(PROGRAM[:60]), [])

    def test_a_swap_is_of_the_mmus_functions(self):
        def frame(function, place):
            return {"function": function, "place": place}
        first = [frame("page_dropped", "harness/model.c:3"), frame("kvm_unmap_gfn_range", "mmu/mmu.c:9")]
        second = [frame("kvm_tdp_page_fault", "mmu/mmu.c:4702"), frame("kvm_vcpu_ioctl", "kvm/kvm_main.c:1")]
        columns = reading.race_of({"first_stack": first, "second_stack": second})
        self.assertEqual(columns["key"], "race kvm_tdp_page_fault|kvm_unmap_gfn_range")
        self.assertEqual(columns["stack_first"].splitlines()[0], "page_dropped harness/model.c:3")
        self.assertNotIn("key", reading.race_of({"first_stack": [], "second_stack": second}))

    def test_nothing_is_nothing(self):
        self.assertEqual(reading.read_output("seed 1\nno findings\n"), [])


if __name__ == "__main__":
    unittest.main()
