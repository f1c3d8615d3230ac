# SPDX-License-Identifier: GPL-2.0-only
"""trees.py - what git knows of a kernel tree."""
import subprocess

# What of a tree is compiled, with the headers that it includes.
OURS = ("arch/x86/kvm", "virt/kvm", "arch/x86/include", "include", "lib")


def git(tree, *words):
    return subprocess.run(["git", "-C", tree, *words], capture_output=True, text=True, check=False)


def commit_of(tree):
    """None where the tree is not the top of a repository of its own."""
    top = git(tree, "rev-parse", "--show-toplevel", "HEAD")
    if top.returncode or top.stdout.splitlines()[0] != str(tree.resolve()):
        return None
    return top.stdout.splitlines()[1][:12]


def left_out(tree, since):
    """Why a tree has no part in the night; None: it has."""
    if not since:
        return None
    if not commit_of(tree):
        return f"--since: {tree} is not under git"
    changed = git(tree, "diff", "--quiet", since, "--", *OURS)
    if changed.returncode == 1:
        return None
    return changed.stderr.strip().splitlines()[0] if changed.returncode else f"KVM is as it was at {since}"
