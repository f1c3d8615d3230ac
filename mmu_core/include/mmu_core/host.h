/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * host.h - what a core may ask of the userspace host, and all it knows of userspace.
 *
 * Backends:  mmu_core/host/threads implements this with pthreads and liburcu, mmu_core/host/fibres with one thread in
 *            which a scheduler decides every step (schedule.h).  A core cannot tell which one it runs on.
 * CPUs:      a logical thread is a CPU.  All functions except host_init() are called on a thread that host_cpu_spawn()
 *            started or host_cpu_adopt() made one ("on a CPU").
 * Ownership: whoever allocates frees; objects named by an address (locks, channels) live in the caller's memory.
 * Errors:    0 or a negative errno where a function can fail; misuse is a harness assertion (exit code 3).
 */
#ifndef MMU_CORE_HOST_H
#define MMU_CORE_HOST_H

#include "mmu_core/types.h"

#define HOST_CPUS_MAX 64

/* For variables of the host and the harness that stay as they are when a snapshot brings all else back (schedule.h). */
#define HOST_OUTLIVES_RUNS __attribute__((section(".outlives_runs")))

/*
 * Fixed places in the address space, the same on every run, with and without sanitizers (inside the mid application
 * range of TSan and the high application range of ASan).  hvas lie below the arena because KVM takes any address at or
 * above its direct map for an error (kvm_is_error_hva).
 */
#define HOST_HVA_BASE 0x551000000000UL
#define HOST_HVA_BYTES 0x008000000000UL /* 512 GiB of hva space for one mm */
#define HOST_ARENA_BASE 0x560000000000UL
#define HOST_ARENA_PAGES (1UL << 24) /* pfns [0, HOST_ARENA_PAGES): 64 GiB, sparse */
#define HOST_VMEMMAP_BASE 0x567000000000UL
#define HOST_VMEMMAP_STRIDE 64 /* bytes a pfn, zero-filled: a core's own struct page */

/* ------------------------------------------------------------------------------------------------ start and knobs */

enum host_rcu_flavour {
	HOST_RCU_MEMB,
	HOST_RCU_MB,
};

struct host_config {
	uint64_t seed; /* of every random decision of the host */
	enum host_rcu_flavour rcu;
	uint32_t preempt_ppm; /* chance that a host_point() yields or delays, per million points */
	uint32_t alloc_fail_ppm; /* chance that an allocation that may fail does */
	uint32_t resched_ppm; /* chance that host_resched_wanted() says yes without a reason */
	uint32_t rcu_delay_us_max; /* callbacks run up to this much later than they might */
	uint32_t quarantine_pages; /* freed pages that wait before one is used again, at host_init(); 0: 4096 */
};

/*
 * Hooks of the core that runs on this host; all may be NULL.  cpu_online runs on the new CPU before anything else does;
 * trap is asked about SIGILL and SIGSEGV: true = handled, resume at *pc.
 */
struct host_trap {
	int signo;
	uintptr_t address; /* faulting data address, SIGSEGV only */
	uintptr_t *pc;
	void *ucontext;
};

struct host_core_hooks {
	void (*cpu_online)(unsigned int cpu);
	void (*cpu_offline)(unsigned int cpu);
	bool (*trap)(struct host_trap *trap);
};

/* Once a process, before anything else.  The calling thread becomes CPU 0.  */
int host_init(const struct host_config *config);

/*
 * CPUs that exist already come online for the core, too: the caller's before this returns, those that run RCU callbacks
 * before they run the next one.
 */
void host_set_core_hooks(const struct host_core_hooks *hooks);

/* Same word, same run: a new stream for each CPU is derived from @seed.  Also changes the other knobs while running. */
void host_configure(const struct host_config *config);
const struct host_config *host_configuration(void);

/* This CPU's random stream. */
uint64_t host_random(void);

/* Nanoseconds since host_init(); on fibres since the run began, by counting points. */
uint64_t host_time_ns(void);

/* ---------------------------------------------------------------------------------------------- scheduling points */

enum host_point_kind {
	HOST_POINT_LOAD, /* marked load: READ_ONCE, acquire */
	HOST_POINT_STORE,
	HOST_POINT_ATOMIC,
	HOST_POINT_LOCK,
	HOST_POINT_UNLOCK,
	HOST_POINT_RCU,
	HOST_POINT_SRCU,
	HOST_POINT_WAIT,
	HOST_POINT_WAKE,
	HOST_POINT_IPI,
	HOST_POINT_ALLOC,
	HOST_POINT_FREE,
	HOST_POINT_GUEST, /* before each step of the simulated CPU */
	HOST_POINT_WALK, /* before each level of a page walk */
	HOST_POINT_RESCHED, /* cond_resched and friends */
	HOST_POINT_KINDS,
};

/*
 * Comes before every synchronising operation and marked access, with the object it is about.  May yield, delay or do
 * nothing; never changes what the caller may assume.
 */
void host_point(enum host_point_kind kind, const void *object);
/* @site: where the code goes on that the point stands for, if that is not the caller. */
void host_point_at(enum host_point_kind kind, const void *object, const void *site);

/* True when the running thread ought to yield (time slice over, or injected); the core decides where it does. */
bool host_resched_wanted(void);
void host_yield(void);

/*
 * Faults on demand, of the running CPU: the next but @skip of its allocations that may fail does; the next
 * host_resched_wanted() says yes.  Both last until then, or until host_inject_nothing().
 */
void host_inject_alloc_failure(unsigned int skip);
void host_inject_resched(void);
void host_inject_nothing(void);

/* Allocations that were made to fail so far, on any CPU and for whatever reason. */
uint64_t host_alloc_failures(void);

/* ------------------------------------------------------------------------------------------------------ CPUs, IPIs */

struct host_thread;

/*
 * Starts a thread on a CPU of its own.  @name is kept by reference.  -EAGAIN when all HOST_CPUS_MAX CPUs are in use.
 * host_thread_join() waits for its function to return and frees both; the number is used again afterwards.
 */
int host_cpu_spawn(const char *name, void (*function)(void *argument), void *argument, struct host_thread **thread);
void host_thread_join(struct host_thread *thread);

unsigned int host_cpu_self(void);
bool host_cpu_is_online(unsigned int cpu);
const char *host_cpu_name(unsigned int cpu);

/*
 * Interrupt flag of the running CPU.  Enabling takes what is pending.  Disabled interrupts make the CPU an RCU reader.
 * Calls nest only through save/restore by the caller.
 */
void host_irq_disable(void);
void host_irq_enable(void);
bool host_irq_disabled(void);

/* Nests.  A CPU that may not be preempted is an RCU reader. */
void host_preempt_disable(void);
void host_preempt_enable(void);

/*
 * Sends an interrupt to @cpu that runs @function(@argument) there, with interrupts off.  A target that has interrupts
 * on takes it at once (the sender may run @function for it, so @function must not depend on the CPU it runs on); one
 * that has them off takes it when it enables them.  @wait: return only after @function has returned.
 * @function NULL: only make host_irq_pending() true until interrupts are next enabled.
 */
void host_ipi_send(unsigned int cpu, void (*function)(void *argument), void *argument, bool wait);

/* For the guest loop, which runs with interrupts off: an interrupt waits, so the guest has to exit. */
bool host_irq_pending(void);

/* ----------------------------------------------------------------------------------------------------------- locks */

/*
 * One word serves spinlocks, rwlocks, mutexes and rwsems; zero is free, so a core can keep it inside its own lock
 * object.  @id names the lock for host_lock_held() and in reports (a core's lockdep map, or the lock itself).
 */
struct host_lock {
	uint32_t word;
};

enum host_lock_mode {
	HOST_LOCK_SHARED,
	HOST_LOCK_EXCLUSIVE,
};

/*
 * Rank 0 is exempt.  A CPU that holds a lock of rank r may only take one of rank > r (spec.md I-L3); "sleeps" locks may
 * not be taken by a CPU that holds a spinning lock, has interrupts or preemption off, or is inside an RCU read section.
 * A lock that does not sleep makes its holder an RCU reader (non-preemptible).
 */
struct host_lock_class {
	const char *name;
	uint16_t rank;
	bool sleeps;
};

void host_lock_acquire(struct host_lock *lock, enum host_lock_mode mode, const void *id,
		       const struct host_lock_class *class);
bool host_lock_try(struct host_lock *lock, enum host_lock_mode mode, const void *id,
		   const struct host_lock_class *class);
void host_lock_release(struct host_lock *lock, enum host_lock_mode mode, const void *id);

bool host_lock_is_locked(const struct host_lock *lock, enum host_lock_mode mode); /* or more */
bool host_lock_contended(const struct host_lock *lock); /* somebody waits: rwlock_needbreak */

/* Held by the running CPU; @mode EXCLUSIVE asks for that mode only, SHARED for either. */
bool host_lock_held(const void *id, enum host_lock_mode mode);
unsigned int host_locks_held_count(void);

/* Reports and returns false when the running CPU may not sleep now; @what names the caller in the report. */
bool host_may_sleep(const char *what);

/* ------------------------------------------------------------------------------------------------------- RCU, SRCU */

/* Same layout as the kernel's struct callback_head, so that a core may hand over its own. */
struct host_rcu_head {
	struct host_rcu_head *next;
	void (*function)(struct host_rcu_head *head);
};

void host_rcu_read_lock(void);
void host_rcu_read_unlock(void);
bool host_rcu_read_held(void); /* explicit section, or any non-preemptible region */

/*
 * The callback runs on the host's RCU CPU after a grace period.  Inside a non-preemptible region the grace period
 * starts only when the region ends (kvm-in-userspace.md section 4).
 */
void host_rcu_call(struct host_rcu_head *head, void (*function)(struct host_rcu_head *head));
void host_rcu_synchronize(void);
void host_rcu_barrier(void); /* every callback queued before has run */

struct host_srcu;

struct host_srcu *host_srcu_create(void); /* NULL: out of memory */
void host_srcu_destroy(struct host_srcu *srcu); /* no readers left: asserted */
int host_srcu_read_lock(struct host_srcu *srcu); /* returns the index to unlock with */
void host_srcu_read_unlock(struct host_srcu *srcu, int index);
bool host_srcu_read_held(const struct host_srcu *srcu);
void host_srcu_synchronize(struct host_srcu *srcu);
void host_srcu_call(struct host_srcu *srcu, struct host_rcu_head *head, void (*function)(struct host_rcu_head *head));
void host_srcu_barrier(struct host_srcu *srcu);

/* --------------------------------------------------------------------------------------------------- wait and wake */

/*
 * Lost-wake-up-free sleeping on any address: take the key, test the condition, wait with the key.  A wait may return
 * spuriously; @timeout_ns 0 waits for ever.
 */
uint32_t host_event_key(const void *channel);
void host_event_wait(const void *channel, uint32_t key, uint64_t timeout_ns);
void host_event_wake(const void *channel);

/* ---------------------------------------------------------------------------------------------------------- memory */

/* Zeroed on request; counted by owner for the leak check at VM destruction (I-L6).  @align 0: that of max_align_t. */
enum host_alloc_flags {
	HOST_ALLOC_ZERO = 1 << 0,
	HOST_ALLOC_NOFAIL = 1 << 1, /* not subject to injected failure */
	HOST_ALLOC_ATOMIC = 1 << 2, /* caller may not sleep */
};

void *host_alloc(size_t bytes, size_t align, unsigned int flags);
void host_free(void *pointer);
size_t host_alloc_usable(const void *pointer);
uint64_t host_alloc_live(void); /* objects not yet freed */

/*
 * The same for the harness: zeroed, never NULL, not counted, and no scheduling point.  Whatever belongs to a run comes
 * from here, so that a snapshot (schedule.h) can bring it back.  @pointer may be NULL; what is new is zero.
 */
void *host_memory_alloc(size_t bytes);
void *host_memory_resize(void *pointer, size_t bytes);
void host_memory_free(void *pointer);

/* What a page of the arena is.  FREE pages are poisoned and wait in quarantine before they are handed out again. */
enum host_page_kind {
	HOST_PAGE_FREE,
	HOST_PAGE_CORE, /* page tables and other memory of the core */
	HOST_PAGE_ANON, /* backs an hva through the primary MMU */
	HOST_PAGE_GMEM, /* backs an offset of a guest_memfd */
};

enum host_page_flags {
	HOST_PAGE_REVOKED = 1 << 0, /* no translation may reach it any more */
	HOST_PAGE_READONLY = 1 << 1, /* no translation may write it */
	HOST_PAGE_POISONED = 1 << 2, /* memory failure: GUP says -EHWPOISON */
};

/*
 * Meta data of one pfn.  Read lock-free by the checkers with relaxed loads; written by the host and by
 * host_page_describe().  @epoch grows each time the page goes back to the host; @location is the hva page number (ANON)
 * or the file offset in pages (GMEM) that it backs, @owner the mm or file it belongs to.
 */
struct host_page {
	uint32_t epoch;
	uint8_t kind;
	uint8_t flags;
	uint8_t order; /* of the allocation that it is the head of */
	uint8_t spare;
	uint64_t location;
	uint64_t owner;
};

/* 2^order pages, naturally aligned, contents zero if HOST_ALLOC_ZERO; order 0..8, 9 or 18.  MMU_NO_PFN: none left. */
mmu_pfn_t host_pages_alloc(unsigned int order, enum host_page_kind kind, unsigned int flags);
void host_pages_free(mmu_pfn_t pfn, unsigned int order);
struct host_page *host_page(mmu_pfn_t pfn); /* NULL outside the arena */
void host_page_describe(mmu_pfn_t pfn, uint64_t owner, uint64_t location);
void host_page_set_flags(mmu_pfn_t pfn, uint64_t npages, uint8_t set, uint8_t clear);
uint64_t host_pages_live(enum host_page_kind kind); /* in 4 KiB pages */

static inline void *host_pfn_to_va(mmu_pfn_t pfn)
{
	return (void *)(HOST_ARENA_BASE + (pfn << MMU_PAGE_SHIFT));
}

static inline mmu_pfn_t host_va_to_pfn(const void *va)
{
	return ((uintptr_t)va - HOST_ARENA_BASE) >> MMU_PAGE_SHIFT;
}

/* ----------------------------------------------------------------------------------------------- the primary MMU */

/*
 * The host's own page tables for one process: x86-64 long-mode format, four levels, in arena pages, so that a core may
 * walk them itself (KVM's host_pfn_mapping_level does).  Follows the mmu_notifier protocol: every change of a present
 * entry is bracketed by invalidate_start and invalidate_end; a page is marked REVOKED (or READONLY) as soon as the
 * start handlers have returned, and goes back to the arena before the end handlers run.
 * Locking: all functions may be called from any CPU that may sleep; host_mm_lookup() needs no lock and does not sleep.
 */
struct host_mm;

struct host_mm_notifier {
	void (*invalidate_start)(void *context, hva_t start, hva_t end, bool blockable);
	void (*invalidate_end)(void *context, hva_t start, hva_t end, bool blockable);
	bool (*clear_flush_young)(void *context, hva_t start, hva_t end);
	bool (*clear_young)(void *context, hva_t start, hva_t end);
	bool (*test_young)(void *context, hva_t address);
	void (*release)(void *context);
	void *context;
};

/*
 * Who counts references to data pages.  A core that has page counts of its own (KVM: struct page) provides these:
 * born() takes over the first reference, drop() gives back the mapping's reference and must end in host_pages_free()
 * once the last user is gone.  NULL: the mapping's reference is the only one.
 */
struct host_page_lifetime {
	void (*born)(mmu_pfn_t pfn, unsigned int order);
	void (*drop)(mmu_pfn_t pfn, unsigned int order);
};
void host_set_page_lifetime(const struct host_page_lifetime *lifetime);

struct host_mm *host_mm_create(void); /* NULL: out of memory */
void host_mm_destroy(struct host_mm *mm); /* release handlers run first; all pages are dropped */
void *host_mm_pgd(const struct host_mm *mm); /* the top-level table, in the arena */
uint64_t host_mm_id(const struct host_mm *mm); /* what host_page.owner says for its pages */
int host_mm_notifier_register(struct host_mm *mm, const struct host_mm_notifier *notifier);
/* Calls release() if nobody has, and returns when no handler of @notifier runs any more: mmu_notifier_unregister(). */
void host_mm_notifier_unregister(struct host_mm *mm, const struct host_mm_notifier *notifier);

/* An area in which faults find memory: [start, start + npages).  -EINVAL: outside hva space; -EEXIST: overlaps. */
struct host_mm_area {
	hva_t start;
	uint64_t npages;
	uint8_t level_max; /* largest mapping a fault may create: 1, 2 or 3 */
	bool writable;
};
int host_mm_area_add(struct host_mm *mm, const struct host_mm_area *area);
int host_mm_area_remove(struct host_mm *mm, hva_t start); /* unmaps first */

struct host_mm_mapping {
	mmu_pfn_t pfn; /* of the 4 KiB page at the address asked for */
	uint8_t level;
	bool writable;
};

/*
 * Get-user-page: fills in a missing page, breaks copy-on-write for @write, and takes one reference with @get (called
 * under the page-table lock with the pfn; NULL: none).  -EFAULT: no area, or write to a read-only one; -EHWPOISON.
 * @may_sleep false: only what is mapped already, else -EAGAIN.
 */
int host_mm_fault(struct host_mm *mm, hva_t hva, bool write, bool may_sleep, void (*get)(mmu_pfn_t pfn),
		  struct host_mm_mapping *mapping);
bool host_mm_lookup(const struct host_mm *mm, hva_t hva, struct host_mm_mapping *mapping);

/* copy_from_user and copy_to_user; return the number of bytes that could not be copied. */
size_t host_mm_read(struct host_mm *mm, hva_t hva, void *buffer, size_t bytes);
size_t host_mm_write(struct host_mm *mm, hva_t hva, const void *buffer, size_t bytes);

/* What a host does to memory behind a running guest.  Ranges are rounded out to the mappings they touch. */
void host_mm_unmap(struct host_mm *mm, hva_t hva, uint64_t npages);
void host_mm_protect(struct host_mm *mm, hva_t hva, uint64_t npages); /* read-only until the next write fault (CoW) */
int host_mm_migrate(struct host_mm *mm, hva_t hva); /* same contents, other pfn; -ENOENT: not mapped; -ENOMEM */
int host_mm_split(struct host_mm *mm, hva_t hva); /* a huge mapping into the next smaller ones; -ENOENT */
int host_mm_collapse(struct host_mm *mm, hva_t hva); /* small pages of a 2 MiB frame into one; -ENOENT, -ENOMEM */
void host_mm_poison(struct host_mm *mm, hva_t hva); /* memory failure: unmapped, later faults get -EHWPOISON */
bool host_mm_age(struct host_mm *mm, hva_t hva, uint64_t npages, int how); /* 0 clear_flush, 1 clear, 2 test */
void host_mm_window_open(struct host_mm *mm, hva_t hva, uint64_t npages); /* a bare invalidate_start ... */
void host_mm_window_close(struct host_mm *mm, hva_t hva, uint64_t npages); /* ... and its end */

/*
 * Invalidations that have begun so far, those of faults that break copy-on-write included.  @open, unless NULL: how
 * many of them have not ended.
 */
uint64_t host_mm_invalidations(const struct host_mm *mm, unsigned int *open);

/* --------------------------------------------------------------------------------------------------------- reports */

/* What the core itself complains about; the harness turns these into findings.  BUG does not return. */
enum host_report_class {
	HOST_REPORT_WARN,
	HOST_REPORT_BUG,
	HOST_REPORT_LOCKDEP,
	HOST_REPORT_MEMORY, /* stray access, double free, use after free */
	HOST_REPORT_STALL, /* a wait that did not end */
};

struct host_report {
	enum host_report_class class;
	const char *file; /* may be NULL */
	int line;
	unsigned int cpu;
	char text[1024];
};

typedef void (*host_reporter)(const struct host_report *report);
host_reporter host_set_reporter(host_reporter reporter); /* returns the one before */
void host_report(enum host_report_class class, const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The harness is wrong: prints and ends the process with exit code 3. */
void host_assert_failed(const char *file, int line, const char *expression) __attribute__((noreturn));
#define HOST_ASSERT(expression) ((expression) ? (void)0 : host_assert_failed(__FILE__, __LINE__, #expression))

#endif
