-- SPDX-License-Identifier: GPL-2.0-only
--
-- schema.sql - findings.db of a state directory: what nights did and what they found.  Version 1 (PRAGMA user_version).
--
-- Units: times are ISO 8601 UTC text ("2026-11-21T02:10:00Z"), durations in seconds, flags 0 or 1.  Paths are relative
-- to the state directory.  NULL: not known, or does not apply.  Written by mmutorture_reports/store.py only.

-- One row for each ci/nightly, and one for a run of a stage on its own (ci/check-series, a merge of other states).
CREATE TABLE night (
	id        INTEGER PRIMARY KEY,
	started   TEXT NOT NULL,
	ended     TEXT,                 -- NULL while it runs, or when it was killed and has not been taken up again
	state     TEXT NOT NULL CHECK (state IN ('running', 'finished', 'interrupted', 'full')), -- full: the disk
	seed      INTEGER NOT NULL,     -- all seeds of its stages follow from it
	cores     INTEGER,              -- how many stages' worth of processors it may use
	budget_s  INTEGER,              -- for all stages together
	host      TEXT,                 -- uname's node name
	version   TEXT,                 -- git describe of mmutorture
	options   TEXT                  -- JSON of the command line: a night that is taken up again goes on with these
);

-- A piece of a night.  The plan is made at its start, so that what was not reached is to be seen.
CREATE TABLE stage (
	id        INTEGER PRIMARY KEY,
	night_id  INTEGER NOT NULL REFERENCES night,
	name      TEXT NOT NULL,        -- "stress everything asan 6.12"; once a night
	kind      TEXT NOT NULL,        -- build stress explore libfuzzer afl merge minimize regressions coverage
	                                -- canary report
	subject   TEXT,                 -- a scenario, a fuzz target, a planted bug
	kernel    TEXT,                 -- base name of the tree
	flavour   TEXT,                 -- a preset: dev asan tsan tsan-fibres fuzz afl coverage
	started   TEXT,                 -- of the last attempt
	ended     TEXT,
	budget_s  INTEGER,
	exit_code INTEGER,              -- of its program; negative: the signal that ended it
	outcome   TEXT NOT NULL CHECK (outcome IN
	          ('planned', 'running', 'clean', 'findings', 'failed', 'skipped', 'cut')), -- cut: by its limit
	why       TEXT,                 -- one line for failed, skipped and cut
	log       TEXT,                 -- what its program printed
	attempts  INTEGER NOT NULL DEFAULT 0, -- more than 1: the night was killed while it ran
	UNIQUE (night_id, name)
);

-- A distinct finding.  Of those that look alike (same key) the newest sighting says kernel, commit and texts; program,
-- twin, lanes and stacks come from minimising and stay.
CREATE TABLE finding (
	id           INTEGER PRIMARY KEY,
	key          TEXT NOT NULL UNIQUE, -- "mmu-invariant T1", or "race FUNCTION|FUNCTION", sorted: whoever came
	                                   -- first
	class        TEXT NOT NULL,        -- enum finding_class as text: mmu-invariant, warn, data-race, lockdep,
	                                   -- stall ...
	name         TEXT NOT NULL,        -- the finding's id in its class: "T1", "D1 frame-at-word-end", "file.c:123"
	title        TEXT,                 -- one line for people
	statement    TEXT,                 -- what should have been true
	source       TEXT,                 -- who says so: specification, kernel file
	first_night  INTEGER,
	last_night   INTEGER,
	first_seen   TEXT,
	last_seen    TEXT,
	kernel       TEXT,                 -- "Linux 6.12.107"
	commit_id    TEXT,                 -- of the kernel tree where it is under git
	known        INTEGER NOT NULL DEFAULT 0, -- harness/finding/known.def has it
	count        INTEGER NOT NULL DEFAULT 0, -- the sum of its sightings' counts
	replayed     INTEGER,              -- replays of program that showed it,
	replays      INTEGER,              -- of so many
	program      TEXT,                 -- the smallest so far, .mmut
	twin         TEXT,                 -- the same with the critical operations in the other order: shows nothing,
	                                   -- .mmut
	lanes        TEXT,                 -- JSON of minimize --json
	stack_first  TEXT,                 -- of the access or step that came first, a frame a line
	stack_second TEXT,
	command      TEXT                  -- repeats it
);

-- Each time that a stage came back with it.
CREATE TABLE sighting (
	id         INTEGER PRIMARY KEY,
	finding_id INTEGER NOT NULL REFERENCES finding,
	night_id   INTEGER NOT NULL REFERENCES night,
	stage_id   INTEGER REFERENCES stage,
	at         TEXT,
	seed       TEXT,                  -- as the program prints it, "0x1"
	text       TEXT,                  -- the report
	input      BLOB,                  -- a program, text or bytes, that showed it
	count      INTEGER NOT NULL DEFAULT 1, -- how often that stage saw it
	origin     TEXT NOT NULL UNIQUE,  -- file under the state directory and place in it: reading it twice adds
	                                  -- nothing
	minimized  INTEGER NOT NULL DEFAULT 0 -- input has been minimised, or tried to be
);

-- A number that a stage (or the night: stage_id NULL) came to; of a stage taken up again, the last.
CREATE TABLE figure (
	night_id INTEGER NOT NULL REFERENCES night,
	stage_id INTEGER REFERENCES stage,
	name     TEXT NOT NULL,           -- schedules programs lives accesses audits corpus edges findings ...
	value    REAL NOT NULL,
	unit     TEXT,                    -- NULL: a count; "s", "1/s", "B"
	UNIQUE (night_id, stage_id, name)
);

-- What of the MMU's files a night's corpora reach.  A row with function NULL is the whole file.
CREATE TABLE coverage (
	night_id     INTEGER NOT NULL REFERENCES night,
	kernel       TEXT,
	file         TEXT NOT NULL,       -- in the kernel tree: arch/x86/kvm/mmu/mmu.c
	function     TEXT,
	line         INTEGER,             -- where the function begins
	lines        INTEGER,
	lines_hit    INTEGER,
	branches     INTEGER,
	branches_hit INTEGER
);

-- The newest night's lines; older ones are taken out.
CREATE TABLE coverage_line (
	kernel TEXT,
	file   TEXT,
	line   INTEGER,
	count  INTEGER,                   -- NULL: no code
	text   TEXT                       -- from the tree, at run time
);

CREATE TABLE invariant (
	night_id      INTEGER NOT NULL REFERENCES night,
	tag           TEXT NOT NULL,      -- row of harness/invariants.def, "T1"
	statement     TEXT,
	checked       INTEGER,            -- how often in that night
	saboteur_seen TEXT,               -- when it was last seen to fail on purpose
	UNIQUE (night_id, tag)
);

-- Moments in which a race needs another CPU (harness/schedule/windows.def).
CREATE TABLE race_window (
	night_id  INTEGER NOT NULL REFERENCES night,
	name      TEXT NOT NULL,
	schedules INTEGER,                -- that were looked at
	reached   INTEGER,                -- of those, that came into it
	UNIQUE (night_id, name)
);

-- Planted bugs: what a rig that works has to find.
CREATE TABLE canary (
	night_id INTEGER NOT NULL REFERENCES night,
	bug      TEXT NOT NULL,           -- tests/planted
	found    INTEGER,
	at       TEXT,
	seconds  REAL,                    -- it took
	UNIQUE (night_id, bug)
);

CREATE INDEX sighting_by_finding ON sighting (finding_id);
CREATE INDEX coverage_by_night ON coverage (night_id);
