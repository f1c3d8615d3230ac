// SPDX-License-Identifier: GPL-2.0-only
/*
 * world_slots_test.c - the model's slots against a plain list, over many random requests.
 */
#include <errno.h>

#include "world_fixture.h"

#define REQUESTS 200000
#define IDS 3000
#define GFNS 100000
#define LONGEST 60

struct known {
	gfn_t base;
	uint64_t npages; /* 0: no such slot */
};

static struct known known[IDS];

static bool known_overlaps(unsigned int self, gfn_t base, uint64_t npages)
{
	for (unsigned int id = 0; id < IDS; id++) {
		if (id != self && known[id].npages && base < known[id].base + known[id].npages &&
		    known[id].base < base + npages)
			return true;
	}
	return false;
}

static const struct known *known_at(gfn_t gfn)
{
	for (unsigned int id = 0; id < IDS; id++) {
		if (gfn - known[id].base < known[id].npages)
			return &known[id];
	}
	return NULL;
}

static uint16_t id_of(unsigned int index)
{
	return (uint16_t)(index * 10); /* over many blocks of ids */
}

/* A core that refuses what overlaps, as KVM does; some requests it refuses without a reason. */
static void request(struct world *world)
{
	unsigned int index = host_random() % IDS;
	struct known *slot = &known[index], next = { host_random() % GFNS, slot->npages };

	if (host_random() % 3 == 0)
		next.npages = 0;
	else if (!next.npages)
		next.npages = 1 + host_random() % LONGEST;
	if (!next.npages)
		fake.answer = slot->npages ? 0 : -EINVAL;
	else
		fake.answer = known_overlaps(index, next.base, next.npages) ? -EEXIST : 0;
	if (!fake.answer && host_random() % 50 == 0)
		fake.answer = -ENOMEM;
	if (!next.npages)
		world_slot_delete(world, 0, id_of(index));
	else
		world_slot_create(world, 0, id_of(index), next.base, next.npages, HOST_HVA_BASE, 0);
	if (!fake.answer)
		*slot = next;
}

static void look(const struct world *world, gfn_t gfn)
{
	const struct known *wanted = known_at(gfn);
	const struct model_slot *found = model_slot_at(&world->model, 0, gfn);

	CHECK(!found == !wanted);
	if (found && wanted)
		CHECK(found->now.base == wanted->base && found->id == id_of((unsigned int)(wanted - known)));
}

static void check_all(const struct world *world)
{
	for (unsigned int index = 0; index < IDS; index++) {
		const struct model_slot *slot = model_slot_by_id(&world->model, 0, id_of(index));

		CHECK(!slot == !known[index].npages);
		if (slot)
			CHECK(slot->now.base == known[index].base && slot->now.npages == known[index].npages);
		if (known[index].npages) {
			look(world, known[index].base);
			look(world, known[index].base + known[index].npages - 1);
			look(world, known[index].base + known[index].npages);
			look(world, known[index].base - 1);
		}
	}
	CHECK(!model_slot_by_id(&world->model, 1, 0) && !model_slot_at(&world->model, 1, known[0].base));
}

/* While a slot moves, both places are lawful: the index has the old one, the change the new one. */
static struct world *moving;
static bool seen_changing;

static void during_move(void)
{
	const struct model_as *as = &moving->model.as[0];

	seen_changing = as->changing && as->changing->id == 0 && as->changing->next.base == 2 * GFNS &&
			model_slot_over(as, known[0].base) == as->changing && !model_slot_over(as, 2 * GFNS);
}

static void moves_show_both_places(struct world *world)
{
	fake.answer = 0;
	if (known[0].npages)
		world_slot_delete(world, 0, 0);
	known[0] = (struct known){ 3 * GFNS, 7 };
	world_slot_create(world, 0, 0, known[0].base, known[0].npages, HOST_HVA_BASE, 0);
	moving = world;
	fake.during = during_move;
	CHECK(!world_slot_move(world, 0, 0, 2 * GFNS) && seen_changing);
	fake.during = NULL;
	known[0].base = 2 * GFNS;
	look(world, 2 * GFNS + 6);
	look(world, 3 * GFNS);
	CHECK(!world->model.as[0].changing);
}

int main(void)
{
	struct fixture fixture;

	fixture_start(&fixture, MMU_PAGING_EPT, MMU_VM_DEFAULT);
	for (unsigned int i = 0; i < REQUESTS; i++) {
		request(fixture.world);
		if (i % 20000 == 0)
			check_all(fixture.world);
	}
	check_all(fixture.world);
	moves_show_both_places(fixture.world);
	EXPECT_FINDINGS(INV_M1, 0);
	fixture_stop(&fixture);
	return 0;
}
