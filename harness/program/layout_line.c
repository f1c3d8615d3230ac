// SPDX-License-Identifier: GPL-2.0-only
/*
 * layout_line.c - one line of a layout; the table below is its grammar.
 *
 * Source: corpora/layouts/README.md.
 */
#include "harness/program/layout_line.h"

#include <string.h>

#define PAGE_MASK (MMU_PAGE_SIZE - 1)
#define A_SLOT (BIT(as) | BIT(id) | BIT(gpa) | BIT(size) | BIT(flags) | BIT(private))

static const char *const key_names[KEYS] = { "as",  "id",  "gpa",   "size",   "flags", "private",
					     "hva", "mem", "count", "stride", "last",  "times" };

static const struct {
	const char *name, *usage;
	unsigned int needs, may;
} verbs[VERBS] = {
	[VERB_slot] = { "slot", "slot as= id= gpa= size= flags= private= [hva=|mem=]", A_SLOT, BIT(hva) | BIT(mem) },
	[VERB_delete] = { "delete", "delete as= id=", BIT(as) | BIT(id), 0 },
	[VERB_flags] = { "flags", "flags as= id= flags=", BIT(as) | BIT(id) | BIT(flags), 0 },
	[VERB_move] = { "move", "move as= id= gpa= size= flags= private=", A_SLOT, 0 },
	[VERB_attr] = { "attr", "attr gpa= size= private=", BIT(gpa) | BIT(size) | BIT(private), 0 },
	[VERB_fill] = { "fill", "fill as= id= count= gpa= size= stride= flags= private= [hva=|mem=]",
			A_SLOT | BIT(count) | BIT(stride), BIT(hva) | BIT(mem) },
	[VERB_repeat] = { "repeat", "repeat last= times=", BIT(last) | BIT(times), 0 },
};

/* ----------------------------------------------------------------------------------------------------------- values */

static bool parse_flags(struct layout_reader *reader, struct word word, uint64_t *flags)
{
	static const struct {
		const char *text;
		uint32_t flags;
	} rows[] = {
		{ "rw", 0 },
		{ "ro", MMU_SLOT_READONLY },
		{ "rw|dirty", MMU_SLOT_LOG_DIRTY },
		{ "ro|dirty", MMU_SLOT_READONLY | MMU_SLOT_LOG_DIRTY },
	};
	char shown[WORD_SHOWN];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (word_is(word, rows[i].text)) {
			*flags = rows[i].flags;
			return true;
		}
	}
	return scan_fail(&reader->scanner, word.text, "'%s' is none of rw, ro, rw|dirty, ro|dirty",
			 word_show(word, shown));
}

static bool parse_address(struct layout_reader *reader, struct word word, uint64_t most, uint64_t *value)
{
	char shown[WORD_SHOWN];

	if (!word_number(&reader->scanner, word, most, value))
		return false;
	if (!(*value & PAGE_MASK))
		return true;
	return scan_fail(&reader->scanner, word.text, "%s is no multiple of 0x%lx", word_show(word, shown),
			 MMU_PAGE_SIZE);
}

static bool parse_size(struct layout_reader *reader, struct word word, uint64_t *value)
{
	if (!parse_address(reader, word, LAYOUT_GPA_END, value))
		return false;
	return *value || scan_fail(&reader->scanner, word.text, "a range is at least one page long");
}

static bool name_space(struct layout_reader *reader, struct word name, uint32_t *space)
{
	uint32_t known = reader->nr_names;

	for (uint32_t i = 0; i < known; i++) {
		if (reader->name[i].length == name.length && !memcmp(reader->name[i].text, name.text, name.length)) {
			*space = LAYOUT_SPACE_NAMED + i;
			return true;
		}
	}
	if (known == LAYOUT_NAMES_MAX)
		return scan_fail(&reader->scanner, name.text, "more than %u names of memory", LAYOUT_NAMES_MAX);
	reader->name[known] = name;
	*space = LAYOUT_SPACE_NAMED + reader->nr_names++;
	return true;
}

/* NAME+OFFSET; the name may have a '+' of its own. */
static bool parse_memory(struct layout_reader *reader, struct word word, struct layout_place *place)
{
	char shown[WORD_SHOWN];
	size_t plus = word.length;

	while (plus && word.text[plus - 1] != '+')
		plus--;
	if (plus < 2)
		return scan_fail(&reader->scanner, word.text, "'%s' is no place in memory: mem=NAME+OFFSET",
				 word_show(word, shown));
	return name_space(reader, (struct word){ word.text, plus - 1 }, &place->space) &&
	       parse_address(reader, (struct word){ word.text + plus, word.length - plus }, LAYOUT_MEMORY_END,
			     &place->at);
}

static bool parse_value(struct layout_reader *reader, enum key key, struct word word, struct request *request)
{
	uint64_t *value = &request->value[key];

	switch (key) {
	case KEY_as:
		return word_number(&reader->scanner, word, MMU_ADDRESS_SPACES_MAX - 1, value);
	case KEY_id:
		return word_number(&reader->scanner, word, LAYOUT_IDS - 1, value);
	case KEY_gpa:
		return parse_address(reader, word, LAYOUT_GPA_END, value);
	case KEY_hva:
		request->place.space = LAYOUT_SPACE_CAPTURED;
		return parse_address(reader, word, LAYOUT_MEMORY_END, &request->place.at);
	case KEY_mem:
		return parse_memory(reader, word, &request->place);
	case KEY_size:
	case KEY_stride:
		return parse_size(reader, word, value);
	case KEY_flags:
		return parse_flags(reader, word, value);
	case KEY_private:
		return word_number(&reader->scanner, word, 1, value);
	default:
		return word_number(&reader->scanner, word, LAYOUT_EVENTS_MAX, value);
	}
}

/* ------------------------------------------------------------------------------------------------------------ lines */

static bool parse_verb(struct layout_reader *reader, enum verb *verb)
{
	char shown[WORD_SHOWN], right[80];
	struct near_name near;

	reader->verb = scan_name(&reader->scanner);
	near_begin(&near, reader->verb);
	for (*verb = 0; *verb < VERBS; ++*verb) {
		if (word_is(reader->verb, verbs[*verb].name))
			return true;
		near_try(&near, verbs[*verb].name, strlen(verbs[*verb].name));
	}
	return scan_fail(&reader->scanner, reader->verb.text, "'%s' is no event: %s", word_show(reader->verb, shown),
			 near_show(&near, "slot, delete, flags, move, attr, fill or repeat", right, sizeof(right)));
}

static bool parse_key(struct layout_reader *reader, struct request *request)
{
	struct word name = scan_name(&reader->scanner);
	char shown[WORD_SHOWN];
	enum key key = 0;

	while (key < KEYS && !word_is(name, key_names[key]))
		key++;
	if (key == KEYS || !((verbs[request->verb].needs | verbs[request->verb].may) >> key & 1))
		return scan_fail(&reader->scanner, name.text, "'%s' does not belong here: %s", word_show(name, shown),
				 verbs[request->verb].usage);
	if (request->given >> key & 1)
		return scan_fail(&reader->scanner, name.text, "'%s' stands there twice", key_names[key]);
	request->given |= 1u << key;
	if ((request->given & BIT(hva)) && (request->given & BIT(mem)))
		return scan_fail(&reader->scanner, name.text, "memory is named by hva= or mem=, not by both");
	return scan_value(&reader->scanner, name, &reader->word[key]) &&
	       parse_value(reader, key, reader->word[key], request);
}

bool layout_line(struct layout_reader *reader, struct request *request)
{
	unsigned int missing;

	*request = (struct request){ .line = reader->scanner.line_number };
	if (!parse_verb(reader, &request->verb))
		return false;
	for (enum key key = 0; key < KEYS; key++)
		reader->word[key] = reader->verb;
	while (!scan_at_line_end(&reader->scanner)) {
		if (!parse_key(reader, request))
			return false;
	}
	missing = verbs[request->verb].needs & ~request->given;
	if (missing)
		return scan_fail(&reader->scanner, reader->scanner.at, "'%s' is missing: %s",
				 key_names[__builtin_ctz(missing)], verbs[request->verb].usage);
	return true;
}
