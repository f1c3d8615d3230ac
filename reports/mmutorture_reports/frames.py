# SPDX-License-Identifier: GPL-2.0-only
"""frames.py - a stack as text, in the words of ThreadSanitizer, of our own reports or of minimize, as frames."""
import re

# "#3 kvm_tdp_page_fault /tree/arch/x86/kvm/mmu/mmu.c:4736:10 (mmutorture+0x3e2f75)"
SANITIZER = re.compile(r"^#\d+\s+(?:0x[0-9a-f]+ in )?(\S+)\s+(\S+?):(\d+)(?::\d+)?(?:\s+\(.*)?$")
# "#0  0x2e4890 enter+0x43e", "kvm_tdp_page_fault  mmu/mmu.c:4702"
OWN = re.compile(r"^(?:#\d+\s+)?(?:0x[0-9a-f]+\s+)?([A-Za-z_][\w.]*)"
                 r"(?:\+0x[0-9a-f]+)?(?:\s+(\S+?):(\d+)(?::\d+)?)?(?:\s.*)?$")
TREE = re.compile(r"(?:^|.*/)((?:arch|virt|include|lib|kernel|mm|mmu_core|harness|stress|fuzzers|cli)/.*)$")
KERNEL = ("arch/", "virt/", "include/", "lib/", "kernel/", "mm/")


def parse_stack(text):
    """[{"function", "file", "line"}], innermost first; what is no frame is left out."""
    found = (parse_frame(line) for line in text.splitlines())
    return [frame for frame in found if frame]


def parse_frame(line):
    match = SANITIZER.match(line.strip()) or OWN.match(line.strip())
    if not match:
        return None
    file = match[2]
    return {"function": match[1], "file": below_tree(file) if file else None,
            "line": int(match[3]) if match[3] else None}


def below_tree(path):
    match = TREE.match(path)
    return match[1] if match else path


def is_kernel(frame):
    return bool(frame["file"]) and frame["file"].startswith(KERNEL)


# Where headers and files lie that minimize calls by the last two parts of their paths.
FOLDERS = (("mmu/", "arch/x86/kvm/mmu/"), ("linux/", "include/linux/"), ("kvm/kvm_main.c", "virt/kvm/kvm_main.c"),
           ("kvm/guest_memfd.c", "virt/kvm/guest_memfd.c"), ("kvm/dirty_ring.c", "virt/kvm/dirty_ring.c"),
           ("kvm/pfncache.c", "virt/kvm/pfncache.c"), ("kvm/", "arch/x86/kvm/"))


def in_tree(file):
    """The path in the kernel tree; of a file that is not the kernel's, as it is called."""
    return next((folder + file[len(short):] for short, folder in FOLDERS if file.startswith(short)), file)


def place(frame):
    """"arch/x86/kvm/mmu/mmu.c:4702", or nothing."""
    if not frame["file"]:
        return ""
    return f"{frame['file']}:{frame['line']}" if frame["line"] else frame["file"]


def lanes_frame(point):
    """A point, or a frame, of minimize --json, as a frame of ours."""
    file, _, line = point["place"].rpartition(":")
    return {"function": point["function"], "file": in_tree(file) if file else None,
            "line": int(line) if line.isdigit() and int(line) else None}


def lanes_stacks(race):
    return [[lanes_frame(frame) for frame in race[stack]] for stack in ("first_stack", "second_stack")]


def first_kernel(stack):
    """The frame that a stack is known by: the innermost one of the kernel's."""
    return next((frame for frame in stack if is_kernel(frame)), stack[0] if stack else None)
