// SPDX-License-Identifier: GPL-2.0-only
/* sides.c - see sides.h. */
#include "cli/sides.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/words.h"
#include "harness/finding/finding.h"
#include "harness/run/boot.h"
#include "stress/machine.h"

/* --------------------------------------------------------------------------------------------------- the processes */

struct process {
	pid_t id;
	FILE *stream;
};

static int observe(const struct side *side, const struct program *program, uint64_t seed, int out)
{
	const struct host_config host = { .seed = seed };
	FILE *stream = fdopen(out, "w");
	int error;

	if (!machine_plant(side->core, side->plant, "mmutorture"))
		return EXIT_USAGE;
	error = core_boot(side->core, &host, &side->config);
	if (!error && stream)
		error = compare_observe(side->core, &side->config, program, stream);
	if (finding_any())
		return EXIT_FINDING;
	return !error ? EXIT_OK : error == -EINVAL || error == -EOPNOTSUPP ? EXIT_SKIPPED : EXIT_HARNESS;
}

static struct process begin(const struct sides *sides, const struct side *side, const struct program *program)
{
	struct process process;
	pid_t parent = getpid();
	int ends[2];

	HOST_ASSERT(!pipe(ends));
	process.id = fork();
	HOST_ASSERT(process.id >= 0);
	if (!process.id) {
		close(ends[0]);
		if (sides->limit_seconds) {
			child_begin_quietly(parent);
			alarm(sides->limit_seconds);
		}
		_exit(observe(side, program, sides->seed, ends[1]));
	}
	close(ends[1]);
	process.stream = fdopen(ends[0], "r");
	HOST_ASSERT(process.stream);
	return process;
}

static int end(const struct process *process)
{
	fclose(process->stream);
	return child_wait(process->id);
}

/* ------------------------------------------------------------------------------------------------------- the sides */

static void set_machine(struct side *side, const struct program *program, bool other_paging)
{
	struct mmu_core_config *config = &side->config;

	program_machine(program, config);
	if (other_paging) {
		config->paging = config->paging == MMU_PAGING_EPT ? MMU_PAGING_NPT : MMU_PAGING_EPT;
		config->accessed_dirty |= config->paging == MMU_PAGING_NPT;
		config->pml = false;
	}
	snprintf(side->name, sizeof(side->name), "%s (%s)", side->core->name,
		 config->paging == MMU_PAGING_EPT ? "EPT" : "NPT");
}

void sides_compare(struct sides *sides, const struct program *program, struct comparison *comparison)
{
	struct process process[2];

	for (unsigned int i = 0; i < 2; i++) {
		set_machine(&sides->side[i], program, i == 1 && sides->other_paging);
		process[i] = begin(sides, &sides->side[i], program);
	}
	*comparison = (struct comparison){
		.left_name = sides->side[0].name,
		.right_name = sides->side[1].name,
		.program = program,
		.peculiar = compare_peculiar(sides->side[0].core) | compare_peculiar(sides->side[1].core),
	};
	compare_streams(comparison, process[0].stream, process[1].stream);
	for (unsigned int i = 0; i < 2; i++)
		sides->side[i].code = end(&process[i]);
}
