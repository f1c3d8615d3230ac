// SPDX-License-Identifier: GPL-2.0-only
/* symbols.c - reads .symtab of /proc/self/exe once and finds functions in it.  The program is linked without PIE. */
#include "harness/finding/symbols.h"

#include "mmu_core/host.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct symbol {
	uintptr_t start;
	size_t bytes;
	const char *name; /* in the mapped file */
};

static HOST_OUTLIVES_RUNS struct symbol *symbols;
static HOST_OUTLIVES_RUNS size_t symbol_count;

static int compare_symbols(const void *left, const void *right)
{
	const struct symbol *a = left;
	const struct symbol *b = right;

	return a->start < b->start ? -1 : a->start > b->start;
}

static const Elf64_Shdr *find_symbol_table(const Elf64_Ehdr *file)
{
	const Elf64_Shdr *sections = (const void *)((const char *)file + file->e_shoff);

	for (unsigned int i = 0; i < file->e_shnum; i++)
		if (sections[i].sh_type == SHT_SYMTAB)
			return &sections[i];
	return NULL;
}

static int collect(const Elf64_Ehdr *file)
{
	const Elf64_Shdr *sections = (const void *)((const char *)file + file->e_shoff);
	const Elf64_Shdr *table = find_symbol_table(file);
	const Elf64_Sym *entries;
	const char *names;
	size_t count;

	if (!table)
		return -ENOENT;
	entries = (const void *)((const char *)file + table->sh_offset);
	names = (const char *)file + sections[table->sh_link].sh_offset;
	count = table->sh_size / sizeof(*entries);
	symbols = calloc(count, sizeof(*symbols));
	if (!symbols)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (ELF64_ST_TYPE(entries[i].st_info) != STT_FUNC || !entries[i].st_size)
			continue;
		symbols[symbol_count++] = (struct symbol){
			.start = entries[i].st_value,
			.bytes = entries[i].st_size,
			.name = names + entries[i].st_name,
		};
	}
	qsort(symbols, symbol_count, sizeof(*symbols), compare_symbols);
	return 0;
}

int symbols_load(void)
{
	void *file = MAP_FAILED;
	struct stat status;
	int fd;

	if (symbols)
		return 0;
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Stays mapped: the names are in it. */
	if (fstat(fd, &status) == 0)
		file = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	return file == MAP_FAILED ? -ENOMEM : collect(file);
}

const char *symbols_name(uintptr_t address, size_t *offset)
{
	size_t low = 0;
	size_t high = symbol_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct symbol *symbol = &symbols[middle];

		if (address < symbol->start) {
			high = middle;
		} else if (address >= symbol->start + symbol->bytes) {
			low = middle + 1;
		} else {
			*offset = address - symbol->start;
			return symbol->name;
		}
	}
	return NULL;
}
