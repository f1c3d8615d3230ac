// SPDX-License-Identifier: GPL-2.0-only
/* shrinker.c - memory pressure: the one shrinker that KVM's MMU registers, run when the harness asks for it. */
#include <linux/mm.h>
#include <linux/shrinker.h>

#include "shim.h"

static struct shrinker *registered;

#if HAVE_SHRINKER_ALLOC
/* real */
struct shrinker *shrinker_alloc(unsigned int flags, const char *format, ...)
{
	return host_alloc(sizeof(struct shrinker), 0, HOST_ALLOC_ZERO);
}

/* real */
void shrinker_register(struct shrinker *shrinker)
{
	registered = shrinker;
}

/* real */
void shrinker_free(struct shrinker *shrinker)
{
	if (registered == shrinker)
		registered = NULL;
	if (shrinker)
		host_free(shrinker);
}
#else
/* real */
int register_shrinker(struct shrinker *shrinker, const char *format, ...)
{
	registered = shrinker;
	return 0;
}

/* real */
void unregister_shrinker(struct shrinker *shrinker)
{
	registered = NULL;
}
#endif

long shim_shrink(unsigned long count)
{
	struct shrink_control control = { .gfp_mask = GFP_KERNEL, .nr_to_scan = count };
	unsigned long freed;

	if (!registered)
		return -EOPNOTSUPP;
	if (!registered->count_objects(registered, &control))
		return 0;
	control.nr_to_scan = count;
	freed = registered->scan_objects(registered, &control);
	return freed == SHRINK_STOP ? 0 : freed;
}
