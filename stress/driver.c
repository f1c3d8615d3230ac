// SPDX-License-Identifier: GPL-2.0-only
/*
 * driver.c - the controller: VM after VM, audit after audit, until time, operations or the user's patience are over.
 */
#include "stress/driver.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "harness/finding/finding.h"
#include "stress/machine.h"

#define NS_PER_MS 1000000ULL
#define NS_PER_S 1000000000ULL
#define LOOK_EVERY_NS (10 * NS_PER_MS)

/* Sanitizers and a loaded machine make a step slow, nothing lawful makes it this slow. */
#define STALL_SECONDS 60

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signo)
{
	(void)signo;
	interrupted = 1;
}

static void catch_interrupts(void)
{
	struct sigaction action = { .sa_handler = on_interrupt, .sa_flags = SA_RESETHAND };

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* ----------------------------------------------------------------------------------------------------- last words */

/* A process that may hang in its last words is ended by SIGALRM. */
#define LAST_WORDS_SECONDS 20

static struct stress *running; /* NULL: nobody's last words any more */
static bool last_words_said;

static int tell_result(struct stress *stress)
{
	const char *json = stress->options->json;

	stress->end_ns = host_time_ns();
	progress_line(stress, true);
	progress_summary(stress);
	if (json && result_write(stress, json)) {
		fprintf(stderr, "mmutorture stress: --json: %s could not be written\n", json);
		return EXIT_HARNESS;
	}
	return EXIT_OK;
}

/* The process is about to end in the middle of the run, on any thread, perhaps in a signal handler. */
static void last_words(void)
{
	struct stress *stress = __atomic_exchange_n(&running, NULL, __ATOMIC_RELAXED);

	if (!stress)
		return;
	alarm(LAST_WORDS_SECONDS);
	tell_result(stress);
	fflush(stdout);
	__atomic_store_n(&last_words_said, true, __ATOMIC_RELEASE);
}

/* Another thread is at it: it has to be able to finish. */
static void await_last_words(void)
{
	uint32_t nobody_wakes_this = 0;

	while (!__atomic_load_n(&last_words_said, __ATOMIC_ACQUIRE))
		host_event_wait(&nobody_wakes_this, host_event_key(&nobody_wakes_this), LOOK_EVERY_NS);
}

/* What the core does not survive. */
static void on_core_report(const struct host_report *report)
{
	finding_core_report(report);
	if (report->class == HOST_REPORT_BUG || report->class == HOST_REPORT_MEMORY)
		last_words();
}

/* Of AddressSanitizer's runtime, where it is linked in. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void arrange_last_words(struct stress *stress)
{
	running = stress;
	host_set_reporter(on_core_report);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(last_words);
}

/* --------------------------------------------------------------------------------------------------- the controller */

static bool is_over(const struct stress *stress)
{
	const struct stress_options *options = stress->options;

	if (interrupted || (finding_any() && !options->keep_going))
		return true;
	if (options->ops && workers_ops(stress) >= options->ops)
		return true;
	return options->seconds && host_time_ns() - stress->begin_ns >= options->seconds * NS_PER_S;
}

/* The workers run until @until_ns, or until the run is over. */
static void watch(struct stress *stress, uint64_t until_ns)
{
	uint32_t nobody_wakes_this = 0;

	while (host_time_ns() < until_ns && !is_over(stress)) {
		uint64_t left = until_ns - host_time_ns();

		host_event_wait(&nobody_wakes_this, host_event_key(&nobody_wakes_this),
				left < LOOK_EVERY_NS ? left + 1 : LOOK_EVERY_NS);
		progress_line(stress, false);
	}
}

/* False: a worker is stuck, and nothing more can be done with this process. */
static bool live_one_vm(struct stress *stress)
{
	uint64_t end_ns = host_time_ns() + stress->options->vm_ms * NS_PER_MS;

	while (host_time_ns() < end_ns && !is_over(stress)) {
		uint64_t audit_ns = host_time_ns() + stress->options->audit_ms * NS_PER_MS;

		workers_resume(stress);
		watch(stress, audit_ns < end_ns ? audit_ns : end_ns);
		if (!workers_park(stress, STALL_SECONDS))
			return false;
		generation_audit(stress);
	}
	return true;
}

/*
 * After a finding the core's state is not to be trusted: the VM is left standing, so that what was found is not
 * followed by what came of it.
 */
static bool may_destroy(const struct stress *stress)
{
	return !finding_any() || stress->options->keep_going;
}

static int run_generations(struct stress *stress)
{
	while (!is_over(stress)) {
		int error = generation_begin(stress);

		if (error == -EOPNOTSUPP) {
			fprintf(stderr, "mmutorture stress: %s has no VM of the type that is asked for\n",
				stress->core->version());
			return EXIT_SKIPPED;
		}
		if (error) {
			fprintf(stderr, "mmutorture stress: no VM could be made (error %d)\n", -error);
			return EXIT_HARNESS;
		}
		if (!live_one_vm(stress))
			return EXIT_FINDING;
		if (may_destroy(stress))
			generation_end(stress);
	}
	return finding_any() ? EXIT_FINDING : EXIT_OK;
}

int stress_run(struct stress *stress)
{
	int result;

	catch_interrupts();
	if (workers_start(stress))
		return EXIT_HARNESS;
	progress_header(stress);
	stress->begin_ns = host_time_ns();
	arrange_last_words(stress);
	result = run_generations(stress);
	if (!__atomic_exchange_n(&running, NULL, __ATOMIC_RELAXED)) {
		await_last_words();
		return EXIT_FINDING;
	}
	if (tell_result(stress))
		return EXIT_HARNESS;
	if (interrupted)
		printf("ended by a signal\n");
	if (result == EXIT_OK)
		workers_join(stress);
	return result;
}
