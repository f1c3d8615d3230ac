# SPDX-License-Identifier: GPL-2.0-only
"""reading.py - what the tools print, as findings: columns of the store's tables finding and sighting.

Three things name findings: harness/finding/text.c's "ASSERTION FAILED: CLASS: ID" and "known: CLASS: ID: ..." lines,
the JSON of --json (harness/finding/export.c), and the sanitizers' own reports, which add stacks to the first two.
"""
import re

HEAD = re.compile(r"^ASSERTION FAILED: ([a-z-]+): (.*)$")
KNOWN = re.compile(r"^known: ([a-z-]+): (.*?): (.*)\)$")
FIELD = re.compile(r"^  (statement|source|facts|run|repeat) +(.*)$")
RUN = re.compile(r"core \S+ \((.*?)\), scenario .*?, seed (0x[0-9a-f]+)")
FRAME = re.compile(r"^ +#\d+ +(?:0x[0-9a-f]+ )?(?:in )?(\S+)(.*)$")
CORE = re.compile(r"^core \S+ \(([^)]*)\)")
PLACE = re.compile(r"^(\S+\.[chS]):\d+$")
COMPLAINT = re.compile(r"(WARN|BUG)[A-Z_]*\(|lockdep_|RCU_LOCKDEP")
ACCESS = re.compile(r"^  (?:Previous )?(?:[Aa]tomic )?(?:[Ww]rite|[Rr]ead)\b.* of size \d+ at 0x")
TSAN = re.compile(r"^WARNING: ThreadSanitizer: (.*?) \(pid=")
ASAN = re.compile(r"^==\d+==ERROR: AddressSanitizer: (\S+)")
DIFFERENCE = re.compile(r"^  (\S+) +\d+  (?!expected: )(.+)$")
FIRST = re.compile(r"^ +first: operation \d+, (\w+): ")
PROGRAM = re.compile(r"^---- (\S+): the program; ")
MMU = re.compile(r"/(arch/x86/kvm|virt/kvm)/")
INTERCEPTED = ("__tsan_", "__interceptor_", "__asan_", "__sanitizer")


def race_key(one, other):
    """Whoever came first: which of two accesses is the second one is chance."""
    return "race " + "|".join(sorted((one, other)))


def code_of(facts):
    """The source line that complained, which text.c puts behind what was said; lines move, it does not."""
    parts = facts.split(": ")
    for i, part in enumerate(parts):
        if COMPLAINT.search(part):
            return ": ".join(parts[i:]).rstrip(";")
    return parts[-1]


def key_of(kind, name, facts):
    """One key for what is one finding in all builds: without line numbers and addresses."""
    if kind == "data-race" and " / " in name:
        return race_key(*name.split(" / ", 1))
    place = PLACE.match(name)
    if place and facts:
        return f"{kind} {place[1]} {code_of(facts)}"
    return f"{kind} " + re.sub(r"0x[0-9a-f]+|\b[0-9]{4,}\b", "N", name)


def title_of(finding, facts):
    name = finding["name"]
    if finding["class"] == "data-race":
        return "data race: " + name.replace(" / ", " and ")
    if finding["class"] == "mmu-invariant":
        return f"{name}: {finding.get('statement') or ''}".rstrip(": ")
    if PLACE.match(name) and facts:
        return f"{name}: {code_of(facts)}"
    return f"{finding['class']}: {name}"


def finding_of(kind, name, text, facts=None, known=None):
    finding = {"class": kind, "name": name, "key": key_of(kind, name, facts), "known": int(known is not None),
               "text": text}
    if known is not None:
        finding["statement"] = known
    return finding


def read_block(lines):
    """One finding in full, from its line ASSERTION FAILED on; its first stack is that of whoever noticed."""
    kind, name = HEAD.match(lines[0]).groups()
    fields, stacks = {}, []
    for line in lines[1:]:
        field = FIELD.match(line)
        if field:
            fields[field[1]] = field[2]
        elif line.startswith("  stack"):
            stacks.append([])
        elif stacks and FRAME.match(line):
            stacks[-1].append(FRAME.match(line)[1])
        elif not line.startswith("  "):
            break
    finding = finding_of(kind, name, "\n".join(lines), fields.get("facts"))
    finding["statement"] = fields.get("statement")
    finding["source"] = fields.get("source")
    finding["command"] = fields.get("repeat")
    run = RUN.search(fields.get("run", ""))
    if run:
        finding["kernel"], finding["seed"] = run.groups()
    for column, stack in zip(("stack_first", "stack_second"), stacks):
        finding[column] = "\n".join(stack)
    finding["title"] = title_of(finding, fields.get("facts"))
    return finding


def is_balanced(text):
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0


def split_known(said):
    """(facts, reason) of "FACTS (REASON": both may have brackets of their own."""
    starts = [match.start() for match in re.finditer(r" \(", said)]
    ways = [(said[:start], said[start + 2:]) for start in starts
            if is_balanced(said[:start]) and is_balanced(said[start + 2:])]
    for facts, reason in ways:
        if COMPLAINT.search(facts):
            return facts, reason
    return ways[0] if ways else (said, "")


def read_known(line):
    kind, name, said = KNOWN.match(line).groups()
    facts, reason = split_known(said)
    finding = finding_of(kind, name, line, facts, reason)
    finding["title"] = title_of(finding, facts)
    return finding


def indented(lines, start):
    end = start + 1
    while end < len(lines) and lines[end].startswith("  "):
        end += 1
    return lines[start:end]


def frames_of(lines):
    """[(function, rest of the line)], down to the first line that is no frame."""
    frames = []
    for line in lines:
        frame = FRAME.match(line)
        if not frame:
            break
        frames.append((frame[1], frame[2]))
    return frames


def stack_text(frames):
    return "\n".join(re.sub(r" \(\S+\+0x[0-9a-f]+\).*$", "", function + rest) for function, rest in frames)


def innermost(frames):
    """As harness/finding/sanitizers.c has it."""
    return next((function for function, _ in frames if not function.startswith(INTERCEPTED)), "?")


def first_of_mmu(frames):
    return next((function for function, rest in frames if MMU.search(rest)), innermost(frames))


def read_tsan(lines):
    """A report of two accesses: (the sorted pair as text.c names it, finding).  None: it is about something else."""
    stacks = [frames_of(lines[i + 1:]) for i, line in enumerate(lines) if ACCESS.match(line)][:2]
    if len(stacks) < 2 or not stacks[0] or not stacks[1]:
        return None
    what = next(TSAN.match(line)[1] for line in lines if TSAN.match(line))
    pair = sorted(innermost(stack) for stack in stacks)
    finding = {"class": "data-race", "name": " / ".join(pair), "known": 0, "text": "\n".join(lines),
               "key": race_key(*(first_of_mmu(stack) for stack in stacks)),
               # The report begins with the access that came second.
               "stack_second": stack_text(stacks[0]), "stack_first": stack_text(stacks[1])}
    finding["title"] = f"{what}: {' and '.join(finding['key'][5:].split('|'))}"
    return finding


def sanitizer_reports(lines):
    """[lines] of each report of ThreadSanitizer's and AddressSanitizer's own."""
    start = None
    for i, line in enumerate(lines):
        if TSAN.match(line) or ASAN.match(line):
            start = i
        elif start is not None and line.startswith("SUMMARY: "):
            yield lines[start:i + 1]
            start = None


def read_sanitizers(lines, findings):
    """Adds the stacks to what has been found, and what only the sanitizer has told."""
    for report in sanitizer_reports(lines):
        if TSAN.match(report[0]):
            race = read_tsan(report)
            if race:
                findings[:] = [finding for finding in findings
                               if (finding["class"], finding["name"]) != ("data-race", race["name"])]
                findings.append(race)
            continue
        memory = [finding for finding in findings if finding["class"] == "memory"]
        if memory:
            memory[-1]["text"] += "\n" + "\n".join(report)
            continue
        frames = next((frames_of(report[i:]) for i, line in enumerate(report) if FRAME.match(line)), [])
        findings.append(finding_of("memory", first_of_mmu(frames), "\n".join(report)))
        findings[-1].update(title=f"{ASAN.match(report[0])[1]} in {first_of_mmu(frames)}",
                            stack_first=stack_text(frames))


def programs_in(text):
    """What fuzz targets print behind a finding (fuzzers/common/process.c)."""
    programs, lines = [], None
    for line in text.splitlines():
        if PROGRAM.match(line):
            lines = []
        elif line == "----" and lines is not None:
            programs.append("\n".join(lines) + "\n")
            lines = None
        elif lines is not None:
            lines.append(line)
    return programs


def differences(lines):
    """Where two cores come to something else (harness/compare/difference.c); what may be so is no finding."""
    for row, first in zip(lines, lines[1:]):
        if DIFFERENCE.match(row) and FIRST.match(first):
            what, why = DIFFERENCE.match(row).groups()
            name = f"{what} of {FIRST.match(first)[1]}"
            yield {**finding_of("difference", name, f"{row}\n{first}\n"), "statement": why,
                   "title": f"two cores differ: {name}"}


def read_output(text):
    """The findings in what a program printed, each kind once."""
    lines = text.replace("\r", "\n").splitlines()
    findings = []
    for i, line in enumerate(lines):
        if HEAD.match(line):
            findings.append(read_block(indented(lines, i)))
        elif KNOWN.match(line):
            findings.append(read_known(line))
    read_sanitizers(lines, findings)
    findings += differences(lines)
    kernel = next((CORE.match(line)[1] for line in lines if CORE.match(line)), None)
    once = {}
    for finding in findings:
        if kernel:
            finding.setdefault("kernel", kernel)
        once.setdefault(finding["key"], finding)
    return list(once.values())


def read_result(result, output=""):
    """The findings of a --json, with what @output, printed beside it, knows more of them."""
    told = {(finding["class"], finding["name"]): finding for finding in read_output(output)}
    findings = {}
    for row in result.get("findings", []):
        alone = read_output(row["text"])
        finding = told.pop((row["class"], row["id"]), None) or (alone[0] if alone else finding_of(
            row["class"], row["id"], row["text"], known=row.get("known")))
        finding.update({"count": row["count"], "known": int("known" in row)})
        finding.setdefault("kernel", result.get("kernel"))
        finding.setdefault("seed", result.get("seed_text"))
        finding.setdefault("title", title_of(finding, None))
        findings.setdefault(finding["key"], finding)
    for finding in told.values():
        findings.setdefault(finding["key"], finding)
    return list(findings.values())


def first_of_kvm(stack):
    """Of a stack of minimize --json, whose places are the last folder and the file."""
    return next((frame["function"] for frame in stack if frame["place"].startswith(("mmu/", "kvm/"))),
                stack[0]["function"])


def race_of(lanes):
    """What minimize --json says of a swap: columns; the key is the pair of first functions."""
    stacks = [lanes["first_stack"], lanes["second_stack"]]
    columns = {column: "\n".join(f"{frame['function']} {frame['place']}" for frame in stack)
               for column, stack in zip(("stack_first", "stack_second"), stacks)}
    if all(stacks):
        columns["key"] = race_key(*map(first_of_kvm, stacks))
    return columns
